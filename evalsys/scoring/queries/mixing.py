"""Sums too fine for running totals: bad reviews by item type and channel, and by day."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.periods import Period
from evalsys.scoring.models import DailySum
from evalsys.scoring.queries import naming
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.casemix import Kind, Mixed
from evalsys.scoring.rules.casemix import mixes as mixes_of
from evalsys.scoring.rules.gathering import NOBODY
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS, Named, Row
from evalsys.scoring.rules.tallies import LEVELS
from evalsys.scoring.rules.warning import Climb, climb

_KEYS = {WINDOWS: DailySum.window_id, STAFF: DailySum.staff_id, DEPARTMENTS: DailySum.unit_id}


def _summed(levels: Sequence[int], *, own: bool) -> ColumnElement[int]:
    """The counted ratings of some levels; a clerk's own without what the clerk is not scored for."""
    names = [f"n{level}" for level in levels]
    counted: Any = reduce(add, (getattr(DailySum, name) for name in names))
    if own:
        counted -= reduce(add, (getattr(DailySum, f"unscored{level}") for level in levels))
    return func.sum(counted)


def mixes(session: Session, subject: str, asked: Filter, rows: Sequence[Row]) -> Mapping[str, Mixed]:
    """The case-mix of every row of a ranking by its code, inside its comparison group."""
    key, own = _KEYS[subject], subject == STAFF
    names = naming.ground(session, subject, Filter(asked.period), EVERYTHING).names
    groups = {row.named.code: row.named.group for row in rows if not row.named.leader_duty}
    columns: list[Any] = [key, DailySum.item_type, DailySum.channel]
    statement: Select[Any] = (
        select(*columns, _summed((2, 1), own=own), _summed(LEVELS, own=own))
        .where(DailySum.day.between(asked.period.first, asked.period.last))
        .group_by(*columns)
    )
    if asked.channel:
        statement = statement.where(DailySum.channel == asked.channel)
    by_group: dict[str, list[tuple[str, Kind, int, int]]] = defaultdict(list)
    for which, item_type, channel, bad, n in session.execute(statement):
        code = names[which].code if which != NOBODY and which in names else ""
        if n and code in groups:
            by_group[groups[code]].append((code, (item_type, channel), int(bad), int(n)))
    return {code: mixed for cells in by_group.values() for code, mixed in mixes_of(cells).items()}


@dataclass(frozen=True)
class Warned:
    """A window whose bad reviews have lately added up to more than chance."""

    named: Named
    climb: Climb


def warnings(session: Session, period: Period, scope: Scope) -> tuple[Warned, ...]:
    """The windows of a scope past the threshold on the period's last day, the highest first."""
    ground = naming.ground(session, WINDOWS, Filter(period), EVERYTHING)
    days: dict[int, list[Any]] = defaultdict(list)
    statement = (
        select(DailySum.window_id, DailySum.day, _summed((2, 1), own=False), _summed(LEVELS, own=False))
        .where(DailySum.day.between(period.first, period.last))
        .group_by(DailySum.window_id, DailySum.day)
        .order_by(DailySum.day)
    )
    for window, day, bad, n in session.execute(statement):
        days[window].append((day, int(bad), int(n)))
    usual = _usual({window: ground.named(window, leads_only=False).group for window in days}, days)
    found = [
        Warned(ground.named(window, leads_only=False), present)
        for window, present in _climbs(days, usual)
        if scope.everything or scope.covers(ground.places[window].unit_id)
    ]
    return tuple(sorted(found, key=lambda each: (-each.climb.height, each.named.code)))


def _usual(groups: Mapping[int, str], days: Mapping[int, Sequence[Any]]) -> Mapping[int, float]:
    """The bad rate of each window's comparison group."""
    bad: dict[str, int] = defaultdict(int)
    all_of: dict[str, int] = defaultdict(int)
    for window, known in days.items():
        bad[groups[window]] += sum(day[1] for day in known)
        all_of[groups[window]] += sum(day[2] for day in known)
    return {window: bad[group] / all_of[group] if all_of[group] else 0.0 for window, group in groups.items()}


def _climbs(days: Mapping[int, Sequence[Any]], usual: Mapping[int, float]) -> Iterator[tuple[int, Climb]]:
    for window, known in days.items():
        present = climb(known, usual[window])
        if present is not None and present.warns:
            yield window, present
