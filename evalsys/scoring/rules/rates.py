"""Splits of ratings, their scores, and the differences that may be called a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from evalsys.kernel.proportions import Interval, Rate, Z


@dataclass(frozen=True, slots=True)
class Split:
    """How many ratings of each level, from very satisfied (5) down to very dissatisfied (1)."""

    five: int = 0
    four: int = 0
    three: int = 0
    two: int = 0
    one: int = 0

    @property
    def levels(self) -> tuple[int, int, int, int, int]:
        """The five counts, from level 5 to level 1."""
        return (self.five, self.four, self.three, self.two, self.one)

    @property
    def by_level(self) -> dict[str, int]:
        """The five counts by the level's digit, as the JSON says them."""
        return dict(zip("54321", self.levels, strict=True))

    @property
    def n(self) -> int:
        """All ratings of the five levels."""
        return self.five + self.four + self.three + self.two + self.one

    @property
    def good(self) -> int:
        """Ratings of the levels 5, 4 and 3."""
        return self.five + self.four + self.three

    @property
    def bad(self) -> int:
        """Ratings of the levels 2 and 1."""
        return self.two + self.one

    # Written out: rankings add thousands of splits for one page.
    def __add__(self, other: "Split") -> "Split":
        return Split(
            self.five + other.five,
            self.four + other.four,
            self.three + other.three,
            self.two + other.two,
            self.one + other.one,
        )

    def __sub__(self, other: "Split") -> "Split":
        return Split(
            self.five - other.five,
            self.four - other.four,
            self.three - other.three,
            self.two - other.two,
            self.one - other.one,
        )


EMPTY = Split()


def difference_of_rates(now: Rate, before: Rate) -> Interval | None:
    """The 95 % interval of now minus before, in [-1, 1].

    Newcombe 1998, method 10, from the two Wilson intervals. None where either side counted nothing.
    """
    if now.rate is None or before.rate is None or now.interval is None or before.interval is None:
        return None
    change = now.rate - before.rate
    down = sqrt((now.rate - now.interval[0]) ** 2 + (before.interval[1] - before.rate) ** 2)
    up = sqrt((now.interval[1] - now.rate) ** 2 + (before.rate - before.interval[0]) ** 2)
    return (max(-1.0, change - down), min(1.0, change + up))


def score_of(split: Split, points: Sequence[float]) -> float | None:
    """The mean points (0 to 100) of a split; None without ratings."""
    n = split.n
    if n == 0:
        return None
    # Written out, like the sums above: hundreds of rows wait for it.
    five, four, three, two, one = points
    return (
        split.five * five + split.four * four + split.three * three + split.two * two + split.one * one
    ) / n


def _variance_of_mean(split: Split, points: Sequence[float]) -> float:
    # Half a rating is lent to every level, for the spread only: thirty equal ratings do not make certainty.
    n5, n4, n3, n2, n1 = (n + 0.5 for n in split.levels)
    p5, p4, p3, p2, p1 = points
    total = n5 + n4 + n3 + n2 + n1
    mean = (n5 * p5 + n4 * p4 + n3 * p3 + n2 * p2 + n1 * p1) / total
    spread = (
        n5 * (p5 - mean) ** 2
        + n4 * (p4 - mean) ** 2
        + n3 * (p3 - mean) ** 2
        + n2 * (p2 - mean) ** 2
        + n1 * (p1 - mean) ** 2
    )
    return spread / total**2


def score_interval(split: Split, points: Sequence[float]) -> Interval | None:
    """The 95 % interval of the mean points (normal, within the points' range); None without ratings."""
    score = score_of(split, points)
    if score is None:
        return None
    reach = Z * sqrt(_variance_of_mean(split, points))
    return (max(min(points), score - reach), min(max(points), score + reach))


def difference_of_scores(now: Split, before: Split, points: Sequence[float]) -> Interval | None:
    """The 95 % interval of the score now minus the score before (normal); None where a side is empty."""
    present, past = score_of(now, points), score_of(before, points)
    if present is None or past is None:
        return None
    reach = Z * sqrt(_variance_of_mean(now, points) + _variance_of_mean(before, points))
    return (present - past - reach, present - past + reach)


def excludes_zero(interval: Interval | None) -> bool:
    """Whether a difference is significant: its interval lies wholly on one side of 0."""
    return interval is not None and (interval[0] > 0 or interval[1] < 0)
