"""Where each row of a ranking stands, and for which closed days that is worked out."""

import hashlib
import importlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import ModuleType

from evalsys.kernel.periods import DAY, DEFAULT_DAYS, MONTHS, QUARTERS, Period, closing_of
from evalsys.scoring.rules.ranking import Place, Row
from evalsys.scoring.rules.shrinkage import prior_of, shrunk

_BACK = {MONTHS: 3, QUARTERS: 2}  # closed periods kept worked out, besides the last ninety days


def _draws() -> ModuleType:
    # Loaded by the first drawing: a process that never draws does not hold numpy, some 12 MB, for ever.
    return importlib.import_module("evalsys.scoring.rules.draws")


def periods_worked_out(today: date) -> list[Period]:
    """The closed days of the default period first, then the latest closed months and quarters."""
    yesterday = today - DAY
    found = [Period(today - (DEFAULT_DAYS - 1) * DAY, yesterday)]
    for kind, many in _BACK.items():
        closing = closing_of(kind, today)
        for _each in range(many):
            closing = closing_of(kind, closing.starts - DAY)
            found.append(closing.period)
    return found


def periods_serving(asked: Period) -> Sequence[Period]:
    """The worked-out periods that may stand for one asked for, the best first.

    That is the very same one; for ninety days also the same without the last, which may not be over yet.
    """
    if asked.days != DEFAULT_DAYS:
        return (asked,)
    return (asked, Period(asked.first, asked.last - DAY))


def places_of(rows: Iterable[Row]) -> dict[str, Place]:
    """The place of every row by its code: shrunk inside its comparison group, and drawn among those ranked.

    Leader duty is left out; where a group has fewer than three rows with ratings there are no places.
    """
    by_group: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.n and not row.named.leader_duty:
            by_group[row.named.group].append(row)
    found: dict[str, Place] = {}
    for group in by_group.values():
        found |= _places_in(sorted(group, key=lambda row: row.named.code))
    return found


def _places_in(rows: Sequence[Row]) -> Mapping[str, Place]:
    prior = prior_of([row.tally.split.levels for row in rows])
    if prior is None:
        return {}
    points = rows[0].formulas.points
    found = {row.named.code: Place(shrunk(row.tally.split.levels, prior, points)) for row in rows}
    among = [row for row in rows if row.enough_rank]
    if among:
        placed = _draws().places([row.tally.split.levels for row in among], prior, points)
        for row, at in zip(among, placed, strict=True):
            found[row.named.code] = Place(at.shrunk, (at.best, at.worst), at.band, at.top, at.bottom)
    return found


def counts_hash(rows: Iterable[Row]) -> str:
    """A digest of all that the places of rows follow from, besides the formulas."""
    said = sorted(
        (row.named.code, row.named.group, row.named.leader_duty, row.tally.split.levels) for row in rows
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()
