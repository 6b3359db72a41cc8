"""What the desk decides: who takes in orders, from where they come, and what is the same order again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_
from evalsys.rectification.rules.citizens import GivenContact

TAKE_ORDERS = Permission("take-orders", frozenset({"dispatcher", "supervisor", "business-system"}))
TYPE_ORDERS = Permission("type-orders", frozenset({"dispatcher", "supervisor"}))
SEE_ORDERS = Permission("see-orders", frozenset({"dispatcher", "supervisor", "leadership", "auditor"}))

TEXT_LIMIT = 2000  # code points
PLACE_LIMIT = 200  # code points
NUMBER_LIMIT = 60  # code points of the sender's own number


class Source(StrEnum):
    """From where an order came; the names are those of the JSON interface."""

    PHONE = "phone"
    LETTER = "letter"
    MESSAGE_BOARD = "message-board"
    CITY_PLATFORM = "city-platform"
    DESK = "desk"
    SOCIAL_GOVERNANCE = "social-governance"


SOURCE_WORDS: Mapping[Source, str] = {
    Source.PHONE: N_("热线电话"),
    Source.LETTER: N_("来信"),
    Source.MESSAGE_BOARD: N_("领导留言板"),
    Source.CITY_PLATFORM: N_("市级平台"),
    Source.DESK: N_("大厅服务台"),
    Source.SOCIAL_GOVERNANCE: N_("社会治理平台"),
}


class UnfitOrder(Refused):
    """An order that cannot be taken in as it was sent."""


class OtherContent(Refused):
    """The sender's number stands for another order already."""

    status = 409


@dataclass(frozen=True)
class NewOrder:
    """An order as it is taken in; `window_id` and the contact where they are known."""

    source: Source
    category: str
    text: str
    received_at: datetime
    window_id: int | None = None
    place: str = ""
    contact: GivenContact | None = None
    upstream_no: str | None = None
    upstream_due: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """What the sender of an order is answered, the first time and every time it is sent again."""

    no: str
    profile: str
    due_at: datetime
    finish_by: datetime
    is_new: bool


def check_order(new: NewOrder, now: datetime) -> None:
    """Refuse an order without words, from the future, or due before it came."""
    if not new.text:
        raise UnfitOrder("请写明反映的内容。")
    if len(new.text) > TEXT_LIMIT:
        raise UnfitOrder("内容最多{limit}个字,现在{n}个。", limit=TEXT_LIMIT, n=len(new.text))
    if new.received_at > now:
        raise UnfitOrder("收到时间在将来,请核对时钟和时区。")
    if new.upstream_due is not None and new.upstream_due <= new.received_at:
        raise UnfitOrder("要求办结的时间早于收到的时间,请核对。")


def content_of(new: NewOrder) -> str:
    """What two sendings of one number must agree in: everything but nothing of it readable."""
    kept = json.dumps(asdict(new), ensure_ascii=False, sort_keys=True, default=_utc)
    return hashlib.sha256(kept.encode()).hexdigest()


def _utc(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.timestamp():.0f}"
    raise TypeError(f"cannot compare {type(value).__name__}")
