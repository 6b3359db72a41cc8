"""Tables as files: CSV that spreadsheets read, and workbooks written row by row."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from evalsys.kernel.words import FORMULA_SIGNS
from evalsys.kernel.workbooks import new_workbook

Value = str | int | float | bool | None

# Blanks before a formula hide it from the eye, not from a spreadsheet (OWASP, CSV injection).
DANGEROUS = (*FORMULA_SIGNS, "\t", "\r", "\n")


def neutral(value: Value) -> Value:
    """A value no spreadsheet takes for a formula: dangerous words get an apostrophe in front."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return value


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A table as CSV: UTF-8 with a byte order mark; None is a blank, never 0."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_word(neutral(value)) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _word(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else value


def as_xlsx(
    sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Value]]]], standing: int = 1
) -> bytes:
    """Tables as the sheets of one workbook, by name; written row by row, so that memory stays small.

    So many columns stay in sight while the others move.
    """
    file = io.BytesIO()
    with new_workbook(file, constant_memory=True) as book:
        head = book.add_format({"bold": True})
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, standing)
            sheet.write_row(0, 0, header, head)
            for number, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    if value is not None and value != "":
                        sheet.write(number, column, neutral(value))
    return file.getvalue()
