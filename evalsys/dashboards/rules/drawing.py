"""Where the marks of small drawings stand: bars of levels, intervals on an axis, a line over weeks."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalsys.kernel.proportions import Interval
from evalsys.scoring.rules.ranking import Row
from evalsys.scoring.rules.rates import Split, score_interval, score_of

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
    return _whole(min(low for low, _high in ends), max(high for _low, high in ends))


def _whole(low: float, high: float) -> Interval:
    """The whole fives around a part of the scale."""
    bottom, top = low // 5 * 5, min(100.0, -(-high // 5) * 5)
    return (min(bottom, top - NARROWEST), top)


def place(value: float, scale: Interval) -> float:
    """Where a value stands on an axis, 0 to 100."""
    low, high = scale
    return round(min(max((value - low) * 100 / (high - low), 0), 100), 2)


@dataclass(frozen=True)
class Point:
    """A week's score with its 95 % interval: where it stands (0 to 100, y downwards), and the score."""

    x: float
    y: float
    top: float
    bottom: float
    score: float


@dataclass(frozen=True)
class Line:
    """The scores of some weeks, and the part of the scale they are drawn on."""

    points: Sequence[Point]
    scale: Interval


def line(splits: Sequence[Split], points: Sequence[float], least: int) -> Line | None:
    """The scores of the splits that hold enough ratings; None where fewer than two do."""
    found = [
        (nth, score, interval)
        for nth, split in enumerate(splits)
        if split.n >= least
        and (score := score_of(split, points)) is not None
        and (interval := score_interval(split, points)) is not None
    ]
    if len(found) < 2:
        return None
    scale = _whole(min(low for *_, (low, _high) in found), max(high for *_, (_low, high) in found))
    step = 100 / (len(splits) - 1)

    def down(value: float) -> float:
        return round(100 - place(value, scale), 2)

    placed = [
        Point(round(nth * step, 2), down(score), down(high), down(low), score)
        for nth, score, (low, high) in found
    ]
    return Line(placed, scale)
