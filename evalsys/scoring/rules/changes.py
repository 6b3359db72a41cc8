"""What has changed between two periods, and whether it is more than chance."""

from dataclasses import dataclass

from evalsys.kernel.proportions import Interval, rate_of
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.rates import (
    Split,
    difference_of_rates,
    difference_of_scores,
    excludes_zero,
    score_of,
)


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
