"""Funnel limits: how far from its group's mean a rate may lie by chance alone, for its number of ratings."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p, sqrt

from evalsys.scoring.rules.shrinkage import FEWEST

WARNING, ALARM = 0.025, 0.001  # outside on each side: limits of 95 % and 99.8 %
_Z = {WARNING: 1.959963984540054, ALARM: 3.090232306167813}
_EXACT_UP_TO = 100.0  # the binomial's variance, above which the normal curve is as good
# Share of rows on each side whose distance is cut down to that of the next: one row far off must not hide
# itself by widening the limits. Of five rows or more at least one is cut.
_WINSORISED, _AT_LEAST_ONE_OF = 0.1, 5

# Above, inside or below: outside 99.8 %, outside 95 %, or nowhere outside.
FAR_ABOVE, ABOVE, INSIDE, BELOW, FAR_BELOW = "far-above", "above", "inside", "below", "far-below"

Limits = tuple[float, float]


@dataclass(frozen=True)
class Funnel:
    """The limits of one comparison group: its mean as a share, and the over-dispersion (1: chance alone)."""

    mean: float
    dispersion: float
    rows: int

    def limits(self, n: int, outside: float) -> Limits:
        """The lower and upper limit in [0, 1] for n ratings, widened by the over-dispersion.

        Exact binomial limits, interpolated between whole ratings (Spiegelhalter 2005, "Funnel plots for
        comparing institutional performance", appendix A.1.1); the normal curve where it is as good.
        """
        wide = sqrt(self.dispersion)
        low, high = (_edge(self.mean, n, outside, upper=upper) for upper in (False, True))
        return (
            max(0.0, self.mean - (self.mean - low) * wide),
            min(1.0, self.mean + (high - self.mean) * wide),
        )

    def side(self, numerator: int, n: int) -> str:
        """Where a rate of n ratings lies: inside the limits, or outside which of them."""
        rate = numerator / n
        for outside, below, above in ((ALARM, FAR_BELOW, FAR_ABOVE), (WARNING, BELOW, ABOVE)):
            low, high = self.limits(n, outside)
            if rate > high:
                return above
            if rate < low:
                return below
        return INSIDE


def funnel_of(rates: Sequence[tuple[int, int]]) -> Funnel | None:
    """The funnel of a group from (numerator, denominator) pairs; None where fewer than three hold ratings.

    Over-dispersion is the mean square of the winsorised distances, and never less than 1 (Spiegelhalter 2005,
    "Handling over-dispersion of performance indicators", Qual Saf Health Care 14:347-351).
    """
    rated = [(numerator, n) for numerator, n in rates if n]
    if len(rated) < FEWEST:
        return None
    mean = sum(numerator for numerator, _n in rated) / sum(n for _numerator, n in rated)
    return Funnel(mean, _dispersion(rated, mean), len(rated))


def _dispersion(rates: Sequence[tuple[int, int]], mean: float) -> float:
    if mean in (0.0, 1.0):
        return 1.0
    distances = sorted((k / n - mean) / sqrt(mean * (1 - mean) / n) for k, n in rates)
    cut = max(int(len(distances) * _WINSORISED), len(distances) >= _AT_LEAST_ONE_OF)
    low, high = distances[cut], distances[-1 - cut]
    squares = [min(max(distance, low), high) ** 2 for distance in distances]
    return max(1.0, sum(squares) / len(squares))


def _edge(mean: float, n: int, outside: float, *, upper: bool) -> float:
    """The rate past which at most a share `outside` of samples of n ratings falls, if the mean is true."""
    if mean in (0.0, 1.0):
        return mean
    if mean > 0.5:
        # Counted from the rare side, so that the sum stays short and its first term above nought.
        return 1 - _edge(1 - mean, n, outside, upper=not upper)
    variance = n * mean * (1 - mean)
    if variance > _EXACT_UP_TO:
        reach = _Z[outside] * sqrt(variance) / n
        return mean + reach if upper else mean - reach
    # Spiegelhalter's upper limit is one rating nearer: what is drawn outside there is not always so rare.
    at = _binomial_quantile(mean, n, 1 - outside) + 1 if upper else _binomial_quantile(mean, n, outside)
    return min(max(at / n, 0.0), 1.0)


def _binomial_quantile(mean: float, n: int, share: float) -> float:
    """The smallest number with P(R ≤ number) > share, less the overshoot: so limits run without steps."""
    odds = mean / (1 - mean)
    term = exp(n * log1p(-mean))
    below, number = term, 0
    while below <= share and number < n:
        number += 1
        term *= odds * (n - number + 1) / number
        below += term
    return number - (below - share) / term if term else float(number)
