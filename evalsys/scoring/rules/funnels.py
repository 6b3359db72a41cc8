"""What funnels and lists say: rows with their limits, and who stands outside them twice running."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evalsys.kernel.periods import Period
from evalsys.kernel.proportions import Rate
from evalsys.scoring.rules.casemix import Mixed
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.funnel import FAR_ABOVE, FAR_BELOW, Funnel
from evalsys.scoring.rules.ranking import Named, Row

BAD, VERY = "bad", "very-satisfied"
MEASURES: Mapping[str, Callable[[Row], Rate]] = {
    BAD: lambda row: row.bad,
    VERY: lambda row: row.very_satisfied,
}


@dataclass(frozen=True)
class FunnelRow:
    """One row of a funnel: its rate, raw and shrunk, where it lies to the limits, and its case-mix."""

    named: Named
    rate: Rate
    shrunk: float
    funnel: Funnel
    side: str
    mixed: Mixed | None = None

    @property
    def differs(self) -> bool:
        """Whether it lies outside the 99.8 % limits."""
        return self.side in (FAR_ABOVE, FAR_BELOW)


@dataclass(frozen=True)
class Funnels:
    """The funnels of a period by comparison group: rows by group, the farthest outside first."""

    subject: str
    measure: str
    period: Period
    formulas: Formulas
    rows: tuple[FunnelRow, ...]
    too_few: int

    @property
    def groups(self) -> Mapping[str, Funnel]:
        """The funnel of every comparison group shown."""
        return {row.named.group: row.funnel for row in self.rows}

    def on(self, *sides: str) -> list[FunnelRow]:
        """The rows on some sides of the limits."""
        return [row for row in self.rows if row.side in sides]


@dataclass(frozen=True)
class Listed:
    """One row outside the 99.8 % limits in two closed months running: the earlier one, then the later."""

    named: Named
    earlier: FunnelRow
    later: FunnelRow


@dataclass(frozen=True)
class Lists:
    """Two months' red list (very satisfied far above the group) and black list (bad reviews far above)."""

    subject: str
    periods: tuple[Period, Period]
    red: tuple[Listed, ...]
    black: tuple[Listed, ...]
