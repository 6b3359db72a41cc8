"""Early warning: bad reviews that add up day by day to more than chance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import log

WORSE = 3.0  # the odds of a bad review that the chart looks out for, against the group's
# Of 400 windows that never got worse, at 0.05 % to 3 % bad, at most three stood past it after ninety days.
# Of those three times as bad for the last thirty it finds all at 1 % and 60 a day, two in three at 0.2 %.
THRESHOLD = 5.0


@dataclass(frozen=True)
class Climb:
    """Where a chart stands after its last day, and since when it has been climbing."""

    height: float
    since: date
    bad: int
    n: int

    @property
    def warns(self) -> bool:
        """Whether the climb is past the threshold."""
        return self.height >= THRESHOLD


def climb(days: Iterable[tuple[date, int, int]], usual: float) -> Climb | None:
    """The cumulative sum over days (day, bad, n) in order; None where it stands at nought.

    A risk chart of log-likelihood ratios (Steiner, Cook, Farewell and Treasure 2000): every rating is weighed
    for odds of a bad review three times the usual rate's, and the sum never falls below nought.
    """
    if not 0 < usual < 1:
        return None
    worse = WORSE * usual / (1 - usual + WORSE * usual)
    per_bad, per_good = log(worse / usual), log((1 - worse) / (1 - usual))
    present: Climb | None = None
    for day, bad, n in days:
        height = (present.height if present else 0.0) + bad * per_bad + (n - bad) * per_good
        if height <= 0:
            present = None
        elif present is None:
            present = Climb(height, day, bad, n)
        else:
            present = Climb(height, present.since, present.bad + bad, present.n + n)
    return present
