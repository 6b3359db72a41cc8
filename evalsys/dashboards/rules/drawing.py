"""Where the marks of small drawings stand: bars of levels, intervals on an axis, a line over weeks."""

from collections.abc import Sequence

from evalsys.kernel.proportions import Interval
from evalsys.scoring.rules.ranking import Row
from evalsys.scoring.rules.rates import Split, score_of

NARROWEST = 5.0  # points of the score that an axis shows at least


def shares(split: Split) -> list[tuple[int, int, float, float]]:
    """The levels that were given as (level, number, where the bar begins, how wide it is) on 0 to 100."""
    bars, at = [], 0.0
    for level, n in zip((5, 4, 3, 2, 1), split.levels, strict=True):
        if n:
            wide = 100 * n / split.n
            bars.append((level, n, round(at, 3), round(wide, 3)))
            at += wide
    return bars


def axis(rows: Sequence[Row]) -> Interval:
    """The part of the scores' scale on which the intervals of some rows lie, in whole fives."""
    ends = [row.score_interval for row in rows if row.enough_rate and row.score_interval]
    if not ends:
        return (0.0, 100.0)
    low, high = min(low for low, _high in ends), max(high for _low, high in ends)
    bottom, top = low // 5 * 5, min(100.0, -(-high // 5) * 5)
    return (min(bottom, top - NARROWEST), top)


def place(value: float, scale: Interval) -> float:
    """Where a value stands on an axis, 0 to 100."""
    low, high = scale
    return round(min(max((value - low) * 100 / (high - low), 0), 100), 2)


def line(splits: Sequence[Split], points: Sequence[float], least: int) -> list[tuple[float, float, float]]:
    """The scores of the splits with enough ratings as (x, y, score); x and y run 0 to 100, y downwards."""
    scores = [score_of(split, points) if split.n >= least else None for split in splits]
    known = [score for score in scores if score is not None]
    if len(known) < 2:
        return []
    bottom, top = min(known) // 1, -(-max(known) // 1)
    scale = (min(bottom, top - NARROWEST), top)
    step = 100 / (len(scores) - 1)
    return [
        (round(nth * step, 2), round(100 - place(score, scale), 2), score)
        for nth, score in enumerate(scores)
        if score is not None
    ]
