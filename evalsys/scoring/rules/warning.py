"""Early warning: bad reviews that add up day by day to more than chance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log, sqrt

from evalsys.scoring.rules.ranking import Named
from evalsys.scoring.rules.shrinkage import prior_of, shrunk

WORSE = 3.0  # the odds of a bad review that the chart looks out for, against the group's
# Of 400 windows that never got worse, at 0.05 % to 3 % bad, at most three stood past it after ninety days.
# Of those three times as bad for the last thirty it finds all at 1 % and 60 a day, two in three at 0.2 %.
THRESHOLD = 5.0
LAMBDA = 0.2  # the weight of the last day in the smoothed number
# How many standard deviations above the usual the smoothed number warns, by the bad reviews usual for a day:
# a window that never changes is past it for the first time after ten years on the average (3,650 days,
# simulated with Poisson numbers). The fewer there are a day, the longer is the tail to be cut off.
LIMITS = (
    (0.005, 9.0),
    (0.01, 8.77),
    (0.02, 7.78),
    (0.05, 6.24),
    (0.1, 5.46),
    (0.2, 4.86),
    (0.5, 4.36),
    (1.0, 4.09),
    (2.0, 3.88),
    (5.0, 3.71),
    (20.0, 3.54),
    (100.0, 3.44),
)
# What a warning says: worse than the window's own past, as bad as it has long been and worse than the group,
# or worse than the group without a past to tell.
WORSENED, LONG_BAD, NO_PAST = "worsened", "long-bad", "no-past"
LEAST_PAST = 30  # ratings

Day = tuple[date, int, int]


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


def climb(days: Iterable[Day], usual: float) -> Climb | None:
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


@dataclass(frozen=True)
class Smoothed:
    """Where the smoothed number of bad reviews a day stands, in its standard deviations above the usual."""

    height: float
    limit: float

    @property
    def warns(self) -> bool:
        """Whether it is past the limit."""
        return self.height >= self.limit


def limit_at(usual: float) -> float:
    """The limit where so many bad reviews a day are usual: between the simulated ones along the logarithm."""
    below = LIMITS[0]
    if usual <= below[0]:
        return below[1]
    for above in LIMITS[1:]:
        if usual <= above[0]:
            share = log(usual / below[0]) / log(above[0] / below[0])
            return below[1] + share * (above[1] - below[1])
        below = above
    return below[1]


def smoothed(days: Iterable[Day], usual: float) -> Smoothed | None:
    """The exponentially weighted moving average of bad reviews over days (day, bad, n) in order.

    Each day's bad reviews are held against those its ratings make usual (Roberts 1959; for counts Borror,
    Champ and Rigdon 1998). Days without ratings pass by. None where nothing is usual or nothing was rated.
    """
    known = [(bad, n * usual) for _day, bad, n in days if n]
    if not 0 < usual < 1 or not known:
        return None
    mean = sum(expected for _bad, expected in known) / len(known)
    excess, variance = 0.0, LAMBDA / (2 - LAMBDA) * mean
    for bad, expected in known:
        excess = LAMBDA * (bad - expected) + (1 - LAMBDA) * excess
        variance = LAMBDA**2 * expected + (1 - LAMBDA) ** 2 * variance
    return Smoothed(excess / sqrt(variance), limit_at(mean))


@dataclass(frozen=True)
class Alarm:
    """What a window is warned of: which of the three, by which charts, against which rates.

    `climb` and `smoothed` are the charts against the rate that decided: one's own of the past (shrunk towards
    the group's) where that is known, else the group's. Rates lie in [0, 1].
    """

    says: str
    climb: Climb | None
    smoothed: Smoothed | None
    own: float | None
    group: float


@dataclass(frozen=True)
class Warned:
    """A window whose bad reviews have lately added up to more than chance."""

    named: Named
    alarm: Alarm
    bad: int
    n: int


def own_usual(past: Mapping[int, tuple[int, int]]) -> Mapping[int, float]:
    """The bad rate each window of a group had in the past, from (bad, n), shrunk.

    Windows with fewer than 30 ratings in the past are left out: they have none to be held against.
    """
    known = {code: (n - bad, bad) for code, (bad, n) in past.items() if n >= LEAST_PAST}
    prior = prior_of(list(known.values()))
    if prior is None:
        return {code: (bad + 0.5) / (good + bad + 1) for code, (good, bad) in known.items()}
    return {code: shrunk(counts, prior, (0.0, 1.0)) for code, counts in known.items()}


def alarm_of(days: Sequence[Day], own: float | None, group: float) -> Alarm | None:
    """What is to be said of a window whose days these are; None where that is nothing."""
    usual = group if own is None else own
    changed = _charts(days, usual)
    if _any_warns(changed):
        return Alarm(NO_PAST if own is None else WORSENED, *changed, own, group)
    against_all = _charts(days, group)
    if own is not None and own > group and _any_warns(against_all):
        return Alarm(LONG_BAD, *against_all, own, group)
    return None


def _charts(days: Sequence[Day], usual: float) -> tuple[Climb | None, Smoothed | None]:
    return climb(days, usual), smoothed(days, usual)


def _any_warns(charts: tuple[Climb | None, Smoothed | None]) -> bool:
    return any(chart is not None and chart.warns for chart in charts)
