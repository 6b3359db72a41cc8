"""Where each row of a ranking stands, and for which closed days that is worked out."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from evalsys.kernel.periods import DAY, DEFAULT_DAYS, MONTHS, QUARTERS, Period, closing_of
from evalsys.scoring.rules.drawing import Among, Draw
from evalsys.scoring.rules.ranking import Place, Row
from evalsys.scoring.rules.shrinkage import Prior, prior_of, shrunk

_BACK = {MONTHS: 3, QUARTERS: 2}  # closed periods kept worked out, besides the last ninety days


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


def places_of(rows: Iterable[Row], draw: Draw) -> dict[str, Place]:
    """The place of every row by its code: shrunk inside its comparison group, and drawn among those ranked.

    Leader duty is left out; where a group has fewer than three rows with ratings there are no places.
    """
    by_group: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.n and not row.named.leader_duty:
            by_group[row.named.group].append(row)
    groups = [
        _Group(ordered, prior)
        for _name, group in sorted(by_group.items())
        if (ordered := sorted(group, key=lambda row: row.named.code))
        and (prior := prior_of([row.tally.split.levels for row in ordered]))
    ]
    ranked = [group for group in groups if group.ranked]
    found = {code: place for group in groups for code, place in group.shrunk()}
    for group, placed in zip(ranked, draw([group.among for group in ranked]), strict=True):
        for row, at in zip(group.ranked, placed, strict=True):
            found[row.named.code] = Place(at.shrunk, (at.best, at.worst), at.band, at.top, at.bottom)
    return found


@dataclass(frozen=True)
class _Group:
    """The rows of one comparison group and what it says of each of them beforehand."""

    rows: Sequence[Row]
    prior: Prior

    @property
    def ranked(self) -> Sequence[Row]:
        return [row for row in self.rows if row.enough_rank]

    @property
    def among(self) -> Among:
        return Among([row.tally.split.levels for row in self.ranked], self.prior, self._points)

    @property
    def _points(self) -> Sequence[float]:
        return self.rows[0].formulas.points

    def shrunk(self) -> Iterator[tuple[str, Place]]:
        """The shrunk score of every row, by its code."""
        for row in self.rows:
            yield row.named.code, Place(shrunk(row.tally.split.levels, self.prior, self._points))


def counts_hash(rows: Iterable[Row]) -> str:
    """A digest of all that the places of rows follow from, besides the formulas."""
    said = sorted(
        (row.named.code, row.named.group, row.named.leader_duty, row.tally.split.levels) for row in rows
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()
