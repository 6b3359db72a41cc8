"""What citizens meet of a case: its state in their words, and what they may still do, how long."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from evalsys.identity import rules as identity
from evalsys.kernel.access import Actor, Permission
from evalsys.kernel.words import N_
from evalsys.organisation.rules import CLERKS_SIDE
from evalsys.rectification.rules import NotAllowed, NotYours
from evalsys.rectification.rules.hands import is_of_unit
from evalsys.rectification.rules.looking import CaseAsIs
from evalsys.rectification.rules.states import OPEN, State

RELAY = Permission("relay-messages", frozenset({"supervisor"}))
WRITE_TO_CITIZENS = Permission("write-to-citizens", frozenset({"owner", "supervisor"}))
READ_CONTACTS = Permission("read-contacts", identity.SEES_CONTACTS, second_step=True)

MESSAGE_LIMIT = 150  # code points
NAME_LIMIT = 20  # code points of how one wants to be called
MESSAGES_WAITING = 5  # of one receipt, before the supervisor has passed any on
CONTACT_KEPT = 90  # days after a case has ended
HIDDEN = "[已隐去]"

# Each may name the unit that has the case in hand.
CITIZEN_WORDS: Mapping[State, str] = {
    State.NEW: N_("已收到,正在看是哪里的问题"),
    State.TRIAGED: N_("已看过,正在安排单位办理"),
    State.DISPATCHED: N_("已交{unit}办理"),
    State.RETURN_REQUESTED: N_("正在确认由哪个单位办理"),
    State.ACCEPTED: N_("{unit}已签收"),
    State.CONTACTED: N_("{unit}已联系评价人"),
    State.UNREACHABLE: N_("没有联系上评价人,照样办理"),
    State.RECTIFYING: N_("{unit}正在整改"),
    State.EXTENSION_REQUESTED: N_("{unit}正在整改"),
    State.SUBMITTED: N_("已整改,正在核验"),
    State.ACCEPTANCE: N_("已整改,正在核验"),
    State.CALLBACK: N_("已答复"),
    State.REDO: N_("没有解决,重新办理"),
    State.LEADERSHIP: N_("由领导督办"),
    State.SUSPENDED: N_("按现有规定暂时办不了,定期复查"),
    State.CLOSED: N_("已办结"),
    State.CANCELLED: N_("已撤销,不再办理"),
}
EXTENDED = N_("同意延长办理时间")
# In these nobody promises a day.
WITHOUT_A_DAY = frozenset({State.CALLBACK, State.REDO, State.LEADERSHIP, State.SUSPENDED})

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF10, 0xFF1A)}


@dataclass(frozen=True)
class GivenContact:
    """How somebody wants to be reached: a number of digits only, and a name or ''."""

    phone: str
    name: str


def plain_number(text: str) -> str | None:
    """A telephone number as digits; None where it is none that rings in this country."""
    digits = re.sub(r"[\s()（）-]", "", text.translate(_WIDE))
    digits = re.sub(r"^(\+|00)86", "", digits)
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None


def is_redaction(before: str, after: str) -> bool:
    """Whether a text is another with parts put out of sight, and nothing else changed or added."""
    if after == before:
        return True
    first, *further = after.split(HIDDEN)
    if not further or not before.startswith(first):
        return False
    *between, last = further
    place = len(first) + 1
    for part in between:
        found = before.find(part, place)
        if found < 0:
            return False
        place = found + len(part) + 1
    return before.endswith(last) and len(before) - len(last) >= place


def check_contact_reader(actor: Actor, case: CaseAsIs) -> None:
    """Refuse everybody but who has to reach the person now: never the rated side."""
    if actor.roles & CLERKS_SIDE or (actor.staff_id is not None and actor.staff_id in case.rated_staff):
        raise NotYours("被评的一方看不到评价人的联系方式。")
    if "supervisor" in actor.roles or "callback-officer" in actor.roles:
        return
    if "owner" not in actor.roles or not is_of_unit(actor, case.owner_unit_id):
        raise NotYours("联系方式由承办单位承办人、回访员和督查员凭理由查看。")
    if case.state not in OPEN:
        raise NotAllowed("这件已经办结,不用再联系评价人。")


def check_writer(actor: Actor, case: CaseAsIs) -> None:
    """Refuse a message to the citizen from anybody but the owner and the supervisor."""
    if actor.roles & CLERKS_SIDE or (actor.staff_id is not None and actor.staff_id in case.rated_staff):
        raise NotYours("被评的一方不能给评价人留言。")
    if "supervisor" in actor.roles:
        return
    if "owner" not in actor.roles or not is_of_unit(actor, case.owner_unit_id):
        raise NotYours("给评价人的留言由承办单位承办人或督查员写。")


def may_read_contacts(actor: Actor, case: CaseAsIs) -> bool:
    """Whether somebody may see contact details in full, with a reason."""
    return _lets(check_contact_reader, actor, case)


def may_write(actor: Actor, case: CaseAsIs) -> bool:
    """Whether somebody may write to the raters of a case."""
    return _lets(check_writer, actor, case)


def _lets(check: Callable[[Actor, CaseAsIs], None], actor: Actor, case: CaseAsIs) -> bool:
    try:
        check(actor, case)
    except (NotYours, NotAllowed):
        return False
    return True


def to_the_minute(at: datetime) -> datetime:
    """A moment as finely as a case may remember what a citizen did."""
    return at.replace(second=0, microsecond=0)
