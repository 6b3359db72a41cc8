"""Who is on call, and which urgent orders nobody has signed for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.desk.models import OnCall, OrderCall
from evalsys.rectification.queries.standing import STANDING
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import PROFILES

_CASES = STANDING.c
_URGENT = tuple(profile.code for profile in PROFILES.values() if profile.on_call)


@dataclass(frozen=True)
class Turn:
    """Somebody on call for a unit."""

    id: int
    unit_id: int
    account_id: int
    place: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Unsigned:
    """An urgent order nobody has signed for, since it was dispatched; unit None: since it came, to nobody."""

    case_id: int
    no: str
    profile: str
    state: State
    unit_id: int | None
    since: datetime


_TURNS = select(
    OnCall.id, OnCall.unit_id, OnCall.account_id, OnCall.place, OnCall.starts_at, OnCall.ends_at
).order_by(OnCall.place, OnCall.id)


def on_call(session: Session | Connection, at: datetime) -> Sequence[Turn]:
    """Everybody on call at an instant, in the order in which they are called."""
    return [Turn(*row) for row in session.execute(_TURNS.where(OnCall.starts_at <= at, OnCall.ends_at > at))]


def turns_from(session: Session | Connection, at: datetime) -> Sequence[Turn]:
    """The turns that are not over."""
    return [Turn(*row) for row in session.execute(_TURNS.where(OnCall.ends_at > at))]


def unsigned(session: Session | Connection) -> Sequence[Unsigned]:
    """The urgent orders nobody has signed for, the longest waiting first."""
    since = func.coalesce(_CASES.dispatched_at, _CASES.opened_at)
    found = session.execute(
        select(_CASES.id, _CASES.no, _CASES.profile, _CASES.state, _CASES.owner_unit_id, since)
        .where(_CASES.state.in_((State.TRIAGED, State.DISPATCHED)), _CASES.profile.in_(_URGENT))
        .order_by(since, _CASES.id)
    )
    return [Unsigned(*row[:3], State(row[3]), *row[4:]) for row in found]


def called(session: Session | Connection, case_id: int, since: datetime) -> Sequence[int]:
    """The accounts that were called for an order since it was dispatched, in order."""
    found = session.execute(
        select(OrderCall.account_id)
        .where(OrderCall.case_id == case_id, OrderCall.at >= since)
        .order_by(OrderCall.seq)
    )
    return found.scalars().all()
