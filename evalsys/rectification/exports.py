"""The figures of the loop as the JSON interface and files say them: one set of paths for both."""

from collections.abc import Iterator
from typing import Any

from evalsys.kernel.proportions import Rate
from evalsys.kernel.tables import Value
from evalsys.rectification.queries.figures import Figures, UnitFigures
from evalsys.rectification.rules.figures import DEFINITIONS, Figure, Held

PARTS = ("numerator", "denominator", "rate", "interval.0", "interval.1", "enough")
FIELDS = (
    "unit",
    "name",
    *(f"{figure.value}.{part}" for figure in Figure for part in PARTS),
    "held.hours",
    "held.cases",
    "three-rates",
)
DEFINED = ("figure", "words", "of", "counts")


def json_of(found: UnitFigures) -> dict[str, Any]:
    """One unit's figures; numerator, denominator and interval stand also where they are too few."""
    rates = {
        figure.value: {
            "numerator": rate.numerator,
            "denominator": rate.denominator,
            "rate": rate.rate,
            "interval": rate.interval,
            "enough": rate.enough,
        }
        for figure, rate in found.rates.items()
    }
    return {
        "unit": found.code,
        "name": found.name,
        "figures": rates,
        "held": held_of(found.held),
        "three_rates": _rounded(found.together),
    }


def held_of(held: Held) -> dict[str, float]:
    """How long cases lay somewhere: hours altogether, and how many cases it was."""
    return {"hours": round(held.seconds / 3600, 2), "cases": held.cases}


def rows_of(found: Figures) -> Iterator[list[Value]]:
    """Every unit's figures as a row under FIELDS; no row of totals, so that a column's sum is the total."""
    for unit in found.units:
        rates = [cell for figure in Figure for cell in _cells(unit.rates[figure])]
        yield [unit.code, unit.name, *rates, *held_of(unit.held).values(), _rounded(unit.together)]


def _rounded(together: float | None) -> float | None:
    return None if together is None else round(together, 2)


def _cells(rate: Rate) -> list[Value]:
    low, high = rate.interval or (None, None)
    return [rate.numerator, rate.denominator, rate.rate, low, high, rate.enough]


def definitions() -> list[list[Value]]:
    """What each figure is called, of which cases it is a part, and which part; rows under DEFINED."""
    return [[figure.value, said.words, said.of, said.counts] for figure, said in DEFINITIONS.items()]
