"""How sure a rank is: ranks counted over draws from what the ratings leave open."""

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from evalsys.scoring.rules.drawing import Placed
from evalsys.scoring.rules.shrinkage import Prior, shrunk

DRAWS = 2000
SEED = 20200301  # fixed: the same counts give the same intervals, on every machine of one release
_AT_ONCE = 50  # draws made together: five numbers a row for each of them are held meanwhile
_OUTSIDE = 0.025  # on each side of the 95 % interval
SURE = 0.975  # from here on one row is said to lie above another

Floats = NDArray[np.float64]


def places(counts: Sequence[Sequence[int]], prior: Prior, points: Sequence[float]) -> list[Placed]:
    """The places of a group's rows, by 2,000 draws of every row's score from its posterior.

    Rank intervals by simulation: Goldstein and Spiegelhalter 1996, "League tables and their limitations". The
    prior is taken as known, as empirical Bayes does.
    """
    scores = np.empty((DRAWS, len(counts)))
    ranks = np.empty(scores.shape, dtype=np.int32)
    for part, drawn in enumerate(_scores(counts, prior, points)):
        these = slice(part * _AT_ONCE, (part + 1) * _AT_ONCE)
        scores[these], ranks[these] = drawn, _ranks(drawn)
    means = [shrunk(row, prior, points) for row in counts]
    bands = _bands(means, scores)
    cut = int(DRAWS * _OUTSIDE)
    tenth = ceil(len(counts) / 10)
    top = (ranks <= tenth).mean(axis=0)
    bottom = (ranks > len(counts) - tenth).mean(axis=0)
    ranks.sort(axis=0)
    return [
        Placed(
            shrunk=mean,
            best=int(ranks[cut, at]),
            worst=int(ranks[DRAWS - 1 - cut, at]),
            band=bands[at],
            top=float(top[at]),
            bottom=float(bottom[at]),
        )
        for at, mean in enumerate(means)
    ]


def _scores(counts: Sequence[Sequence[int]], prior: Prior, points: Sequence[float]) -> Iterator[Floats]:
    """Draws × rows of scores; shares of a Dirichlet distribution are gamma variates by their sum."""
    known = np.asarray(counts, dtype=np.float64) + np.asarray(prior.alpha)
    chance = np.random.default_rng(SEED)
    for _part in range(DRAWS // _AT_ONCE):
        weights = chance.standard_gamma(known, size=(_AT_ONCE, *known.shape))
        yield (weights @ np.asarray(points)) / weights.sum(axis=2)


def _ranks(scores: Floats) -> NDArray[np.int64]:
    """The rank of every row in every draw, 1 for the highest score."""
    order = np.argsort(-scores, axis=1)
    ranks = np.empty(order.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    return ranks


def _bands(means: Sequence[float], scores: Floats) -> list[int]:
    """The band of every row, from the best down: a new one begins with a row surely below the first."""
    bands = [0] * len(means)
    first, band = -1, 0
    for at in sorted(range(len(means)), key=lambda row: (-means[row], row)):
        if first < 0 or (scores[:, first] > scores[:, at]).mean() >= SURE:
            first, band = at, band + 1
        bands[at] = band
    return bands
