"""Measuring two sides in turn and comparing them: absolute figures drift within minutes, ratios do not."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from benchmarks.client import Load

ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One line of the report: what was measured, beside its ceiling, and the ratio to reach."""

    name: str
    measured: str
    ceiling: str
    ratio: float | None
    reach: str

    @property
    def ratio_words(self) -> str:
        """The ratio as it is printed; figures without a ceiling have none."""
        return "" if self.ratio is None else f"{self.ratio:.2f}"


@dataclass(frozen=True)
class Pair:
    """The runs of the product and of its ceiling, taken in turn."""

    product: tuple[Load, ...]
    ceiling: tuple[Load, ...]

    @property
    def ratio(self) -> float:
        """The median of the ratios of neighbouring runs."""
        pairs = zip(self.product, self.ceiling, strict=True)
        return median(here.rate / there.rate for here, there in pairs)


def measured_in_turn(product: Callable[[], Load], ceiling: Callable[[], Load], rounds: int = ROUNDS) -> Pair:
    """Run both sides in turn after one unmeasured run each; the order changes from round to round."""
    product()
    ceiling()
    here: list[Load] = []
    there: list[Load] = []
    for number in range(rounds):
        turns = [(here, product), (there, ceiling)]
        for runs, side in turns if number % 2 == 0 else turns[::-1]:
            runs.append(side())
    return Pair(tuple(here), tuple(there))


def in_words(runs: tuple[Load, ...]) -> str:
    """The medians of several runs: answers a second, p50 and p99 in milliseconds."""
    rate, p50, p99 = (median(getattr(run, name) for run in runs) for name in ("rate", "p50", "p99"))
    return f"{rate:,.0f}/s · p50 {p50:.1f} ms · p99 {p99:.1f} ms"
