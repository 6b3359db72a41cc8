"""Reading services: the same one again, the one behind a token, and how far its rating has come."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Invitation, Prompt, Rating, ServedTime, ServiceRating
from evalsys.evaluation.rules import NewService


def same_service(session: Session | Connection, new: NewService) -> Row[int, str, int] | None:
    """The service noted before under the same case number or idempotency key: id, public id, window."""
    same: list[ColumnElement[bool]] = []
    if new.project_no is not None:
        same.append(
            (ServedTime.project_no == new.project_no) & (ServedTime.service_number == new.service_number)
        )
    if new.idempotency_key is not None:
        same.append(ServedTime.idempotency_key == new.idempotency_key)
    if not same:
        return None
    return session.execute(
        select(ServedTime.id, ServedTime.public_id, ServedTime.window_id).where(or_(*same)).limit(1)
    ).first()


@dataclass(frozen=True)
class Invited:
    """A service as its invitation leads to it."""

    service_id: int
    public_id: str
    kind: str
    window_id: int
    hall_id: int
    unit_id: int
    staff_id: int | None
    item_id: int | None
    item_type: str
    service_kind: str
    project_no: str | None
    ended_at: datetime
    day: date
    expires_on: date
    cancelled_at: datetime | None
    root: int | None


_COLUMNS: tuple[Any, ...] = (
    ServedTime.id,
    ServedTime.public_id,
    Invitation.kind,
    ServedTime.window_id,
    ServedTime.hall_id,
    ServedTime.unit_id,
    ServedTime.staff_id,
    ServedTime.item_id,
    ServedTime.item_type,
    ServedTime.kind,
    ServedTime.project_no,
    ServedTime.ended_at,
    ServedTime.day,
    Invitation.expires_on,
    ServedTime.cancelled_at,
    ServiceRating.rating_id,
)
_INVITED = (
    select(*_COLUMNS)
    .join(Invitation, Invitation.service_id == ServedTime.id)
    .outerjoin(ServiceRating, ServiceRating.service_id == ServedTime.id)
)
_BY_TOKEN = _INVITED.where(Invitation.token_hash == bindparam("token_hash"))
_BY_SERVICE = _INVITED.where(ServedTime.id == bindparam("service_id"), Invitation.kind == bindparam("kind"))


def invited_by(session: Session | Connection, token_hash: str) -> Invited | None:
    """The service behind a token, or None where the token was never given."""
    row = session.execute(_BY_TOKEN, {"token_hash": token_hash}).first()
    return None if row is None else Invited(*row)


def invited_to(session: Session | Connection, service_id: int, kind: str) -> Invited | None:
    """A service as one kind of its invitations leads to it."""
    row = session.execute(_BY_SERVICE, {"service_id": service_id, "kind": kind}).first()
    return None if row is None else Invited(*row)


def service_by_public_id(session: Session | Connection, public_id: str) -> int | None:
    """A service's id by the one other systems know."""
    return session.execute(select(ServedTime.id).where(ServedTime.public_id == public_id)).scalar()


def state_of(session: Session | Connection, service_id: int) -> str:
    """How far a service's rating has come: ready, sent, rated or unrated; never the level."""
    if session.execute(select(ServiceRating.rating_id).where(ServiceRating.service_id == service_id)).first():
        return "rated"
    prompt = session.execute(select(Prompt.state).where(Prompt.service_id == service_id)).scalar()
    return {None: "ready", "sent": "sent", "shown": "sent", "rated": "rated"}.get(prompt, "unrated")


def services_to_rate() -> Select[date, int, int, int, str, bool]:
    """One row for each service that should be rated: the truth the service sums are compared with.

    Columns: day, window_id, staff_id (0 = not known), unit_id, item_type, prompted (a tablet was asked to
    show its question). A cancelled service is not among them unless it had been rated before.
    """
    return select(
        ServedTime.day.label("day"),
        ServedTime.window_id.label("window_id"),
        func.coalesce(ServedTime.staff_id, 0).label("staff_id"),
        ServedTime.unit_id.label("unit_id"),
        ServedTime.item_type.label("item_type"),
        exists().where(Prompt.service_id == ServedTime.id).label("prompted"),
    ).where(or_(ServedTime.cancelled_at.is_(None), exists().where(ServiceRating.service_id == ServedTime.id)))


@dataclass(frozen=True)
class Pair:
    """Two ratings of one service by one person: on the tablet, then away from the counter."""

    window_id: int
    unit_id: int
    day: date
    at_the_counter: int
    away: int


def pairs(session: Session | Connection, first: date, last: date) -> list[Pair]:
    """The pairs of a period, for the within-person gap."""
    again = select(Rating.root, Rating.replaces, Rating.level).where(Rating.kind == "again").subquery()
    rows = session.execute(
        select(Rating.window_id, Rating.unit_id, Rating.counts_on, Rating.level, again.c.level)
        .join(again, again.c.replaces == Rating.id)
        .where(Rating.counts_on.between(first, last))
        .order_by(Rating.id)
    )
    return [Pair(*row) for row in rows]
