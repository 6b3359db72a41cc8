"""What a rating is and what may be done with it, decided in plain Python."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

PRINT_CODES = Permission(
    "print-codes", frozenset({"data-steward", "supervisor", "window-manager", "department-lead"})
)
READ_COMMENTS = Permission(
    "read-comments",
    frozenset({"leadership", "supervisor", "auditor", "window-manager", "department-lead", "clerk"}),
)
LIST_WINDOWS = Permission(
    "list-windows",
    frozenset({"business-system", "data-steward", "system-admin", "supervisor", "leadership", "auditor"}),
)
ENTER_PAPER = Permission("enter-paper", frozenset({"helper", "supervisor", "callback-officer"}))
ASSIST = Permission("assist", frozenset({"helper"}))
NOTE_SERVICES = Permission("note-services", frozenset({"business-system"}))
READ_RATINGS = Permission("read-ratings", frozenset({"auditor"}))
ASK_TO_RATE = Permission("ask-to-rate", frozenset({"clerk", "window-manager", "department-lead"}))
# Who reads single ratings as they are; everybody else who may read comments sees the clerk's side's view.
READ_OPENLY = frozenset({"leadership", "supervisor", "auditor"})

TEXT_LIMIT = 150  # code points, line ends counted as one
REASON_DAYS = 5  # working days within which reasons may be added
DICTIONARY = "national-2020"
REDACTED = "已隐去"

CHANNELS = ("face-to-face", "back-to-back", "on-the-go")
CHANNEL_OF_ENTRY = {
    "tablet": "face-to-face",
    "kiosk": "back-to-back",
    "window-code": "on-the-go",
    "ticket": "on-the-go",
    "link": "on-the-go",
    "portal": "on-the-go",
}
ENTRIES = (*CHANNEL_OF_ENTRY, "phone", "paper")
CHANNEL_WORDS = {
    "face-to-face": N_("面对面"),
    "back-to-back": N_("背对背"),
    "on-the-go": N_("移动端离场"),
}
COUNTED_ORIGINS = ("citizen", "assisted")
# Causes a closed case may find; only the first is the clerk's own.
CAUSES = ("person", "process", "guide", "requirement", "platform")
CAUSES_BEYOND_THE_CLERK = CAUSES[1:]


@dataclass(frozen=True)
class Level:
    """One of the five levels: its value is for machines, its words are what people see."""

    value: int
    words: str
    english: str


LEVELS = (
    Level(5, N_("非常满意"), "Very satisfied"),
    Level(4, N_("满意"), "Satisfied"),
    Level(3, N_("基本满意"), "Fairly satisfied"),
    Level(2, N_("不满意"), "Dissatisfied"),
    Level(1, N_("非常不满意"), "Very dissatisfied"),
)
LEVEL_BY_VALUE = {level.value: level for level in LEVELS}
BAD_LEVELS = frozenset({2, 1})

DONE_WORDS = {"yes": N_("办成了"), "no": N_("还没办成"), "asking": N_("只是来咨询")}
HAPPENED_WORDS = {
    "now": N_("刚才"),
    "morning": N_("今天上午"),
    "afternoon": N_("今天下午"),
    "earlier": N_("更早"),
}
STANDING_WORDS = {"counted": N_("计入"), "held": N_("暂缓计入"), "excluded": N_("不予采纳")}


def is_bad(level: int) -> bool:
    """Whether a level is a bad review (policy default: 2 and 1)."""
    return level in BAD_LEVELS


@dataclass(frozen=True)
class Answer:
    """What a citizen sent from a rating form: one level, and what came with it."""

    level: int
    key: str
    tags: tuple[str, ...] | None = None
    text: str | None = None
    skip: bool | None = None


@dataclass(frozen=True)
class Visit:
    """Where, by which door and when a rating was given; `device` is hashed and never stored.

    Without `staff_id` whose work it was is found from duty, unless `staff_how` leaves it open: 'gap' where
    the citizen named nobody, 'conflict' where they named somebody else than the rota.
    """

    window_id: int
    hall_id: int
    unit_id: int
    entry: str
    channel: str
    opened_at: datetime
    received_at: datetime
    origin: str = "citizen"
    evidence: str = "C"
    staff_id: int | None = None
    staff_how: str = "chosen"
    service_id: int | None = None
    item_id: int | None = None
    item_type: str = ""
    terminal: str = ""
    device: str | None = None


@dataclass(frozen=True)
class NewService:
    """One time somebody was served, as a business system or the counter console says it."""

    window_id: int
    hall_id: int
    unit_id: int
    ended_at: datetime
    kind: str = "consultation"
    staff_id: int | None = None
    item_id: int | None = None
    item_type: str = ""
    project_no: str | None = None
    service_number: int | None = None
    idempotency_key: str | None = None
    ticket: str | None = None
    network: bool = False
    made_by: int | None = None


@dataclass(frozen=True)
class Explanation:
    """The reasons a citizen adds on the receipt page."""

    tags: tuple[str, ...] = ()
    text: str = ""
    skip: bool = False
    done: str | None = None
    item_id: int | None = None
    item_type: str = ""
    efficiency: int | None = None
    manner: int | None = None
    happened: str | None = None


@dataclass(frozen=True)
class CountedAs:
    """How one rating stands in the sums at one moment; events carry it before and after a change."""

    day: date
    window_id: int
    staff_id: int
    unit_id: int
    item_type: str
    channel: str
    entry: str
    level: int
    standing: str = "counted"
    bound: bool = False
    assisted: bool = False
    done: str | None = None
    tags: frozenset[str] = frozenset()
    # Whether it is also the clerk's own: not where the closed case found the cause to lie elsewhere.
    scored: bool = True
    item_id: int = 0  # 0: not known


# Away from the counter: what may follow a rating from the tablet and then counts in its place.
FREER_THAN_TABLET = frozenset({"ticket", "link", "kiosk"})
INVITED_DAYS = 5  # working days a link, ticket or take-away code is good for


def may_follow(first_entry: str, entry: str) -> bool:
    """Whether a second rating of one service is taken: one given away from the counter after the tablet's."""
    return first_entry == "tablet" and entry in FREER_THAN_TABLET


