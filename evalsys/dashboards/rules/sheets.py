"""A sheet of figures: one table that the page, the files and the JSON read alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalsys.kernel.proportions import Interval, Rate
from evalsys.kernel.tables import Value
from evalsys.scoring.rules.indicators import INDICATORS
from evalsys.scoring.rules.rates import difference_of_rates, excludes_zero

DEFINED = ("code", "words", "formula", "numerator", "denominator", "source", "version")

WORDS, NUMBER, RATE, DIFFERENCE = "words", "number", "rate", "difference"
# What a cell of each kind is written out as in files; '' is the cell itself.
PARTS: Mapping[str, Sequence[str]] = {
    WORDS: ("",),
    NUMBER: ("",),
    RATE: ("numerator", "denominator", "rate", "interval.0", "interval.1", "enough"),
    DIFFERENCE: ("difference", "interval.0", "interval.1", "significant"),
}


@dataclass(frozen=True)
class Difference:
    """One rate less another, with its 95 % interval by Newcombe's method; both in [-1, 1]."""

    value: float
    interval: Interval

    @property
    def significant(self) -> bool:
        """Whether it is more than chance: the interval lies wholly on one side of 0."""
        return excludes_zero(self.interval)


def difference(now: Rate, before: Rate) -> Difference | None:
    """What a rate has changed by; None where either rests on too few ratings to be printed."""
    interval = difference_of_rates(now, before)
    if interval is None or not (now.enough and before.enough):
        return None
    return Difference((now.rate or 0.0) - (before.rate or 0.0), interval)


@dataclass(frozen=True)
class Column:
    """One column: its code in files and JSON, its heading, and the indicator that explains it."""

    code: str
    words: str
    kind: str = NUMBER
    indicator: str = ""

    @property
    def fields(self) -> list[str]:
        """The names it has in files."""
        return [f"{self.code}.{part}" if part else self.code for part in PARTS[self.kind]]


Cell = str | int | float | Rate | Difference | None


@dataclass(frozen=True)
class Line:
    """One line: a cell for each column's code, and where some cells lead: the filters of the rating rows.

    A code is what is named in files; a missing cell is "—", never 0.
    """

    cells: Mapping[str, Cell]
    leads: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A table with what it is called; `total` stands below it on the page and in no file."""

    name: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    total: Line | None = None

    @property
    def fields(self) -> list[str]:
        """The head of the files."""
        return [name for column in self.columns for name in column.fields]

    def rows(self) -> Iterator[list[Value]]:
        """Every line under `fields`; None is a blank, never 0; no total, so that a column can be added up."""
        for line in self.lines:
            yield [part for column in self.columns for part in _parts(column, line.cells.get(column.code))]

    def definitions(self) -> tuple[Sequence[str], list[list[Value]]]:
        """The definitions of the indicators in the table, as a table."""
        said = [(code, INDICATORS[code]) for code in dict.fromkeys(c.indicator for c in self.columns) if code]
        return DEFINED, [
            [code, one.words, one.formula, one.counts, one.of, one.source, one.version] for code, one in said
        ]

    def as_json(self) -> list[dict[str, Any]]:
        """Every line as the JSON says it."""
        return [_json_of(self.columns, line) for line in self.lines]

    def total_as_json(self) -> dict[str, Any] | None:
        """The total as the JSON says it."""
        return None if self.total is None else _json_of(self.columns, self.total)


def _parts(column: Column, cell: Cell) -> list[Value]:
    if isinstance(cell, Rate):
        low, high = cell.interval or (None, None)
        return [cell.numerator, cell.denominator, cell.rate, low, high, cell.enough]
    if isinstance(cell, Difference):
        return [cell.value, *cell.interval, cell.significant]
    return [cell, *[None] * (len(PARTS[column.kind]) - 1)]


def _json_of(columns: Sequence[Column], line: Line) -> dict[str, Any]:
    return {column.code: _said(line.cells.get(column.code)) for column in columns}


def _said(cell: Cell) -> object:
    if isinstance(cell, Rate):
        return {
            "numerator": cell.numerator,
            "denominator": cell.denominator,
            "rate": cell.rate,
            "interval": list(cell.interval) if cell.interval else None,
            "enough": cell.enough,
        }
    if isinstance(cell, Difference):
        return {
            "difference": cell.value,
            "interval": list(cell.interval),
            "significant": cell.significant,
        }
    return cell
