"""Numerators, denominators and how sure one can be of what they say."""

from dataclasses import dataclass
from math import sqrt

Interval = tuple[float, float]

Z = 1.96


def wilson(numerator: int, denominator: int) -> Interval | None:
    """The 95 % interval of a proportion (Wilson 1927, z = 1.96), within [0, 1]; None without ratings."""
    if denominator == 0:
        return None
    share = numerator / denominator
    spread = Z * sqrt(share * (1 - share) / denominator + Z**2 / (4 * denominator**2))
    centre = share + Z**2 / (2 * denominator)
    scale = 1 + Z**2 / denominator
    # At 0 and at 1 the bound is exact; rounding must not carry it past the end.
    low = 0.0 if numerator == 0 else max(0.0, (centre - spread) / scale)
    high = 1.0 if numerator == denominator else min(1.0, (centre + spread) / scale)
    return (low, high)


@dataclass(frozen=True, slots=True)
class Rate:
    """A proportion that never stands alone: what was counted, of how many, and whether they are enough."""

    numerator: int
    denominator: int
    enough: bool

    @property
    def rate(self) -> float | None:
        """The proportion in [0, 1]; None only where nothing was counted."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def interval(self) -> Interval | None:
        """The 95 % Wilson interval within [0, 1]; None only where nothing was counted."""
        return wilson(self.numerator, self.denominator)


def rate_of(numerator: int, denominator: int, least: int) -> Rate:
    """A rate, marked as enough from `least` ratings on."""
    return Rate(numerator, denominator, denominator >= least)
