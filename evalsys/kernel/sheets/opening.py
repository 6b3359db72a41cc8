"""Opens spreadsheets in a process of their own: a broken or hostile file ends that process and nothing else.

Run as a program it reads a file from its input and writes the sheets as JSON; it imports nothing of ours.
"""

import io
import json
import re
import subprocess
import sys
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

with suppress(ImportError):  # Windows has no limits of this kind.
    import resource

MOST_MEMORY = 2 * 1024**3
"""Bytes of address space the opening process may take; far more than any file of a hall needs."""
MOST_UNPACKED = 100 * 1024**2
"""Bytes a packed file may unpack to."""
MOST_CELLS = 3_000_000
"""A sheet that stretches further is refused before it fills the memory."""
LONGEST = 120
"""Seconds after which opening is given up."""

_BROKEN = "打不开,可能已损坏;请用表格软件打开后另存为xlsx再导入"
_PLACE = re.compile(rb'<c\b[^>]{0,200}?\br="([A-Z]{1,3})(\d{1,7})"(?:[^>]{0,200}[^/>])?>')

Place = tuple[int, int]


class CannotOpen(Exception):
    """The file cannot be opened; the sentence says why and what to do."""


@dataclass(frozen=True)
class Opened:
    """One sheet as the file holds it; merged cells have their value in the first corner only."""

    title: str
    is_visible: bool
    rows: list[list[Any]]
    merged: list[tuple[Place, Place]]


def opened(content: bytes) -> list[Opened]:
    """The worksheets of an xlsx or xls file, in order; raises CannotOpen."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "evalsys.kernel.sheets.opening"],
            input=content,
            capture_output=True,
            check=False,
            timeout=LONGEST,
        )
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise CannotOpen(_BROKEN) from None
    if isinstance(told, str):
        raise CannotOpen(told)
    return [Opened(title, shown, _revived(rows), merged) for title, shown, rows, merged in told]


def _revived(rows: list[list[Any]]) -> list[list[Any]]:
    return [[_cell(cell) if isinstance(cell, list) else cell for cell in row] for row in rows]


def _cell(told: list[Any]) -> date | time | timedelta:
    kind, value = told
    if kind == "instant":
        return datetime.fromisoformat(value)
    if kind == "day":
        return date.fromisoformat(value)
    return time.fromisoformat(value) if kind == "hour" else timedelta(seconds=value)


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
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise CannotOpen("解开后太大,请删掉图片和多余的工作表再导入")
        for part in parts:
            if part.filename.endswith(".xml"):
                _measure(package.read(part))


def _measure(xml: bytes) -> None:
    """Refuse a sheet with something written very far out; cells that are only formatted do not count."""
    places = _PLACE.findall(xml)
    rows = max((int(row) for _, row in places), default=0)
    columns = max((_column_place(letters) for letters in {letters for letters, _ in places}), default=0)
    if rows * columns > MOST_CELLS:
        raise CannotOpen(f"有一张工作表写到了第{rows}行第{columns}列,请删掉远处多余的内容再导入")


def _column_place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _main() -> None:
    with suppress(NameError, ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    content = sys.stdin.buffer.read()
    told: Any
    try:
        if content.startswith(b"PK"):
            _weigh(content)
        told = _sheets(content)
    except PasswordError:
        told = "有打开密码,请取消密码后再导入"
    except CannotOpen as why:
        told = str(why)
    # Any other exception ends the process without an answer, and so does a file that breaks the reader.
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    _main()
