"""The process that opens a spreadsheet: reads a file from its input and writes the sheets as JSON."""

import io
import json
import re
import sys
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from evalsys.kernel.sheets import opening

with suppress(ImportError):  # Windows has no limits of this kind.
    import resource

_PLACE = re.compile(rb'<c\b[^>]{0,200}?\br="([A-Z]{1,3})(\d{1,7})"(?:[^>]{0,200}[^/>])?>')


def _told(cell: Any) -> Any:
    """A cell as JSON has it: days and hours as pairs of a kind and a text."""
    if isinstance(cell, datetime):
        return ["instant", cell.isoformat()]
    if isinstance(cell, date):
        return ["day", cell.isoformat()]
    if isinstance(cell, time):
        return ["hour", cell.isoformat()]
    if isinstance(cell, timedelta):
        return ["length", cell.total_seconds()]
    return cell


def _sheets(content: bytes) -> list[Any]:
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        return [
            _sheet(book, each.name, each.visible == SheetVisibleEnum.Visible)
            for each in book.sheets_metadata
            if each.typ == SheetTypeEnum.WorkSheet
        ]


def _sheet(book: CalamineWorkbook, title: str, is_visible: bool) -> list[Any]:
    sheet = book.get_sheet_by_name(title)
    rows = [[_told(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    return [title, is_visible, rows, sheet.merged_cell_ranges or []]


def _weigh(content: bytes) -> None:
    """Refuse a packed file that would unpack, or stretch, beyond what is reasonable."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        if sum(part.file_size for part in parts) > opening.MOST_UNPACKED:
            raise opening.CannotOpen("解开后太大,请删掉图片和多余的工作表再导入")
        for part in parts:
            if part.filename.endswith(".xml"):
                _measure(package.read(part))


def _measure(xml: bytes) -> None:
    """Refuse a sheet with something written very far out; cells that are only formatted do not count."""
    places = _PLACE.findall(xml)
    rows = max((int(row) for _, row in places), default=0)
    columns = max((_column_place(letters) for letters in {letters for letters, _ in places}), default=0)
    if rows * columns > opening.MOST_CELLS:
        raise opening.CannotOpen(f"有一张工作表写到了第{rows}行第{columns}列,请删掉远处多余的内容再导入")


def _column_place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _main() -> None:
    with suppress(NameError, ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (opening.MOST_MEMORY, opening.MOST_MEMORY))
    content = sys.stdin.buffer.read()
    told: Any
    try:
        if content.startswith(b"PK"):
            _weigh(content)
        told = _sheets(content)
    except PasswordError:
        told = "有打开密码,请取消密码后再导入"
    except opening.CannotOpen as why:
        told = str(why)
    # Any other exception ends the process without an answer, and so does a file that breaks the reader.
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    _main()
