"""Shrinkage: what few ratings say is drawn towards the comparison group, as far as the group is alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

# How many ratings of the group's mean a row may be lent: from next to none to all but certainty.
LEAST_WEIGHT, MOST_WEIGHT = 0.01, 1e6
FEWEST = 3  # rows that make a comparison group: fewer say nothing about how rows differ

_GOLDEN = (sqrt(5) - 1) / 2
_STEPS = 40  # narrows the eighteen powers of e of the weight down to less than a millionth


@dataclass(frozen=True)
class Prior:
    """What a group says of a row before any rating: shares of the levels, worth `weight` ratings."""

    shares: tuple[float, ...]
    weight: float

    @property
    def alpha(self) -> tuple[float, ...]:
        """The parameters of the Dirichlet distribution; with two levels those of a beta distribution."""
        return tuple(self.weight * share for share in self.shares)


def prior_of(counts: Sequence[Sequence[int]]) -> Prior | None:
    """The empirical-Bayes prior of a comparison group; None where fewer than three rows hold ratings.

    `counts` has one row per window, clerk or unit and a column per level; (good, bad) makes it beta-binomial.
    The shares are those of all ratings together, half a rating lent to each level; the weight maximises the
    Dirichlet-multinomial likelihood, which has one peak at most (Levin and Reeds 1977, after Good 1965).
    """
    rated = [row for row in counts if sum(row)]
    if len(rated) < FEWEST:
        return None
    columns = [sum(column) + 0.5 for column in zip(*rated, strict=True)]
    shares = tuple(column / sum(columns) for column in columns)
    return Prior(shares, exp(_peak(rated, shares)))


def likelihood(counts: Sequence[Sequence[int]], prior: Prior) -> float:
    """The Dirichlet-multinomial log-likelihood of counts, without what does not depend on the prior."""
    alpha, weight = prior.alpha, prior.weight
    empty = [lgamma(a) for a in alpha]
    total = len(counts) * lgamma(weight)
    for row in counts:
        total -= lgamma(weight + sum(row))
        total += sum(lgamma(a + n) - none for a, n, none in zip(alpha, row, empty, strict=True) if n)
    return total


def _peak(counts: Sequence[Sequence[int]], shares: tuple[float, ...]) -> float:
    """The logarithm of the likeliest weight, by golden section."""

    def height(at: float) -> float:
        return likelihood(counts, Prior(shares, exp(at)))

    low, high = log(LEAST_WEIGHT), log(MOST_WEIGHT)
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = height(left), height(right)
    for _step in range(_STEPS):
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = height(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = height(right)
    return (low + high) / 2


def shrunk(row: Sequence[int], prior: Prior, values: Sequence[float]) -> float:
    """The mean value of a row's next rating: the posterior mean under its group's prior.

    With the points of the levels it is the shrunk score (0 to 100), with (0, 1) a rate's shrunk value.
    """
    known = [a + n for a, n in zip(prior.alpha, row, strict=True)]
    return sum(k * value for k, value in zip(known, values, strict=True)) / sum(known)
