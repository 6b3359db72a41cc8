"""Case-mix: how many bad reviews a row would have if its ratings were as bad as the group's of their kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

from evalsys.kernel.proportions import Interval, Z

K = TypeVar("K")

Kind = tuple[str, str]  # item type and channel


@dataclass(frozen=True)
class Mixed:
    """A row's bad reviews, and those expected of its item types and channels."""

    bad: int
    expected: float
    variance: float

    @property
    def excess(self) -> float:
        """Observed minus expected, in ratings."""
        return self.bad - self.expected

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the excess, by the variance that chance alone would give (normal)."""
        reach = Z * sqrt(self.variance)
        return (self.excess - reach, self.excess + reach)


def mixes(cells: Iterable[tuple[K, Kind, int, int]]) -> Mapping[K, Mixed]:
    """The mix of every row of one comparison group from its cells (row, kind, bad, n).

    Indirect standardisation by item type × channel (Breslow and Day 1987, vol. II, ch. 2).
    """
    known = list(cells)
    bad_of: dict[Kind, int] = defaultdict(int)
    n_of: dict[Kind, int] = defaultdict(int)
    for _row, kind, bad, n in known:
        bad_of[kind] += bad
        n_of[kind] += n
    found: dict[K, Mixed] = {}
    for row, kind, bad, n in known:
        rate = bad_of[kind] / n_of[kind] if n_of[kind] else 0.0
        so_far = found.get(row, Mixed(0, 0.0, 0.0))
        found[row] = Mixed(
            so_far.bad + bad, so_far.expected + n * rate, so_far.variance + n * rate * (1 - rate)
        )
    return found
