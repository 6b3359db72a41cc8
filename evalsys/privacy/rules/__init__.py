"""How long what leads to a person is kept, and who may put words out of sight."""

from collections.abc import Collection
from datetime import timedelta

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

# Two of them together; nobody of the rated side.
REDACT_WORDS = Permission("redact-words", frozenset({"supervisor", "auditor"}))

# Numbers in what citizens wrote, once nobody works on it any more: as long as their contacts.
WORDS_KEPT = timedelta(days=90)
# The daily purge looks back so far: a site that stood still for longer catches up by `evalsys privacy purge`.
LOOKED_BACK = timedelta(days=7)

REASON_LIMIT = 150  # code points


class NotHidden(Refused):
    """There is nothing in sight to be hidden, or no reason for it."""


class NotOutside(Refused):
    """Somebody of the rated unit would have a hand in what stays in sight."""

    status = 403


class AlreadySaid(Refused):
    """Somebody else has proposed or decided it meanwhile."""

    status = 409


def check_proposal(reason: str, in_sight: Collection[str], *, is_waiting: bool) -> None:
    """Refuse a proposal without a reason, about nothing, or made already."""
    if not reason:
        raise NotHidden("请写明为什么要隐去,不要把要隐去的内容写进来。")
    if len(reason) > REASON_LIMIT:
        raise NotHidden("理由最多{limit}个字。", limit=REASON_LIMIT)
    if not in_sight:
        raise NotHidden("这条评价没有可隐去的原话。")
    if is_waiting:
        raise AlreadySaid("已经有人提出,正等另一位决定。")


def check_outside(unit_id: int, rated_units: Collection[int]) -> None:
    """Refuse whoever belongs to the rated unit or below it."""
    if unit_id in rated_units:
        raise NotOutside("被评单位的人不能决定隐去对本单位的评价。")


KIND_WORDS = {
    "traces": N_("设备标记和当天的密钥(48小时内)"),
    "contacts": N_("联系方式(办结满90天)"),
    "words": N_("评价原话里的号码(满90天,整段隐去)"),
    "messages": N_("留言里的号码(办结满90天)"),
    "appeals": N_("申诉材料里的号码(办结满90天)"),
    "reports": N_("反映和工单里的号码(办结满90天)"),
    "drafts": N_("窗口记下的“不予受理”里的号码(满90天)"),
    "marks": N_("反映人设备标记(10分钟)"),
    "sessions": N_("登录记录(半年没用过)"),
    "failures": N_("登录失败记录(1天)"),
    "pairing": N_("过期的配对码"),
}
