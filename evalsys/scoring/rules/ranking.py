"""Rows of a ranking, made from sums: rates, scores, ranks and what has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from evalsys.evaluation import rules as evaluation
from evalsys.kernel.periods import Period
from evalsys.kernel.words import N_
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.rates import (
    EMPTY,
    Interval,
    Rate,
    Split,
    difference_of_rates,
    difference_of_scores,
    excludes_zero,
    rate_of,
    score_interval,
    score_of,
)
from evalsys.scoring.rules.served import UNKNOWN, Served

CHANNELS = evaluation.CHANNELS
WINDOWS, STAFF, DEPARTMENTS = "windows", "staff", "departments"
SUBJECTS = (WINDOWS, STAFF, DEPARTMENTS)


@dataclass(frozen=True)
class Named:
    """Who or what a row is about, as it was called at the end of the period."""

    code: str
    name: str
    department: str
    department_code: str = ""
    department_short: str = ""
    group: str = ""
    leader_duty: bool = False
    number: str = ""  # of a window: pages name it in the reader's language


UNMATCHED = Named("", N_("未对应到人"), "")
TOTAL = Named("", N_("合计"), "")


@dataclass(frozen=True)
class Tally:
    """The sums of one row: its five-way split, and the same by channel (None: not released)."""

    split: Split = EMPTY
    channels: Mapping[str, Split | None] = field(default_factory=lambda: dict.fromkeys(CHANNELS, EMPTY))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.split + other.split,
            {c: _both(self.channels[c], other.channels[c]) for c in CHANNELS},
        )


def _both(one: Split | None, other: Split | None) -> Split | None:
    return None if one is None or other is None else one + other


NOTHING = Tally()


@dataclass(frozen=True)
class Change:
    """Now against the period of equal length before; `score` in points, `good` as a share."""

    score: float
    score_interval: Interval
    good: float
    good_interval: Interval

    @property
    def score_moved(self) -> bool:
        """Whether the score's change is more than chance."""
        return excludes_zero(self.score_interval)

    @property
    def good_moved(self) -> bool:
        """Whether the good rate's change is more than chance."""
        return excludes_zero(self.good_interval)


@dataclass(frozen=True)
class Row:
    """One line of a ranking; counts are ratings, rates lie in [0, 1], scores in 0 to 100."""

    named: Named
    tally: Tally
    good: Rate
    very_satisfied: Rate
    bad: Rate
    score: float | None
    score_interval: Interval | None
    enough_rate: bool
    enough_rank: bool
    rank: int | None = None
    change: Change | None = None
    served: Served = UNKNOWN
    given: Rate | None = None
    unrated: Rate | None = None
    asked: Rate | None = None

    @property
    def n(self) -> int:
        """All counted ratings of the row."""
        return self.tally.split.n

    @property
    def unbound(self) -> int:
        """Counted ratings that belong to no noted service."""
        return self.n - self.served.rated

    @property
    def ranked(self) -> bool:
        """Whether the row takes part in the ranking: enough ratings, and not leader duty."""
        return self.enough_rank and not self.named.leader_duty


@dataclass(frozen=True)
class Ranking:
    """What a ranking says: the same for the screen, the files and the JSON."""

    subject: str
    period: Period
    channel: str
    formulas: Formulas
    rows: tuple[Row, ...]
    unmatched: Row | None
    total: Row
    held: int | None = None
    excluded: int | None = None
    assisted: int | None = None
    silent: int | None = None
    released: str = ""


def row_of(
    named: Named, tally: Tally, formulas: Formulas, before: Split | None = None, served: Served = UNKNOWN
) -> Row:
    """The line of one tally, without its rank; `before` is the same row's split one period earlier.

    主动评价率 is Es/V, 未评率 U/V, 请评率 prompted/V; each is None where V is not known.
    """
    split = tally.split
    least = formulas.min_n_rate
    good = rate_of(split.good, split.n, least)
    return Row(
        named=named,
        tally=tally,
        good=good,
        very_satisfied=rate_of(split.five, split.n, least),
        bad=rate_of(split.bad, split.n, least),
        score=score_of(split, formulas.points),
        score_interval=score_interval(split, formulas.points),
        enough_rate=split.n >= least,
        enough_rank=split.n >= formulas.min_n_rank,
        change=change_of(split, before, formulas) if before is not None else None,
        served=served,
        given=served.share(served.rated, least),
        unrated=served.share(served.unrated, least),
        asked=served.share(served.prompted, least),
    )


