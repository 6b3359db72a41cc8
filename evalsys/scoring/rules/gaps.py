"""The channel gap: what is said on the counter's tablet against what is said away from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

from evalsys.kernel.periods import Period
from evalsys.kernel.proportions import Interval, Rate, Z, rate_of
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.ranking import Named
from evalsys.scoring.rules.rates import (
    EMPTY,
    Split,
    difference_of_rates,
    difference_of_scores,
    excludes_zero,
    score_of,
)

TABLET = "tablet"
# Given where nobody of the hall looks on. A take-away code is noted as a ticket.
FREER = ("kiosk", "ticket", "link")
WINDOW_CODE = "window-code"  # often tapped under the clerk's eyes: a column of its own, on neither side
ENTRIES = (TABLET, *FREER, WINDOW_CODE)


@dataclass(frozen=True)
class Gap:
    """Tablet minus kiosk, ticket, link and take-away code of one window, clerk or unit, with intervals."""

    by_entry: Mapping[str, Split]
    formulas: Formulas

    def entry(self, name: str) -> Split:
        """The ratings of one entry."""
        return self.by_entry.get(name, EMPTY)

    @cached_property
    def tablet(self) -> Split:
        """What was said on the counter's tablet."""
        return self.entry(TABLET)

    @cached_property
    def freer(self) -> Split:
        """What was said away from the counter."""
        return sum((self.entry(name) for name in FREER), start=EMPTY)

    @property
    def window_code(self) -> Split:
        """What was said by the window's own code."""
        return self.entry(WINDOW_CODE)

    @property
    def enough(self) -> bool:
        """Whether both sides hold enough ratings for a rate."""
        return min(self.tablet.n, self.freer.n) >= max(self.formulas.min_n_rate, 1)

    @cached_property
    def score(self) -> float | None:
        """The gap of the scores in points, -100 to 100; None where a side is empty."""
        tablet, freer = (score_of(side, self.formulas.points) for side in (self.tablet, self.freer))
        return None if tablet is None or freer is None else tablet - freer

    @cached_property
    def score_interval(self) -> Interval | None:
        """The 95 % interval of the gap of the scores (normal)."""
        return difference_of_scores(self.tablet, self.freer, self.formulas.points)

    @cached_property
    def good(self) -> float | None:
        """The gap of the good rates, -1 to 1; None where a side is empty."""
        tablet, freer = (self.good_rate(side).rate for side in (self.tablet, self.freer))
        return None if tablet is None or freer is None else tablet - freer

    @cached_property
    def good_interval(self) -> Interval | None:
        """The 95 % interval of the gap of the good rates (Newcombe 1998, method 10)."""
        return difference_of_rates(self.good_rate(self.tablet), self.good_rate(self.freer))

    def good_rate(self, side: Split) -> Rate:
        """The good rate of one side."""
        return rate_of(side.good, side.n, self.formulas.min_n_rate)

    @property
    def proven(self) -> int:
        """1 or -1 where the interval of the scores' gap lies wholly above or below 0; else 0."""
        if not self.enough or self.score_interval is None or not excludes_zero(self.score_interval):
            return 0
        return 1 if self.score_interval[0] > 0 else -1


@dataclass(frozen=True)
class PairGap:
    """The gap within the same person: one service rated on the tablet and again, freer, away from it.

    `total` and `squares` add up tablet minus freer in points, and its squares, over all pairs.
    """

    pairs: int
    total: float
    squares: float

    def __add__(self, other: "PairGap") -> "PairGap":
        return PairGap(self.pairs + other.pairs, self.total + other.total, self.squares + other.squares)

    @property
    def score(self) -> float | None:
        """The mean gap in points, -100 to 100; None without pairs."""
        return self.total / self.pairs if self.pairs else None

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of the mean gap (normal, of paired differences); None below two pairs."""
        if self.pairs < 2 or self.score is None:
            return None
        variance = max(0.0, self.squares - self.total**2 / self.pairs) / (self.pairs - 1)
        reach = Z * sqrt(variance / self.pairs)
        return (self.score - reach, self.score + reach)


NO_PAIRS = PairGap(0, 0.0, 0.0)


@dataclass(frozen=True)
class GapRow:
    """One window, clerk or unit: the gap between its channels, and that within the same person."""

    named: Named
    gap: Gap
    pairs: PairGap


@dataclass(frozen=True)
class Gaps:
    """The channel gaps of a period: the widest proven first, then those not proven, then too few to say."""

    subject: str
    period: Period
    formulas: Formulas
    rows: tuple[GapRow, ...]
    total: GapRow

    @property
    def compared(self) -> int:
        """How many rows have enough ratings on both sides."""
        return sum(row.gap.enough for row in self.rows)

    def proven(self, side: int) -> list[GapRow]:
        """The rows whose gap is surely above (1) or below (-1) nought."""
        return [row for row in self.rows if row.gap.proven == side]
