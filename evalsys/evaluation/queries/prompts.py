"""Reading prompts: what a tablet is to show, and how far a window's last one has come; never a level."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Prompt, ServedTime, ServiceRating
from evalsys.evaluation.rules import PROMPT_LASTS


@dataclass(frozen=True)
class Prompted:
    """One showing of a service's question on a tablet."""

    service_id: int
    public_id: str
    state: str
    device_id: int
    sent_at: datetime
    ended_at: datetime | None

    def is_open(self, device_id: int, now: datetime) -> bool:
        """Whether a tablet is to show it, or shows it: it was sent to that one, and not long ago."""
        return self.ended_at is None and self.device_id == device_id and now <= self.sent_at + PROMPT_LASTS

    def stands(self, device_id: int, now: datetime) -> str:
        """How far it has come as the clerk's side sees it: sent, rated or unrated."""
        if self.is_open(device_id, now):
            return "sent"
        return "rated" if self.state == "rated" else "unrated"


_PROMPTS = select(
    Prompt.service_id, ServedTime.public_id, Prompt.state, Prompt.device_id, Prompt.sent_at, Prompt.ended_at
).join(ServedTime, ServedTime.id == Prompt.service_id)
_OF_TABLET = _PROMPTS.where(
    Prompt.device_id == bindparam("device_id"), Prompt.state.in_(("sent", "shown"))
).order_by(Prompt.sent_at.desc(), Prompt.service_id)
_OF_SERVICE = _PROMPTS.where(
    ServedTime.public_id == bindparam("public_id"), Prompt.device_id == bindparam("device_id")
)
_OF_WINDOW = (
    _PROMPTS.where(ServedTime.window_id == bindparam("window_id"), ServedTime.day == bindparam("day"))
    .order_by(Prompt.sent_at.desc(), Prompt.service_id)
    .limit(1)
)
_WAITING = (
    select(ServedTime.id, ServedTime.public_id, ServedTime.ended_at)
    .outerjoin(Prompt, Prompt.service_id == ServedTime.id)
    .outerjoin(ServiceRating, ServiceRating.service_id == ServedTime.id)
    .where(
        ServedTime.window_id == bindparam("window_id"),
        ServedTime.day == bindparam("day"),
        ServedTime.ended_at >= bindparam("since"),
        ServedTime.cancelled_at.is_(None),
        Prompt.service_id.is_(None),
        ServiceRating.rating_id.is_(None),
    )
    .order_by(ServedTime.ended_at.desc(), ServedTime.id)
    .limit(1)
)


def open_prompt(session: Session | Connection, device_id: int) -> Prompted | None:
    """What a tablet is to show now."""
    row = session.execute(_OF_TABLET, {"device_id": device_id}).first()
    return None if row is None else Prompted(*row)


def prompt_on(session: Session | Connection, device_id: int, public_id: str) -> Prompted | None:
    """One service's prompt, if it was sent to this tablet."""
    row = session.execute(_OF_SERVICE, {"device_id": device_id, "public_id": public_id}).first()
    return None if row is None else Prompted(*row)


def last_prompt(session: Session | Connection, window_id: int, day: date) -> Prompted | None:
    """The prompt sent last for a service of one window and day."""
    row = session.execute(_OF_WINDOW, {"window_id": window_id, "day": day}).first()
    return None if row is None else Prompted(*row)


@dataclass(frozen=True)
class Waiting:
    """A service that was noted and never prompted."""

    service_id: int
    public_id: str
    ended_at: datetime


def waiting_service(
    session: Session | Connection, window_id: int, day: date, since: datetime
) -> Waiting | None:
    """The newest service of a window that could be prompted now; those ended before `since` are over."""
    row = session.execute(_WAITING, {"window_id": window_id, "day": day, "since": since}).first()
    return None if row is None else Waiting(*row)
