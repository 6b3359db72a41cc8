"""Orders of a month counted by category, unit and state; and how people found the handling.

Counted beside the ratings, never into a window's score.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from evalsys.desk.models import Order, OrderCategory
from evalsys.desk.rules.counts import COUNT_COLUMNS, RATE_COLUMNS
from evalsys.kernel.periods import DAY, Period
from evalsys.kernel.refusals import Refused
from evalsys.kernel.tables import Value
from evalsys.organisation.queries import directory
from evalsys.rectification.queries import figures
from evalsys.rectification.queries.figures import UnitFigures
from evalsys.rectification.queries.standing import STANDING
from evalsys.rectification.rules.figures import THREE_RATES
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import Kind

_CASES = STANDING.c


class UnknownMonth(Refused):
    """What was asked for is no month."""


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
    figures: UnitFigures

    def rows(self) -> Iterator[Sequence[Value]]:
        """The counts as rows of a file: month, category, unit, state, orders."""
        for one in self.counts:
            yield f"{self.first:%Y-%m}", one.category, one.unit, one.state.value, one.orders

    def rate_rows(self) -> Iterator[Sequence[Value]]:
        """The rates as rows of a file: month, rate, numerator, denominator, value."""
        for figure in THREE_RATES:
            rate = self.figures.rates[figure]
            yield f"{self.first:%Y-%m}", figure.value, rate.numerator, rate.denominator, rate.rate

    def spelled(self) -> dict[str, Any]:
        """The whole month as JSON says it."""
        return {
            "counts": [dict(zip(COUNT_COLUMNS, row, strict=True)) for row in self.rows()],
            "rates": [dict(zip(RATE_COLUMNS, row, strict=True)) for row in self.rate_rows()],
            "together": self.figures.together,
        }


def month_asked(said: str, today: date) -> tuple[date, date]:
    """The first day of the month an address asks for and of the one after; this month by default."""
    try:
        first = date.fromisoformat(f"{said}-01") if said else today.replace(day=1)
        return first, (first + timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError) as fault:
        raise UnknownMonth("月份请写成 2026-01 这样。") from fault


def month(session: Session | Connection, first: date, end: date, least: int, now: datetime) -> Month:
    """The orders opened in a month by category, unit and state; and 三率, out of the figures of cases."""
    units = directory.units_on(session, first)
    counts = [
        CountOfOrders(name, units[unit_id].name if unit_id else "", State(state), orders)
        for name, unit_id, state, orders in session.execute(_counted(first, end))
    ]
    period = Period(first, end - DAY)
    return Month(first, counts, figures.figures(session, period, Kind.ORDER.value, least, now).total)


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
