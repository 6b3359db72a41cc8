"""What people answered: whether it got done, which tags they chose, and whose a bad review is."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalsys.kernel.proportions import Rate, rate_of
from evalsys.scoring.rules.ranking import Named


@dataclass(frozen=True)
class Done:
    """What was answered of one subject: done, not yet, only asking; `n` are its counted ratings."""

    named: Named
    n: int
    yes: int
    no: int
    asking: int

    def rate(self, least: int) -> Rate:
        """办成了 out of 办成了 and 还没办成: who only came to ask had nothing to get done."""
        return rate_of(self.yes, self.yes + self.no, least)


@dataclass(frozen=True)
class PointedTo:
    """An item a tag was chosen for, how often, and out of how many of its counted ratings."""

    code: str
    name: str
    times: int
    n: int


@dataclass(frozen=True)
class ChosenTag:
    """One tag: what it is about, the level it is offered at, how often it was chosen, and for which items."""

    code: str
    plain: str
    en: str
    about: str
    level: int
    times: int
    items: Sequence[PointedTo]


@dataclass(frozen=True)
class Blamed:
    """One clerk's counted ratings `n`, and the bad ones among them by whether they concern the clerk.

    `scored`: those of `n` whose closed case did not find a cause beyond the clerk.
    """

    named: Named
    n: int
    scored: int
    own: int = 0
    beyond: int = 0
    unsaid: int = 0

    @property
    def bad(self) -> int:
        """All bad ones."""
        return self.own + self.beyond + self.unsaid

    def rate(self, least: int) -> Rate:
        """The clerk's own bad reviews out of the ratings the clerk is scored for."""
        return rate_of(self.own, self.scored, least)
