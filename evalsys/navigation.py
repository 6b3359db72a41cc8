"""The navigation: which pages there are, in which groups, and who sees them. A table, as wiring is."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalsys.assurance.rules.journal import SEE_JOURNAL
from evalsys.assurance.rules.standing import SEE_SIGNALS
from evalsys.dashboards.rules import SEE_CONSOLE, SEE_LIVE, SEE_RANKINGS
from evalsys.dashboards.rules.boards import KEEP_BOARDS
from evalsys.dashboards.rules.bulletins import SEE_BULLETINS
from evalsys.dashboards.rules.fixes import SEE_FIXES
from evalsys.desk.rules import TYPE_ORDERS
from evalsys.desk.rules.counts import SEE_ORDER_COUNTS
from evalsys.desk.rules.on_call import KEEP_ON_CALL
from evalsys.desk.rules.reports import WORK_REPORTS
from evalsys.evaluation.rules import ASK_TO_RATE, ASSIST, ENTER_PAPER, PRINT_CODES, READ_COMMENTS
from evalsys.identity.rules import MANAGE_ACCOUNTS, OWN_ACCOUNT, SEE_DEVICES
from evalsys.kernel.access import Permission
from evalsys.kernel.words import N_, NP_
from evalsys.organisation.rules import EDIT_ORGANISATION, HAND_OVER, MANAGE_ROTA
from evalsys.privacy.rules import REDACT_WORDS
from evalsys.rectification.rules import CHASE, DISPATCH_CASES, KEEP_GUIDANCE, READ_CASES
from evalsys.rectification.rules.appeals import REVIEW_APPEALS
from evalsys.rectification.rules.citizens import RELAY
from evalsys.rectification.rules.figures import SEE_FIGURES
from evalsys.worktime.rules import KEEP_CALENDAR


@dataclass(frozen=True)
class Page:
    """One page in the navigation, shown to those who may see it."""

    endpoint: str
    label: str
    permission: Permission


NAVIGATION: Sequence[tuple[str, Sequence[Page]]] = (
    (N_("本单位窗口"), (Page("dashboards.console", N_("本单位窗口"), SEE_CONSOLE),)),
    (
        N_("排名"),
        (
            Page("dashboards.overview", N_("总览"), SEE_LIVE),
            Page("dashboards.windows", NP_("several", "窗口"), SEE_RANKINGS),
            Page("dashboards.staff", N_("人员"), SEE_RANKINGS),
            Page("dashboards.departments", NP_("several", "部门"), SEE_RANKINGS),
        ),
    ),
    (
        N_("指标"),
        (
            Page("dashboards.tags", N_("标签"), SEE_LIVE),
            Page("dashboards.participation", N_("参与"), SEE_LIVE),
            Page("dashboards.done", N_("一次办成"), SEE_LIVE),
            Page("dashboards.items", N_("按事项"), SEE_LIVE),
            Page("dashboards.own", N_("差评归属"), SEE_LIVE),
            Page("dashboards.compared", N_("与上期比较"), SEE_LIVE),
            Page("dashboards.moved", N_("数字为什么变了"), SEE_LIVE),
            Page("dashboards.fixes", N_("您提我改"), SEE_FIXES),
            Page("dashboards.indicators", N_("口径"), SEE_RANKINGS),
        ),
    ),
    (
        N_("差评整改"),
        (
            Page("rectification.queue", N_("差评整改"), READ_CASES),
            Page("rectification.chase", N_("日督催"), CHASE),
            Page("rectification.supervision_notices", N_("督办单"), CHASE),
            Page("rectification.figures", N_("整改指标"), SEE_FIGURES),
            Page("rectification.messages_waiting", N_("留言转达"), RELAY),
            Page("rectification.dispatch_desk", N_("派单台"), DISPATCH_CASES),
            Page("rectification.appeals_desk", N_("申诉复核"), REVIEW_APPEALS),
            Page("rectification.guidance", N_("责任目录和答复模板"), KEEP_GUIDANCE),
        ),
    ),
    (
        N_("工单"),
        (
            Page("desk.orders", N_("工单受理"), TYPE_ORDERS),
            Page("desk.halls_of_reports", N_("办不成事"), WORK_REPORTS),
            Page("desk.on_call", N_("值班表"), KEEP_ON_CALL),
            Page("desk.order_counts", N_("工单统计"), SEE_ORDER_COUNTS),
        ),
    ),
    (N_("通报"), (Page("dashboards.bulletins", N_("通报"), SEE_BULLETINS),)),
    (
        N_("疑点"),
        (
            Page("assurance.signals", N_("疑点"), SEE_SIGNALS),
            Page("assurance.standing_desk", N_("计入决定"), SEE_SIGNALS),
        ),
    ),
    (
        N_("评价记录"),
        (
            Page("evaluation.comments", N_("评价记录"), READ_COMMENTS),
            Page("privacy.redaction_desk", N_("隐去原话"), REDACT_WORDS),
        ),
    ),
    (
        N_("流水"),
        (
            Page("assurance.journal", N_("流水"), SEE_JOURNAL),
            Page("assurance.journal_of_contacts", N_("谁看过联系方式"), SEE_JOURNAL),
            Page("assurance.spot_checks_desk", N_("抽查"), SEE_JOURNAL),
        ),
    ),
    (N_("帮忙评价"), (Page("evaluation.assist", N_("帮忙评价"), ASSIST),)),
    (N_("纸质评价单"), (Page("evaluation.paper", N_("纸质评价单"), ENTER_PAPER),)),
    (NP_("several", "评价码"), (Page("evaluation.window_codes", NP_("several", "评价码"), PRINT_CODES),)),
    (N_("请评"), (Page("evaluation.console_prompt", N_("请评"), ASK_TO_RATE),)),
    (
        N_("排班"),
        (
            Page("organisation.rota", N_("排班"), MANAGE_ROTA),
            Page("organisation.hand_over", N_("接班"), HAND_OVER),
        ),
    ),
    (N_("设备"), (Page("identity.devices", N_("设备"), SEE_DEVICES),)),
    (N_("大屏"), (Page("dashboards.boards", N_("大屏"), KEEP_BOARDS),)),
    (
        N_("组织数据"),
        (
            Page("organisation.overview", N_("总览"), EDIT_ORGANISATION),
            Page("organisation.windows", NP_("several", "窗口"), EDIT_ORGANISATION),
            Page("organisation.staff", N_("人员"), EDIT_ORGANISATION),
            Page("organisation.items", NP_("several", "事项"), EDIT_ORGANISATION),
            Page("organisation.bring_in", N_("导入"), EDIT_ORGANISATION),
        ),
    ),
    (N_("工作日历"), (Page("worktime.calendar", N_("工作日历"), KEEP_CALENDAR),)),
    (NP_("several", "账号"), (Page("identity.accounts", NP_("several", "账号"), MANAGE_ACCOUNTS),)),
    (
        N_("我的"),
        (
            Page("identity.own_account", N_("我的账号"), OWN_ACCOUNT),
            Page("identity.notices", N_("通知"), OWN_ACCOUNT),
        ),
    ),
)