# A question still on a tablet after this long belongs to somebody who has left.
PROMPT_LASTS = timedelta(minutes=5)
# A service that ended this long ago has no customer at the counter any more.
STILL_THERE = timedelta(minutes=15)


class NoTablet(Refused):
    """No tablet is paired at the window."""

    status = 409


class AlreadyPrompted(Refused):
    """One prompt for each service: this one has had its own."""

    status = 409


class PromptOver(Refused):
    """The tablet's question was over before the tap came."""

    status = 410


class ServiceDiffers(Refused):
    """The same service was noted before with other facts."""

    status = 409


class ServiceWithdrawn(Refused):
    """The service was noted by mistake and has been cancelled."""

    status = 410


class AlreadyRated(Refused):
    """One service, one counting rating: this one has been given."""

    status = 410


class KeyUsed(Refused):
    """The key has already carried another answer."""

    status = 409


class NotOutside(Refused):
    """Somebody of the rated side would have a hand in a rating."""

    status = 403


class NotYet(Refused):
    """A day that has not come."""


class WrongTags(Refused):
    """Tags that belong to another level than the rating now has."""

    status = 409


class TooLate(Refused):
    """The time for this change is over."""

    status = 409


class NotTwoPeople(Refused):
    """A decision that needs two people was made by one."""

    status = 403


def plain_text(text: str) -> str:
    """A citizen's words with line ends made one sign and edges trimmed; its length is what is counted."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def content_hash(answer: Answer, visit: Visit) -> str:
    """What a replay of the same key must agree in.

    Level, window or service, staff; and tags, text, skip where they were sent.
    """
    content: dict[str, object] = {"level": answer.level, "window": visit.window_id, "staff": visit.staff_id}
    if visit.service_id is not None:
        content["service"] = visit.service_id
    if answer.tags is not None:
        content["tags"] = sorted(answer.tags)
    if answer.text is not None:
        # Bound to the key, of which only a hash is kept: nobody finds out by guessing what was redacted.
        content["text"] = hashlib.sha256(f"{answer.key} {answer.text}".encode()).hexdigest()
    if answer.skip is not None:
        content["skip"] = answer.skip
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def check_two_people(proposed_by: int, decided_by: int) -> None:
    """Refuse a decision of one person alone."""
    if proposed_by == decided_by:
        raise NotTwoPeople("提出人和决定人必须是两个人。请由另一位同事决定。")
