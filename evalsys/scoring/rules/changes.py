"""What has changed between two periods, and whether it is more than chance."""

from dataclasses import dataclass

from evalsys.kernel.proportions import Interval
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.rates import Split, difference_of_scores, excludes_zero, score_of


@dataclass(frozen=True)
class Change:
    """The score now against that of the period of equal length before, in points, and its 95 % interval."""

    score: float
    score_interval: Interval

    @property
    def score_moved(self) -> bool:
        """Whether the change is more than chance."""
        return excludes_zero(self.score_interval)


def change_of(now: Split, before: Split, formulas: Formulas) -> Change | None:
    """What changed between two periods; None where either has too few ratings for a rate."""
    if min(now.n, before.n) < max(formulas.min_n_rate, 1):
        return None
    present, past = (score_of(split, formulas.points) for split in (now, before))
    interval = difference_of_scores(now, before, formulas.points)
    return (
        None
        if present is None or past is None or interval is None
        else Change(score=present - past, score_interval=interval)
    )
