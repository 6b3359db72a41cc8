"""A workbook handed back: the same cells, each faulty row ending in what to do about it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from evalsys.kernel.sheets import cells
from evalsys.kernel.sheets.files import Fault, Sheet, Workbook
from evalsys.kernel.words import FORMULA_SIGNS
from evalsys.kernel.workbooks import in_memory

PROBLEMS = "问题"
"""The column that comes back with what is wrong; it is never read."""
HEADER_WITHIN = 30
"""A sheet's row of headers is looked for in so many rows from the top."""

_FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_LIKE_A_FORMULA = (*FORMULA_SIGNS, "\t", "\r")
_LONGEST_CELL = 32_767
_BETWEEN = ";"  # two problems of one row


def annotated(book: Workbook, headers: Mapping[str, int], faults: Iterable[Fault]) -> bytes:
    """The workbook as it was read, as xlsx, each faulty row ending in what to do about it.

    `headers` says in which row (from 1) each sheet has its headers.
    """
    problems = _by_row(faults)
    out, written = in_memory()
    styles = _Styles(written)
    titles: set[str] = set()
    for sheet in book.sheets:
        page = written.add_worksheet(_title(sheet.name, titles))
        header = headers.get(sheet.name, 1)
        _write_cells(page, sheet, header, styles)
        if sheet.name in problems:
            _write_problems(page, sheet, header, problems[sheet.name], styles)
    if book.faults or not book.sheets:
        page = written.add_worksheet(_title(PROBLEMS, titles))
        for n, fault in enumerate(book.faults):
            page.write_string(n, 0, str(fault), styles.problem)
    written.close()
    return out.getvalue()


def _by_row(faults: Iterable[Fault]) -> dict[str, dict[int, list[str]]]:
    found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for fault in faults:
        place = f"{fault.column}:" if fault.column else ""
        found[fault.sheet][fault.row or 1].append(f"{place}{fault.message}")
    return found


class _Styles:
    def __init__(self, written: Any) -> None:
        self.problem = written.add_format({"font_color": "#9B1C13", "text_wrap": True, "valign": "top"})
        self.faulty = written.add_format({"bg_color": "#FDECEA"})
        self.day = written.add_format({"num_format": "yyyy-mm-dd"})
        self.instant = written.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.hour = written.add_format({"num_format": "hh:mm"})
        # What looks like a formula stays text, in this file and when somebody edits the cell.
        self.quoted = written.add_format({"quote_prefix": True})


def _title(name: str, taken: set[str]) -> str:
    """A sheet's name as xlsx allows it: at most 31 signs, none of the forbidden, no two alike."""
    plain = _FORBIDDEN_IN_TITLE.sub(" ", name).strip("' ")[:31] or "表"
    title, n = plain, 1
    while title.casefold() in taken:
        n += 1
        title = f"{plain[: 31 - len(str(n))]}{n}"
    taken.add(title.casefold())
    return title


def _write_cells(page: Any, sheet: Sheet, header: int, styles: "_Styles") -> None:
    place, is_there = _place_of_problems(sheet, header)
    for n, row in enumerate(sheet.rows):
        for column, cell in enumerate(row):
            if not (is_there and column == place):
                _write_cell(page, n, column, cell, styles)


def _write_problems(
    page: Any, sheet: Sheet, header: int, problems: Mapping[int, list[str]], styles: "_Styles"
) -> None:
    place, _ = _place_of_problems(sheet, header)
    page.set_column(place, place, 60)
    for row, words in {header: [], **problems}.items():
        said = _BETWEEN.join([PROBLEMS, *words] if row == header else words)
        page.set_row(row - 1, None, None if row == header else styles.faulty)
        page.write_string(row - 1, place, said, styles.problem)


def _place_of_problems(sheet: Sheet, header: int) -> tuple[int, bool]:
    """Where the column 问题 goes: where an earlier answer has it, else after the last column.

    Only the row of headers tells: what people write may begin with the same word.
    """
    headings = sheet.rows[header - 1] if header <= len(sheet.rows) else ()
    for column, cell in enumerate(headings):
        if isinstance(cell, str) and (cell == PROBLEMS or cell.startswith(PROBLEMS + _BETWEEN)):
            return column, True
    return max((len(row) for row in sheet.rows), default=0), False


def _write_cell(page: Any, row: int, column: int, cell: cells.Cell, styles: _Styles) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif isinstance(cell, date) and cell.year < 1900:
        page.write_string(row, column, str(cell))
    elif isinstance(cell, datetime):
        page.write_datetime(row, column, cell, styles.instant)
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, styles.day)
    elif isinstance(cell, time | timedelta):
        page.write_datetime(row, column, cell, styles.hour)
    else:
        page.write_string(
            row, column, cell[:_LONGEST_CELL], styles.quoted if cell.startswith(_LIKE_A_FORMULA) else None
        )