def change_of(now: Split, before: Split, formulas: Formulas) -> Change | None:
    """What changed between two periods; None where either has too few ratings for a rate."""
    if min(now.n, before.n) < max(formulas.min_n_rate, 1):
        return None
    rates = [rate_of(split.good, split.n, formulas.min_n_rate) for split in (now, before)]
    scores = [score_of(split, formulas.points) for split in (now, before)]
    by_score = difference_of_scores(now, before, formulas.points)
    by_rate = difference_of_rates(*rates)
    if scores[0] is None or scores[1] is None or by_score is None or by_rate is None:
        return None
    return Change(
        score=scores[0] - scores[1],
        score_interval=by_score,
        good=now.good / now.n - before.good / before.n,
        good_interval=by_rate,
    )


def _measure(row: Row) -> float:
    # Sums of unequal points can differ in the last bit; a tie must stay a tie.
    return -round(row.score or 0.0, 9)


def ranked(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows in order, with ranks 1, 2, 2, 4 by score inside each comparison group.

    Order: group, rank (rows without one last), n descending, code.
    """
    placed: list[Row] = []
    by_group = sorted(rows, key=lambda row: (row.named.group, _measure(row)))
    for _, members in groupby(by_group, key=lambda row: row.named.group):
        group = list(members)
        contenders = [row for row in group if row.ranked]
        best: dict[float, int] = {}
        for place, row in enumerate(contenders, start=1):
            best.setdefault(_measure(row), place)
        placed += [replace(row, rank=best[_measure(row)] if row.ranked else None) for row in group]
    return tuple(sorted(placed, key=_place))


def ranked_among(rows: Iterable[Row], everybody: Iterable[Row]) -> tuple[Row, ...]:
    """Rows a filter let through, with their ranks among everybody; a row that was cut itself has none."""
    whole = {row.named.code: row for row in everybody}
    placed = []
    for row in rows:
        same = whole.get(row.named.code)
        is_whole = same is not None and same.tally.split == row.tally.split
        placed.append(replace(row, rank=same.rank if same and is_whole else None))
    return tuple(sorted(placed, key=_place))


def unranked(rows: Iterable[Row], groups: frozenset[str]) -> tuple[Row, ...]:
    """The rows, those of some comparison groups without ranks."""
    placed = [replace(row, rank=None) if row.named.group in groups else row for row in rows]
    return tuple(sorted(placed, key=_place))


def _place(row: Row) -> tuple[str, bool, int, int, str]:
    return (row.named.group, row.rank is None, row.rank or 0, -row.n, row.named.code)


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """All tallies together."""
    return sum(tallies, start=NOTHING)


def _rate_json(rate: Rate) -> dict[str, object]:
    low_high = rate.interval
    return {
        "numerator": rate.numerator,
        "denominator": rate.denominator,
        "rate": rate.rate,
        "interval": list(low_high) if low_high else None,
    }


def json_of(row: Row) -> dict[str, object]:
    """One row as the JSON interface says it."""
    channels: dict[str, object] = {
        name: {"n": split.n, "good": split.good} if split is not None else None
        for name, split in row.tally.channels.items()
    }
    return {
        "rank": row.rank,
        "group": row.named.group,
        "code": row.named.code,
        "name": row.named.name,
        "department": row.named.department,
        "n": row.n,
        "levels": row.tally.split.by_level,
        "channels": channels,
        # An unknown denominator is not 0.
        "services": row.served.services,
        "good": _rate_json(row.good),
        "very_satisfied": _rate_json(row.very_satisfied),
        "bad": _rate_json(row.bad),
        "score": row.score,
        "shrunk": None,
        "rank_interval": None,
        "band": None,
        "enough_rate": row.enough_rate,
        "enough_rank": row.enough_rank,
    }
