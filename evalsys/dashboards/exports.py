"""Rankings as files: the same rows as the screen and the JSON, under the JSON's field paths."""

from collections.abc import Iterator
from typing import Any

from evalsys.kernel import tables
from evalsys.kernel.tables import Value, neutral
from evalsys.scoring.rules.ranking import CHANNELS, Ranking, Row, json_of

RATES = ("good", "very_satisfied", "bad")


def _paths() -> tuple[str, ...]:
    rates = [
        f"{rate}.{part}"
        for rate in RATES
        for part in ("numerator", "denominator", "rate", "interval.0", "interval.1")
    ]
    return (
        *("rank", "group", "code", "name", "department", "n"),
        *(f"levels.{level}" for level in "54321"),
        *(f"channels.{channel}.{part}" for channel in CHANNELS for part in ("n", "good")),
        "services",
        *rates,
        *("score", "shrunk", "rank_interval.0", "rank_interval.1", "band", "top_tenth", "bottom_tenth"),
        *("enough_rate", "enough_rank"),
    )


PATHS = _paths()


def lines(ranking: Ranking) -> Iterator[list[Value]]:
    """Every row, and those matched to nobody, as values in the order of PATHS; None is a blank, never 0.

    There is no line of totals, so that a column's sum is the total.
    """
    rows = [*ranking.rows, *([ranking.unmatched] if ranking.unmatched else [])]
    for row in rows:
        yield line_of(row)


def line_of(row: Row) -> list[Value]:
    """One row's values in the order of PATHS."""
    said = json_of(row)
    return [neutral(_at(said, path)) for path in PATHS]


def _at(said: Any, path: str) -> Value:
    for step in path.split("."):
        if said is None:
            break
        said = said[int(step)] if isinstance(said, list) else said[step]
    value: Value = said
    return value


def as_csv(ranking: Ranking) -> bytes:
    """The ranking as CSV."""
    return tables.as_csv(PATHS, lines(ranking))


def as_xlsx(ranking: Ranking) -> bytes:
    """The ranking as a workbook with one sheet."""
    return tables.as_xlsx({"ranking": (PATHS, lines(ranking))}, standing=5)
