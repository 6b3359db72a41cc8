"""What the clerk's side sees: released cells of closed periods, and nothing else."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from evalsys.kernel.access import Scope, within
from evalsys.kernel.periods import DAY, KINDS, WEEKS, BadPeriod, Closing, closing_of, closing_of_days
from evalsys.kernel.settings import Settings
from evalsys.kernel.words import N_
from evalsys.scoring.models import ReleasedCell
from evalsys.scoring.queries import naming
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.queries.sums import formulas_of
from evalsys.scoring.rules.asking import BadFilter, Filter
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.gathering import NOBODY
from evalsys.scoring.rules.ranking import (
    CHANNELS,
    STAFF,
    TOTAL,
    UNMATCHED,
    WINDOWS,
    Ranking,
    Row,
    Tally,
    ranked,
    ranked_among,
    sum_of,
    unranked,
)
from evalsys.scoring.rules.rates import EMPTY, Split
from evalsys.scoring.rules.release import ALL, CHANNEL, TAG
from evalsys.scoring.rules.release import STAFF as BY_STAFF

TREND_WEEKS = 13

NONE = Tally()

_LEVELS = [getattr(ReleasedCell, f"n{level}") for level in (5, 4, 3, 2, 1)]


@dataclass
class Cells:
    """What has been released of one window in one unit for one period."""

    whole: Split = EMPTY
    parts: dict[str, dict[str, Split]] = field(default_factory=lambda: defaultdict(dict))

    def cut(self, part: str) -> Mapping[str, Split] | None:
        """The parts by key, if they were released and still make up the whole."""
        parts = self.parts.get(part)
        return parts if parts and sum(parts.values(), start=EMPTY) == self.whole else None


def ranking(
    session: Session | Connection, subject: str, asked: Filter, scope: Scope, settings: Settings
) -> Ranking:
    """The ranking of windows, staff or departments of a scope by the released cells of one closed period.

    Departments are sums of released windows only. Windows whose staff were not released stand among those
    matched to nobody, so that the three still add up. Raises BadPeriod for days that are no whole week,
    month or quarter, BadFilter for a code there is not, and for what is not released.
    """
    closing = closing_of_days(asked.period)
    if closing is None:
        raise BadPeriod(N_("窗口一侧按整周、整月、整季查看。请从列表中选一期。"))
    _check_released(subject, asked)
    formulas = formulas_of(settings)
    ground = naming.ground(session, subject, asked, scope)
    cells = _cells(session, closing, ground)
    now = _tallies(ground, cells)
    before = _tallies(ground, _cells(session, closing_of(closing.kind, closing.starts - DAY), ground))
    rows = _rows(ground, cells, before, formulas)
    if ground.is_narrow:
        wide = ground.widened(scope)
        rows = ranked_among(rows, _rows(wide, _cells(session, closing, wide), {}, formulas))
    # A rank among some of a group would be another than the group's own.
    rows = unranked(rows, ground.groups_outside)
    shown = {window for window, _unit in cells}
    return Ranking(
        subject=subject,
        period=asked.period,
        channel=asked.channel,
        formulas=formulas,
        rows=rows,
        unmatched=Row(UNMATCHED, now.get(NOBODY, NONE), formulas) if subject == STAFF else None,
        total=Row(TOTAL, sum_of(now.values()), formulas, sum_of(before.values()).split),
        silent=len(ground.in_use - shown) if subject == WINDOWS else None,
        released=closing.name,
    )


def _check_released(subject: str, asked: Filter) -> None:
    if asked.entry:
        raise BadFilter(N_("按评价入口的数据不向窗口一侧公布。请去掉入口条件。"))
    if asked.channel and subject == STAFF:
        raise BadFilter(N_("按人员再分渠道的数据不向窗口一侧公布。请去掉渠道条件。"))


def _of(statement: Select[Any], closing: Closing, scope: Scope) -> Select[Any]:
    statement = statement.where(ReleasedCell.kind == closing.kind, ReleasedCell.starts == closing.starts)
    return within(statement, ReleasedCell.unit_id, scope)


def _cells(session: Session | Connection, closing: Closing, ground: Ground) -> dict[tuple[int, int], Cells]:
    statement: Select[Any] = select(
        ReleasedCell.window_id, ReleasedCell.unit_id, ReleasedCell.part, ReleasedCell.part_key, *_LEVELS
    ).where(ReleasedCell.part.in_((ALL, CHANNEL, BY_STAFF)))
    if ground.units is not None:
        statement = statement.where(ReleasedCell.unit_id.in_(sorted(ground.units)))
    if ground.windows is not None:
        statement = statement.where(ReleasedCell.window_id.in_(sorted(ground.windows)))
    found: dict[tuple[int, int], Cells] = defaultdict(Cells)
    for window, unit, part, key, *levels in session.execute(_of(statement, closing, ground.scope)):
        if part == ALL:
            found[window, unit].whole = Split(*levels)
        else:
            found[window, unit].parts[part][key] = Split(*levels)
    return found


def _tallies(ground: Ground, cells: Mapping[tuple[int, int], Cells]) -> dict[int, Tally]:
    found: dict[int, Tally] = {}
    for (window, unit), cell in cells.items():
        for key, tally in _shares(ground, window if ground.subject == WINDOWS else unit, cell).items():
            found[key] = found[key] + tally if key in found else tally
    return found


def _rows(
    ground: Ground, cells: Mapping[tuple[int, int], Cells], before: Mapping[int, Tally], formulas: Formulas
) -> tuple[Row, ...]:
    leaders = _leaders(ground, cells)
    return ranked(
        Row(ground.named(key, leads_only=key in leaders), tally, formulas, before.get(key, NONE).split)
        for key, tally in _tallies(ground, cells).items()
        if not (ground.subject == STAFF and key == NOBODY)
    )


def _leaders(ground: Ground, cells: Mapping[tuple[int, int], Cells]) -> set[int]:
    """The rows all of whose ratings come from leader duty: shown, but not ranked."""
    by_duty: dict[bool, set[int]] = {True: set(), False: set()}
    for (window, unit), cell in cells.items():
        key = window if ground.subject == WINDOWS else unit
        by_duty[window in ground.leader_windows].update(_shares(ground, key, cell))
    return by_duty[True] - by_duty[False]


def _shares(ground: Ground, key: int, cell: Cells) -> Mapping[int, Tally]:
    """What one cell adds to which rows."""
    if ground.subject == STAFF:
        staff = {int(who): _uncut(split) for who, split in (cell.cut(BY_STAFF) or {}).items()}
        return staff or {NOBODY: _uncut(cell.whole)}
    tally = _by_channel(cell, ground.asked.channel)
    return {key: tally} if tally else {}


def _uncut(split: Split) -> Tally:
    return Tally(split, dict.fromkeys(CHANNELS))


def _by_channel(cell: Cells, channel: str) -> Tally | None:
    """A window's tally, or that of one channel; None where the channels were not released."""
    cut = cell.cut(CHANNEL)
    if cut is None:
        return None if channel else _uncut(cell.whole)
    channels = {name: cut.get(name, EMPTY) for name in CHANNELS if channel in ("", name)}
    whole = sum(channels.values(), start=EMPTY)
    return Tally(whole, dict.fromkeys(CHANNELS, EMPTY) | channels)


