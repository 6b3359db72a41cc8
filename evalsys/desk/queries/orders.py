"""Orders: the one a sender's number stands for, and what is shown of one beside its case."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.desk.models import Order, OrderCategory
from evalsys.desk.rules import Source, Taken
from evalsys.organisation.queries import rota
from evalsys.organisation.queries.rota import Shift
from evalsys.rectification.queries.standing import STANDING
from evalsys.rectification.rules.states import State

_CASES = STANDING.c


@dataclass(frozen=True)
class OrderFacts:
    """What an order brought along; `duty` is who sat at its window then."""

    source: Source
    category: str
    text: str
    place: str
    upstream_no: str | None
    upstream_due: datetime | None
    received_at: datetime
    duty: Shift | None


def by_upstream_no(
    session: Session | Connection, source: Source, upstream_no: str | None
) -> tuple[Taken, str] | None:
    """What a sender was answered for one of its numbers, and the mark of what it had sent."""
    if upstream_no is None:
        return None
    row = session.execute(
        select(_CASES.no, _CASES.profile, Order.due_at, Order.finish_by, Order.content)
        .join(STANDING, _CASES.id == Order.case_id)
        .where(Order.source == source.value, Order.upstream_no == upstream_no)
    ).first()
    if row is None:
        return None
    return Taken(row.no, row.profile, row.due_at, row.finish_by, is_new=False), row.content


@dataclass(frozen=True)
class TakenIn:
    """An order that was taken in, as a line of a list."""

    no: str
    category: str
    source: Source
    state: State


LATEST = 20


def latest(session: Session | Connection) -> list[TakenIn]:
    """The orders that were taken in last, the latest first."""
    found = session.execute(
        select(_CASES.no, OrderCategory.name, Order.source, _CASES.state)
        .join(STANDING, _CASES.id == Order.case_id)
        .join(OrderCategory, OrderCategory.code == Order.category)
        .order_by(Order.case_id.desc())
        .limit(LATEST)
    )
    return [TakenIn(no, name, Source(source), State(state)) for no, name, source, state in found]


def order_of_case(session: Session | Connection, case_id: int) -> OrderFacts | None:
    """The order a case came from."""
    row = session.execute(
        select(*Order.__table__.c, OrderCategory.name)
        .join(OrderCategory, OrderCategory.code == Order.category)
        .where(Order.case_id == case_id)
    ).first()
    if row is None:
        return None
    return OrderFacts(
        Source(row.source),
        row.name,
        row.text,
        row.place,
        row.upstream_no,
        row.upstream_due,
        row.received_at,
        None if row.duty_id is None else rota.shift_by_id(session, row.duty_id),
    )
