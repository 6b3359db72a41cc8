"""三率 of orders: answered in time, solved, satisfied; weighted 30 : 35 : 35."""

from dataclasses import dataclass

from evalsys.kernel.access import Permission
from evalsys.kernel.words import N_

SEE_ORDER_COUNTS = Permission(
    "see-order-counts", frozenset({"supervisor", "dispatcher", "leadership", "auditor"})
)
WEIGHTS = (30, 35, 35)
COUNT_COLUMNS = ("month", "category", "unit", "state", "orders")
RATE_COLUMNS = ("month", "rate", "numerator", "denominator", "value")


@dataclass(frozen=True)
class Rate:
    """A share with what it is made of; without a case to ask there is none."""

    name: str
    words: str
    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class MonthlyRates:
    """The three rates in their order."""

    each: tuple[Rate, Rate, Rate]

    @property
    def together(self) -> float | None:
        """The weighted mean, 0 to 100; None while one of the three is missing."""
        values = [rate.value for rate in self.each]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        return sum(weight * value for weight, value in zip(WEIGHTS, known, strict=True))


def rates_of(responded: tuple[int, int], solved: tuple[int, int], satisfied: tuple[int, int]) -> MonthlyRates:
    """The three rates of closed orders, each (how many, of how many); the last two by the caller's word."""
    return MonthlyRates(
        (
            Rate("responded", N_("响应率"), *responded),
            Rate("solved", N_("解决率"), *solved),
            Rate("satisfied", N_("满意率"), *satisfied),
        )
    )
