"""The formulas in force: what moves a score, named by one version."""

import hashlib
from dataclasses import dataclass

# Any change of the arithmetic in this package changes this text, and with it the version that is printed.
METHOD = (
    "good = 5,4,3; bad = 2,1; rate: Wilson z=1.96; score: mean points 0-100; "
    "rank 1,2,2,4 by shrunk score of closed days, else by score, inside the comparison group; "
    "leader duty unranked; "
    "change: Newcombe for rates, normal for scores, against the period of equal length before; "
    "shrinkage: Dirichlet-multinomial, shares of the group, likeliest weight; "
    "rank interval 95 %, tenths and bands (0.975) by 2000 draws; "
    "funnel: binomial limits 95 % and 99.8 %, multiplicative over-dispersion winsorised at 10 %; "
    "channel gap: tablet less kiosk, ticket, link; case-mix: item type and channel, indirect; "
    "warning: CUSUM for odds 3, threshold 5, and EWMA of 0.2, ten years between false ones, "
    "against the window's own ninety days before, and against the group"
)


@dataclass(frozen=True)
class Formulas:
    """The points of the levels 5 to 1 and the least numbers for a rate and for a rank."""

    points: tuple[float, ...]
    min_n_rate: int
    min_n_rank: int

    @property
    def version(self) -> str:
        """The name of this version: the method's number and a digest of all that moves a score."""
        points = ",".join(f"{p:g}" for p in self.points)
        said = f"{METHOD}; points {points}; rate from {self.min_n_rate}; rank from {self.min_n_rank}"
        return "1-" + hashlib.sha256(said.encode()).hexdigest()[:10]
