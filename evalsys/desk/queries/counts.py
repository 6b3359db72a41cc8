"""Orders of a month counted by category, unit and state; and how people found the handling.

Counted beside the ratings, never into a window's score.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Select, case, func, select
from sqlalchemy.orm import Session

from evalsys.desk.models import Order, OrderCategory
from evalsys.desk.rules.counts import MonthlyRates, rates_of
from evalsys.kernel.tables import Value
from evalsys.organisation.queries import directory
from evalsys.rectification.queries.standing import STANDING
from evalsys.rectification.rules.states import State

_CASES = STANDING.c


@dataclass(frozen=True)
class CountOfOrders:
    """How many orders of one category a unit has in one state; unit '' before one is in charge."""

    category: str
    unit: str
    state: State
    orders: int


@dataclass(frozen=True)
class Month:
    """The orders opened from `first` on, before `end`: counts and rates from one look."""

    first: date
    counts: Sequence[CountOfOrders]
    rates: MonthlyRates

    def rows(self) -> Iterator[Sequence[Value]]:
        """The counts as rows of a file: month, category, unit, state, orders."""
        for one in self.counts:
            yield f"{self.first:%Y-%m}", one.category, one.unit, one.state.value, one.orders

    def rate_rows(self) -> Iterator[Sequence[Value]]:
        """The rates as rows of a file: month, rate, numerator, denominator, value."""
        for rate in self.rates.each:
            yield f"{self.first:%Y-%m}", rate.name, rate.numerator, rate.denominator, rate.value


def month(session: Session | Connection, first: date, end: date) -> Month:
    """The orders opened in a month, by category, unit and state."""
    units = directory.units_on(session, first)
    counts = [
        CountOfOrders(name, units[unit_id].name if unit_id else "", State(state), orders)
        for name, unit_id, state, orders in session.execute(_counted(first, end))
    ]
    closed, in_time, heard, solved, asked, satisfied = session.execute(_heard(first, end)).one()
    return Month(first, counts, rates_of((in_time, closed), (solved, heard), (satisfied, asked)))


def _counted(first: date, end: date) -> Select[str, int | None, str, int]:
    return (
        select(OrderCategory.name, _CASES.owner_unit_id, _CASES.state, func.count())
        .select_from(Order)
        .join(STANDING, _CASES.id == Order.case_id)
        .join(OrderCategory, OrderCategory.code == Order.category)
        .where(_CASES.opened_on >= first, _CASES.opened_on < end)
        .group_by(OrderCategory.code, OrderCategory.name, _CASES.owner_unit_id, _CASES.state)
        .order_by(OrderCategory.code, _CASES.owner_unit_id, _CASES.state)
    )


def _heard(first: date, end: date) -> Select[int, int, int, int, int, int]:
    """Closed, answered in time, with a word on solved, solved, with a word on satisfied, satisfied."""
    in_time = case((_CASES.closed_at <= _CASES.finish_by, 1))
    heard_solved = case((_CASES.solved.is_not(None), 1))
    solved = case((_CASES.solved == "yes", 1))
    heard_satisfied = case((_CASES.satisfied.is_not(None), 1))
    satisfied = case((_CASES.satisfied.in_(("satisfied", "fairly")), 1))
    return (
        select(
            func.count(),
            func.count(in_time),
            func.count(heard_solved),
            func.count(solved),
            func.count(heard_satisfied),
            func.count(satisfied),
        )
        .select_from(Order)
        .join(STANDING, _CASES.id == Order.case_id)
        .where(_CASES.opened_on >= first, _CASES.opened_on < end, _CASES.state == State.CLOSED)
    )
