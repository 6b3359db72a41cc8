"""Sums too fine for running totals: bad reviews by item type and channel, and by day."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from evalsys.kernel.access import EVERYTHING, Scope
from evalsys.kernel.periods import DAY, DEFAULT_DAYS, Period
from evalsys.scoring.models import DailySum
from evalsys.scoring.queries import naming, running
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.casemix import Kind, Mixed
from evalsys.scoring.rules.casemix import mixes as mixes_of
from evalsys.scoring.rules.gathering import NOBODY
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS, Row
from evalsys.scoring.rules.rates import Split
from evalsys.scoring.rules.tallies import LEVELS
from evalsys.scoring.rules.warning import LONG_BAD, Alarm, Day, Warned, alarm_of, own_usual

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


def warnings(session: Session, period: Period, scope: Scope) -> tuple[Warned, ...]:
    """The windows of a scope that are warned of on the period's last day: first those that got worse.

    The charts run over the period's last ninety days; one's own past are the ninety before them.
    """
    charted = Period(max(period.first, period.last - (DEFAULT_DAYS - 1) * DAY), period.last)
    ground = naming.ground(session, WINDOWS, Filter(charted), EVERYTHING)
    days = _days(session, charted)
    named = {window: ground.named(window, leads_only=False) for window in days}
    past = _past(session, charted)
    groups: dict[str, list[int]] = defaultdict(list)
    for window, each in named.items():
        groups[each.group].append(window)
    found = [
        Warned(named[window], alarm, *_summed_up(days[window]))
        for windows in groups.values()
        for window, alarm in _alarms({window: days[window] for window in windows}, past)
        if scope.everything or scope.covers(ground.places[window].unit_id)
    ]
    return tuple(sorted(found, key=_order))


def _days(session: Session, period: Period) -> Mapping[int, Sequence[Day]]:
    """The bad reviews and the ratings of each day, by window."""
    days: dict[int, list[Day]] = defaultdict(list)
    statement = (
        select(DailySum.window_id, DailySum.day, _summed((2, 1), own=False), _summed(LEVELS, own=False))
        .where(DailySum.day.between(period.first, period.last))
        .group_by(DailySum.window_id, DailySum.day)
        .order_by(DailySum.day)
    )
    for window, day, bad, n in session.execute(statement):
        days[window].append((day, int(bad), int(n)))
    return days


def _past(session: Session, period: Period) -> Mapping[int, tuple[int, int]]:
    """The bad reviews and the ratings of the ninety days before, by window, out of the running totals."""
    before = Filter(Period(period.first - DEFAULT_DAYS * DAY, period.first - DAY))
    rows = running.sums(session, naming.ground(session, WINDOWS, before, EVERYTHING))
    past: dict[int, tuple[int, int]] = {}
    for window, _place, _unit, _channel, *counts in rows:
        split = Split(*counts[: len(LEVELS)])
        bad, n = past.get(window, (0, 0))
        past[window] = (bad + split.bad, n + split.n)
    return past


def _alarms(
    days: Mapping[int, Sequence[Day]], past: Mapping[int, tuple[int, int]]
) -> Iterator[tuple[int, Alarm]]:
    """What is to be said of the windows of one comparison group."""
    now = {window: _summed_up(known) for window, known in days.items()}
    everything = [*now.values(), *(past.get(window, (0, 0)) for window in days)]
    bad, n = (sum(each) for each in zip(*everything, strict=True))
    own = own_usual({window: past[window] for window in days if window in past})
    for window, known in days.items():
        alarm = alarm_of(known, own.get(window), bad / n if n else 0.0)
        if alarm is not None:
            yield window, alarm


def _summed_up(days: Sequence[Day]) -> tuple[int, int]:
    return sum(day[1] for day in days), sum(day[2] for day in days)


def _order(warned: Warned) -> tuple[bool, float, str]:
    climb = warned.alarm.climb
    return (warned.alarm.says == LONG_BAD, -(climb.height if climb else 0.0), warned.named.code)
