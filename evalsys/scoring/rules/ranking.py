"""Rows of a ranking, made from sums: rates, scores, ranks and what has changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from evalsys.evaluation import rules as evaluation
from evalsys.kernel.periods import Period
from evalsys.kernel.proportions import Interval, Rate, rate_of
from evalsys.kernel.words import N_
from evalsys.scoring.rules.changes import Change, change_of
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.rates import EMPTY, Split, score_interval, score_of
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
class Place:
    """Where a row stands in its comparison group by the statistics of closed days.

    `interval` are the best and the worst rank it may well have (95 %), `band` the rows from which it does not
    differ by more than chance (1 is the best), `top` and `bottom` the chances of the best and worst tenth. A
    row that takes no part in the ranking has only its shrunk score (0 to 100).
    """

    shrunk: float
    interval: tuple[int, int] | None = None
    band: int | None = None
    top: float | None = None
    bottom: float | None = None


@dataclass(frozen=True)
class Row:
    """One line of a ranking; counts are ratings, rates lie in [0, 1], scores in 0 to 100.

    What follows from its sums is worked out when somebody looks, once: most readers look at some of it.
    """

    named: Named
    tally: Tally
    formulas: Formulas
    before: Split | None = None
    served: Served = UNKNOWN
    rank: int | None = None
    place: Place | None = None

    def placed(self, rank: int | None, place: Place | None = None) -> "Row":
        """The same line with another rank, and the place that goes with it."""
        if rank == self.rank and place == self.place:
            return self
        placed = object.__new__(Row)
        # What has been worked out already goes along: none of it follows from the rank.
        placed.__dict__.update(self.__dict__, rank=rank, place=place)
        return placed

    @property
    def n(self) -> int:
        """All counted ratings of the row."""
        return self.tally.split.n

    @property
    def unbound(self) -> int:
        """Counted ratings that belong to no noted service."""
        return self.n - self.served.rated

    @property
    def enough_rate(self) -> bool:
        """Whether there are enough ratings to print a rate."""
        return self.n >= self.formulas.min_n_rate

    @property
    def enough_rank(self) -> bool:
        """Whether there are enough ratings for a rank."""
        return self.n >= self.formulas.min_n_rank

    @property
    def ranked(self) -> bool:
        """Whether the row takes part in the ranking: enough ratings, and not leader duty."""
        return not self.named.leader_duty and self.enough_rank

    @cached_property
    def score(self) -> float | None:
        """The mean points; None without ratings."""
        return score_of(self.tally.split, self.formulas.points)

    @cached_property
    def score_interval(self) -> Interval | None:
        """The 95 % interval of the score."""
        return score_interval(self.tally.split, self.formulas.points)

    @cached_property
    def good(self) -> Rate:
        """好评率: levels 5, 4 and 3."""
        return rate_of(self.tally.split.good, self.n, self.formulas.min_n_rate)

    @cached_property
    def very_satisfied(self) -> Rate:
        """非常满意率: level 5."""
        return rate_of(self.tally.split.five, self.n, self.formulas.min_n_rate)

    @cached_property
    def bad(self) -> Rate:
        """差评率: levels 2 and 1."""
        return rate_of(self.tally.split.bad, self.n, self.formulas.min_n_rate)

    @cached_property
    def change(self) -> Change | None:
        """What changed against the period of equal length before; None where too few ratings say so."""
        return None if self.before is None else change_of(self.tally.split, self.before, self.formulas)

    @cached_property
    def given(self) -> Rate | None:
        """主动评价率 Es/V; None where V is not known."""
        return self.served.share(self.served.rated, self.formulas.min_n_rate)

    @cached_property
    def unrated(self) -> Rate | None:
        """未评率 U/V; None where V is not known."""
        return self.served.share(self.served.unrated, self.formulas.min_n_rate)

    @cached_property
    def asked(self) -> Rate | None:
        """请评率: prompted/V; None where V is not known."""
        return self.served.share(self.served.prompted, self.formulas.min_n_rate)


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

    @property
    def by_shrunk(self) -> bool:
        """Whether ranks go by the shrunk scores of closed days."""
        return any(row.place for row in self.rows)


def _measure(row: Row) -> float:
    # Sums of unequal points can differ in the last bit; a tie must stay a tie.
    return -round((row.place.shrunk if row.place else row.score) or 0.0, 9)


def ranked(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows in order, ranked 1, 2, 2, 4 inside each comparison group: by shrunk score where there is one.

    Where some of a group have a place in the statistics, only those take part. Order: group, rank (rows
    without one last), n descending, code.
    """
    by_group: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_group[row.named.group].append(row)
    placed: list[Row] = []
    for group in by_group.values():
        by_place = any(row.place for row in group)
        among = {
            id(row): _measure(row)
            for row in group
            if row.ranked and (not by_place or (row.place and row.place.interval))
        }
        best: dict[float | None, int | None] = {None: None}
        for at, measure in enumerate(sorted(among.values()), start=1):
            best.setdefault(measure, at)
        placed += [row.placed(best[among.get(id(row))], row.place) for row in group]
    return tuple(sorted(placed, key=_place))


def ranked_among(rows: Iterable[Row], everybody: Iterable[Row]) -> tuple[Row, ...]:
    """Rows a filter let through, with their ranks among everybody; a row that was cut itself has none."""
    whole = {row.named.code: row for row in everybody}
    placed = []
    for row in rows:
        same = whole.get(row.named.code)
        is_whole = same is not None and same.tally.split == row.tally.split
        placed.append(row.placed(same.rank, same.place) if same and is_whole else row.placed(None))
    return tuple(sorted(placed, key=_place))


def unranked(rows: Iterable[Row], groups: frozenset[str]) -> tuple[Row, ...]:
    """The rows, those of some comparison groups without ranks."""
    placed = [row.placed(None) if row.named.group in groups else row for row in rows]
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
        "shrunk": row.place.shrunk if row.place else None,
        "rank_interval": list(row.place.interval) if row.place and row.place.interval else None,
        "band": str(row.place.band) if row.place and row.place.band else None,
        "top_tenth": row.place.top if row.place else None,
        "bottom_tenth": row.place.bottom if row.place else None,
        "enough_rate": row.enough_rate,
        "enough_rank": row.enough_rank,
    }
