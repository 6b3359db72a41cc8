"""How good each window and clerk of the demo truly is: what a ranking should find out, and what it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from random import Random

from evalsys.demo.hall import LEADER, Counter
from evalsys.demo.people import Staffing

# Shares of levels 2 and 1 together, 3, and 4 at a window of usual quality; the rest is 5.
_BAD, _FAIR, _GOOD = 0.0104, 0.016, 0.075
_WORST_OF_BAD = 0.42
_SPREAD_OF_WINDOWS, _SPREAD_OF_CLERKS = 0.55, 0.30
_GAPPED = 0.1
GAP_POINTS = (1.0, 6.0)


@dataclass(frozen=True)
class Quality:
    """The latent truth: log-odds of trouble per window and clerk, and where the counter flatters itself."""

    windows: dict[str, float]
    clerks: dict[str, float]
    gaps: dict[str, float]

    def shares(self, window: str, staff_no: str | None, *, at_the_counter: bool) -> tuple[float, ...]:
        """The true shares of the levels 1 to 5 at a window under a clerk.

        Where there is a planted gap, it is missing at the counter and stands in full away from it: people
        who are watched are kinder by 1 to 6 points.
        """
        trouble = self.windows[window] + self.clerks.get(staff_no or "", 0.0)
        hidden = 0.0 if at_the_counter else self.gaps.get(window, 0.0) / 100
        bad = min(_BAD * exp(trouble) + hidden, 0.5)
        fair, good = _FAIR * exp(0.9 * trouble), _GOOD * exp(0.6 * trouble)
        return (bad * _WORST_OF_BAD, bad * (1 - _WORST_OF_BAD), fair, good, 1 - bad - fair - good)


def quality(windows: Sequence[Counter], staff: Staffing, seed: int) -> Quality:
    """Draw the truth; the same seed draws the same truth."""
    chance = Random(f"{seed}:quality")
    ordinary = [counter.number for counter in windows if counter.kind != LEADER]
    gapped = chance.sample(ordinary, round(len(windows) * _GAPPED))
    return Quality(
        windows={counter.number: _drawn(chance, _SPREAD_OF_WINDOWS) for counter in windows},
        clerks={person.staff_no: _drawn(chance, _SPREAD_OF_CLERKS) for person in staff.people},
        gaps={number: chance.uniform(*GAP_POINTS) for number in gapped},
    )


def _drawn(chance: Random, spread: float) -> float:
    # Centred so that the mean of exp(trouble) is 1 and the overall bad rate stays where it is.
    return max(-2 * spread, min(2.5 * spread, chance.gauss(-spread * spread / 2, spread)))
