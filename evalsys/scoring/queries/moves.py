"""By how much each running total moves on each day, as the sums of the days say."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import Select, case, func, literal, or_, select, union_all

from evalsys.kernel.periods import Period
from evalsys.organisation.queries import directory
from evalsys.scoring.models import DailySum, ServiceSum, StaffTotal, TotalDay, WindowTotal
from evalsys.scoring.rules.gathering import NOBODY
from evalsys.scoring.rules.tallies import LEVELS
from evalsys.scoring.rules.totals import ALL_ENTRIES, COUNTS, NO_CHANNEL

Totals = type[WindowTotal] | type[StaffTotal]
TOTALS: Sequence[Totals] = (WindowTotal, StaffTotal)

_COUNTED = [getattr(DailySum, f"n{level}") for level in LEVELS]
_UNSCORED = [getattr(DailySum, f"unscored{level}") for level in LEVELS]
# What stands with the clerk; the rest stands with nobody, so that staff add up to windows.
_OWN = [
    case((DailySum.staff_id == NOBODY, n), else_=n - taken)
    for n, taken in zip(_COUNTED, _UNSCORED, strict=True)
]
_BESIDE = [
    *(
        reduce(add, [getattr(DailySum, f"{name}{level}") for level in LEVELS])
        for name in ("held", "excluded")
    ),
    DailySum.bound,
    DailySum.assisted,
]
_NONE: list[Any] = [literal(0)]


def keys_of(totals: Totals) -> list[str]:
    """The names of a table's key besides the day."""
    return [column.name for column in totals.__table__.primary_key if column.name != "day"]


def moves(totals: Totals, period: Period) -> Select[Any]:
    """What each running total should rise by on each day of a period: day, key, counts."""
    return _summed(totals, _due(totals, period))


def faults(totals: Totals, period: Period) -> Select[Any]:
    """Where running totals do not rise as they should, and by how much too little: day, key, counts.

    The rise is that against the last day with totals before.
    """
    before = func.lag(TotalDay.day).over(order_by=TotalDay.day).label("before")
    days = select(TotalDay.day, before).subquery()
    keys = [getattr(totals, name) for name in keys_of(totals)]
    counts = [getattr(totals, name) for name in COUNTS]
    ends = select(totals.day, *keys, *((-count).label(count.name) for count in counts)).where(
        totals.day.between(period.first, period.last)
    )
    starts = (
        select(days.c.day, *keys, *counts)
        .join(days, days.c.before == totals.day)
        .where(days.c.day.between(period.first, period.last))
    )
    return _summed(totals, [*_due(totals, period), ends, starts])


def _due(totals: Totals, period: Period) -> list[Select[Any]]:
    parts = _of_windows() if totals is WindowTotal else of_staff()
    return [part.where(_day_of(part).between(period.first, period.last)) for part in parts]


def _summed(totals: Totals, parts: Sequence[Select[Any]]) -> Select[Any]:
    """The parts added up by day and key, without what comes to nothing."""
    each = union_all(*parts).subquery()
    keys = [each.c[name] for name in ("day", *keys_of(totals))]
    counts = [func.sum(each.c[name]) for name in COUNTS]
    return (
        select(*keys, *(count.label(name) for name, count in zip(COUNTS, counts, strict=True)))
        .group_by(*keys)
        .having(or_(*(count != 0 for count in counts)))
    )


def _day_of(part: Select[Any]) -> Any:
    return part.selected_columns["day"]


def _of_windows() -> list[Select[Any]]:
    keys = (DailySum.window_id, DailySum.unit_id)
    return [
        *_twice(keys, [*_COUNTED, *_BESIDE]),
        _services((ServiceSum.window_id, ServiceSum.unit_id)),
    ]


def of_staff() -> list[Select[Any]]:
    """The rows that make up the clerks' totals: their own, those of nobody, services; not added up yet."""
    halls = directory.halls_of_windows().subquery()
    keys = (DailySum.staff_id, DailySum.unit_id, halls.c.hall_id)
    nobodys = (literal(NOBODY).label("staff_id"), DailySum.unit_id, halls.c.hall_id)
    served = _services((ServiceSum.staff_id, ServiceSum.unit_id, halls.c.hall_id))
    unscored = reduce(add, _UNSCORED) != 0
    at_home = halls.c.window_id == DailySum.window_id
    return [
        *(part.join(halls, at_home) for part in _twice(keys, [*_OWN, *_BESIDE])),
        *(
            part.join(halls, at_home).where(DailySum.staff_id != NOBODY, unscored)
            for part in _twice(nobodys, [*_UNSCORED, *_NONE * len(_BESIDE)])
        ),
        served.join(halls, halls.c.window_id == ServiceSum.window_id),
    ]


def _twice(keys: Sequence[Any], values: Sequence[Any]) -> list[Select[Any]]:
    """The cells of the daily sums under their entry, and under all entries together."""
    counts = [value.label(name) for name, value in zip(COUNTS, [*values, *_NONE * 2], strict=True)]
    return [
        select(DailySum.day, entry, DailySum.channel, *keys, *counts)
        for entry in (DailySum.entry, literal(ALL_ENTRIES).label("entry"))
    ]


def _services(keys: Sequence[Any]) -> Select[Any]:
    values = [*_NONE * (len(COUNTS) - 2), ServiceSum.services, ServiceSum.prompted]
    return select(
        ServiceSum.day,
        literal(ALL_ENTRIES).label("entry"),
        literal(NO_CHANNEL).label("channel"),
        *keys,
        *(value.label(name) for name, value in zip(COUNTS, values, strict=True)),
    )
