"""Who sees which figures, in which order, and what can honestly be said of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from evalsys.identity.rules import CLERKS_SIDE, LIVE_SIDE
from evalsys.kernel.access import Permission
from evalsys.kernel.proportions import Rate
from evalsys.kernel.words import N_
from evalsys.scoring.rules.ranking import Ranking, Row
from evalsys.scoring.rules.rates import Split, score_of

# The clerk's side sees the same addresses by released periods only.
SEE_RANKINGS = Permission("see-rankings", LIVE_SIDE | CLERKS_SIDE)
SEE_LIVE = Permission("see-live-sums", LIVE_SIDE)
SEE_CONSOLE = Permission("see-console", CLERKS_SIDE)

ENTRY_WORDS = {
    "tablet": N_("柜台平板"),
    "kiosk": N_("评价机"),
    "window-code": N_("窗口码"),
    "ticket": N_("小票"),
    "link": N_("短信链接"),
    "portal": N_("网上大厅"),
    "phone": N_("电话"),
    "paper": N_("纸质"),
}


def _rate(rate: Rate) -> float | None:
    return rate.rate if rate.enough else None


MEASURES: dict[str, Callable[[Row], float | None]] = {
    "n": lambda row: row.n,
    "score": lambda row: row.score if row.enough_rate else None,
    "good": lambda row: _rate(row.good),
    "very": lambda row: _rate(row.very_satisfied),
    "bad": lambda row: _rate(row.bad),
}


def in_order(rows: Sequence[Row], order: str) -> Sequence[Row]:
    """The rows by a measure ("n" upwards, "-n" downwards), blank ones last.

    An unknown measure leaves them as they are ranked.
    """
    measure = MEASURES.get(order.removeprefix("-"))
    if measure is None:
        return rows
    valued = [(value, row) for row in rows if (value := measure(row)) is not None]
    blank = [row for row in rows if measure(row) is None]
    valued.sort(key=lambda pair: pair[0], reverse=order.startswith("-"))
    return [row for _, row in valued] + blank


def in_groups(rows: Sequence[Row], order: str) -> Sequence[tuple[str, Sequence[Row]]]:
    """The rows by comparison group as they are ranked; in any other order all of them together."""
    if order:
        return [("", rows)]
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.named.group].append(row)
    return list(groups.items())


@dataclass(frozen=True)
class Finding:
    """How many rows differ from the mean of their comparison group by more than chance would."""

    above: int
    below: int
    alike: int

    @property
    def compared(self) -> int:
        """How many rows had enough ratings to be compared."""
        return self.above + self.below + self.alike


def group_scores(ranking: Ranking) -> dict[str, float]:
    """The score of each comparison group as a whole; groups without ratings are left out."""
    members: dict[str, Split] = defaultdict(Split)
    for row in ranking.rows:
        members[row.named.group] += row.tally.split
    scores = {group: score_of(split, ranking.formulas.points) for group, split in members.items()}
    return {group: score for group, score in scores.items() if score is not None}


def finding(ranking: Ranking) -> Finding:
    """What the scores' 95 % intervals say: wholly above, wholly below, or around their group's score."""
    scores = group_scores(ranking)
    sides = [_side(row, scores) for row in compared(ranking.rows)]
    return Finding(sides.count(1), sides.count(-1), sides.count(0))


def bands(ranking: Ranking) -> int:
    """How many bands the rows of the largest comparison group fall into; 0 while not worked out."""
    return max((row.place.band for row in ranking.rows if row.place and row.place.band), default=0)


def compared(rows: Iterable[Row]) -> list[Row]:
    """The rows with enough ratings to say anything."""
    return [row for row in rows if row.enough_rate and row.score_interval is not None]


def _side(row: Row, scores: dict[str, float]) -> int:
    low, high = row.score_interval or (0.0, 100.0)
    mean = scores[row.named.group]
    return (low > mean) - (high < mean)


def score_axis(rows: Iterable[Row]) -> tuple[float, float]:
    """The part of the score's scale worth drawing in a row, as shares of it."""
    return _axis([row.score_interval[0] / 100 for row in compared(rows) if row.score_interval])


def rate_axis(rows: Iterable[Row]) -> tuple[float, float]:
    """The part of the good rates' scale worth drawing in a row."""
    return _axis([row.good.interval[0] for row in compared(rows) if row.good.interval])


def _axis(lows: list[float]) -> tuple[float, float]:
    # One row far below must not press all the others against the right end: its bar is cut off instead.
    typical = sorted(lows)[len(lows) // 20] if lows else 0.0
    return (min(0.95, typical * 20 // 1 / 20), 1.0)
