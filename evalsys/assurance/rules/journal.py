"""Who reads the journal, and what its verbs and objects are called in the hall."""

from collections.abc import Mapping
from enum import StrEnum

from evalsys.kernel.access import Permission
from evalsys.kernel.words import N_

SEE_JOURNAL = Permission("see-journal", frozenset({"auditor"}))

READ_CONTACT = "read-contact"
DRAW = "draw-ratings"


class Link(StrEnum):
    """How an entry's link in the chain stands: whole, changed since it was written, or following nothing."""

    WHOLE = "whole"
    CHANGED = "changed"
    LOOSE = "loose"


# The sign stands beside the words, so that colour alone says nothing.
LINK_WORDS: Mapping[Link, tuple[str, str]] = {
    Link.WHOLE: ("✓", N_("完好")),
    Link.CHANGED: ("▲", N_("与写下时不同")),
    Link.LOOSE: ("▲", N_("前一条没有了")),
}

# Every verb that is recorded anywhere.
VERB_WORDS: Mapping[str, str] = {
    READ_CONTACT: N_("查看联系方式"),
    "purge-contacts": N_("清除到期的联系方式"),
    "purge": N_("清除到期的个人信息"),
    "reseal": N_("联系方式换密钥"),
    "erase": N_("按凭证号删除个人信息"),
    "propose-redaction": N_("提议隐去原话"),
    "agree-redaction": N_("同意隐去原话"),
    "refuse-redaction": N_("不同意隐去原话"),
    "read-case": N_("查看整改单"),
    "read-ratings": N_("查看评价"),
    "read-spot-check": N_("查看抽查"),
    DRAW: N_("抽查评价"),
    "export-journal": N_("导出流水"),
    "propose-standing": N_("提议怎么计"),
    "agree-standing": N_("同意提议"),
    "refuse-standing": N_("不同意提议"),
    "redact-message": N_("隐去留言"),
    "enter-paper": N_("录入纸质评价单"),
    "create-account": N_("新建账号"),
    "move-account": N_("账号换部门"),
    "set-roles": N_("改账号的角色"),
    "disable": N_("停用账号"),
    "enable": N_("启用账号"),
    "reset-password": N_("重设密码"),
    "change-password": N_("改自己的密码"),
    "enrol-second-step": N_("设动态码"),
    "drop-second-step": N_("撤动态码"),
    "use-recovery-code": N_("用备用码登录"),
    "create-token": N_("发接口令牌"),
    "revoke-token": N_("收回接口令牌"),
    "add-device": N_("登记设备"),
    "pair-device": N_("配对设备"),
    "renew-pairing": N_("重发配对码"),
    "revoke-device": N_("停用设备"),
    "issue-codes": N_("补发评价码"),
    "issue-code": N_("换发评价码"),
    "revoke-code": N_("停用评价码"),
    "close-window": N_("停用窗口"),
    "reopen-window": N_("重开窗口"),
    "move-window": N_("窗口换部门"),
    "rename-unit": N_("部门改名"),
    "import-organisation": N_("导入组织数据"),
    "add-shift": N_("加一班"),
    "withdraw-shift": N_("撤一班"),
    "give-shift": N_("换人上班"),
    "swap-shifts": N_("两班对调"),
    "take-over": N_("接班"),
    "load-calendar": N_("导入工作日历"),
    "settle-calendar": N_("确认工作日历"),
    "set-office-hours": N_("改办公时间"),
    "set-hall-hours": N_("改大厅开放时间"),
    "put-in-charge": N_("列入责任目录"),
    "take-out-of-charge": N_("移出责任目录"),
    "add-reply-template": N_("加答复模板"),
    "retire-reply-template": N_("停用答复模板"),
    "put-on-call": N_("排进值班表"),
    "take-off-call": N_("移出值班表"),
    "take-orders": N_("导入工单"),
    "drop-refusal": N_("不采用窗口记下的"),
    "draft-bulletin": N_("起草通报"),
    "approve-bulletin": N_("审核通报"),
    "publish-bulletin": N_("发布通报"),
    "drop-bulletin": N_("作废通报"),
    "note-fix": N_("登记您提我改"),
    "withdraw-fix": N_("撤下您提我改"),
    "put-up-board": N_("设大屏"),
    "take-down-board": N_("撤大屏"),
    "formulas": N_("口径变了"),
}

# What an entry is about, by the first word of its object; other objects stand for themselves.
OBJECT_WORDS: Mapping[str, str] = {
    "account": N_("账号%(name)s"),
    "board": N_("大屏%(name)s"),
    "bulletin": N_("通报%(name)s"),
    "case": N_("整改单%(name)s"),
    "day": N_("%(name)s这一天"),
    "device": N_("设备%(name)s"),
    "draft": N_("窗口记下的第%(name)s件"),
    "duty": N_("排班第%(name)s班"),
    "fix": N_("您提我改第%(name)s件"),
    "paper": N_("纸质评价单%(name)s"),
    "proposal": N_("提议%(name)s"),
    "redaction": N_("隐去提议%(name)s"),
    "turn": N_("值班第%(name)s班"),
    "window-code": N_("评价码%(name)s"),
}
