"""What ranks are drawn from and what is found, in words that need no numpy."""

import importlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from evalsys.scoring.rules.shrinkage import Prior


class Among(NamedTuple):
    """The ranked rows of a comparison group: their counts by level, the prior, the points of the levels."""

    counts: Sequence[Sequence[int]]
    prior: Prior
    points: Sequence[float]


class Placed(NamedTuple):
    """Where a row stands in its comparison group: best and worst rank of the 95 % interval, and its band.

    Rows of one band (from 1, the best) do not differ from the band's first by more than chance. `top` and
    `bottom` are the probabilities of belonging to the best and to the worst tenth of the group.
    """

    shrunk: float
    best: int
    worst: int
    band: int
    top: float
    bottom: float


# Draws for several groups, as many answers in the same order.
Draw = Callable[[Sequence[Among]], Sequence[Sequence[Placed]]]


def drawn_here(groups: Sequence[Among]) -> list[list[Placed]]:
    """The places of the rows of several groups, drawn by this process, which holds numpy from then on."""
    # Not loaded with this module: some 18 MB that a process which only asks never holds.
    draws = importlib.import_module("evalsys.scoring.rules.draws")
    return [draws.places(*group) for group in groups]
