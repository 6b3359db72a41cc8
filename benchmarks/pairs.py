"""Measuring two sides in turn and comparing them: absolute figures drift within minutes, ratios do not."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from benchmarks.client import Load

ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One line of the report: what was measured, beside its ceiling, the ratio, and whether it is reached.

    `number` is the figure's in the plan (P1 …). `reached` is None for what is shown only for comparison.
    `note` says what the same run showed of how far it could be reached at all.
    """

    number: str
    name: str
    measured: str
    ceiling: str
    ratio: str
    reach: str
    reached: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """As the report says whether it was reached."""
        return {None: "", True: "reached", False: "**missed**"}[self.reached]


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


def timed_in_turn(
    ours: Callable[[], float], bare: Callable[[], float], rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """The medians of two durations measured in turn, and of their ratio (bare ÷ ours) round by round."""
    took = [(ours(), bare()) if number % 2 == 0 else (bare(), ours())[::-1] for number in range(rounds)]
    return (
        median(one for one, _ in took),
        median(other for _, other in took),
        median(other / one for one, other in took),
    )


def in_words(runs: tuple[Load, ...]) -> str:
    """The medians of several runs: answers a second, p50 and p99, and the server's work for one answer."""
    rate, p50, p99, server = (
        median(getattr(run, name) for run in runs) for name in ("rate", "p50", "p99", "server")
    )
    work = f" · {server / 1000:.2f} ms CPU" if server else ""
    return f"{rate:,.0f}/s · p50 {p50:.1f} ms · p99 {p99:.1f} ms{work}"
