"""Rankings as files: the same rows as the screen and the JSON, under the JSON's field paths."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter

from evalsys.kernel.words import FORMULA_SIGNS
from evalsys.scoring.rules.ranking import CHANNELS, Ranking, Row, json_of

# Blanks before a formula hide it from the eye, not from a spreadsheet (OWASP, CSV injection).
DANGEROUS = (*FORMULA_SIGNS, "\t", "\r", "\n")
RATES = ("good", "very_satisfied", "bad")

Value = str | int | float | bool | None


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
        *("score", "shrunk", "rank_interval.0", "rank_interval.1", "band", "enough_rate", "enough_rank"),
    )


PATHS = _paths()


def neutral(value: Value) -> Value:
    """A value no spreadsheet takes for a formula: dangerous words get an apostrophe in front."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return value


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
    """The ranking as CSV: UTF-8 with a byte order mark, so that spreadsheets read the Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(PATHS)
    writer.writerows([_word(value) for value in line] for line in lines(ranking))
    return text.getvalue().encode("utf-8-sig")


def _word(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else value


def as_xlsx(ranking: Ranking) -> bytes:
    """The ranking as a workbook with one sheet; written row by row, so that memory stays small."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet("ranking")
        sheet.freeze_panes(1, 5)
        head = book.add_format({"bold": True})
        sheet.write_row(0, 0, PATHS, head)
        for number, line in enumerate(lines(ranking), start=1):
            for column, value in enumerate(line):
                if value is not None and value != "":
                    sheet.write(number, column, value)
    return file.getvalue()