def closings(session: Session | Connection, scope: Scope) -> list[Closing]:
    """The periods of which something has been released in a scope: the latest first, weeks before months."""
    columns: tuple[Any, ...] = (ReleasedCell.kind, ReleasedCell.starts)
    statement = select(*columns).where(ReleasedCell.part == ALL).distinct()
    rows = session.execute(within(statement, ReleasedCell.unit_id, scope))
    found = [Closing(kind, starts) for kind, starts in rows]
    return sorted(found, key=lambda c: (-c.period.last.toordinal(), KINDS.index(c.kind)))


def trend(session: Session | Connection, scope: Scope) -> list[tuple[Closing, Split]]:
    """The last thirteen released weeks of a scope, the oldest first: sums of released windows."""
    statement: Select[Any] = (
        select(ReleasedCell.starts, *map(func.sum, _LEVELS))
        .where(ReleasedCell.kind == WEEKS, ReleasedCell.part == ALL)
        .group_by(ReleasedCell.starts)
        .order_by(ReleasedCell.starts.desc())
        .limit(TREND_WEEKS)
    )
    rows = session.execute(within(statement, ReleasedCell.unit_id, scope))
    return [(Closing(WEEKS, starts), Split(*levels)) for starts, *levels in rows][::-1]


def tag_counts(session: Session | Connection, closing: Closing, scope: Scope) -> dict[str, int]:
    """How often tags of each group (`staff:bad`, …) were chosen, where that was released."""
    statement: Select[Any] = (
        select(ReleasedCell.part_key, *map(func.sum, _LEVELS))
        .where(ReleasedCell.part == TAG)
        .group_by(ReleasedCell.part_key)
        .order_by(ReleasedCell.part_key)
    )
    rows = session.execute(_of(statement, closing, scope))
    return {key: Split(*levels).n for key, *levels in rows}
