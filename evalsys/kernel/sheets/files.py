"""Files as they come, xlsx, xls or csv, into sheets of cells that know their row and column."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from evalsys.kernel.sheets import opening
from evalsys.kernel.sheets.cells import Cell

MOST_BYTES = 20 * 1024 * 1024
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SEPARATORS = (",", "\t", ";")


@dataclass(frozen=True)
class Fault:
    """What is wrong in a file, where, and what to do; a row of None means the whole sheet."""

    sheet: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = f"“{self.sheet}”"
        if self.row is not None:
            place += f"第{self.row}行"
        if self.column is not None:
            place += f"{self.column}"
        return f"{place}:{self.message}"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a file: row 1, column A is `rows[0][0]`; merged cells are filled.

    `name` tells it apart within the import, `title` is what its file calls it.
    """

    name: str
    title: str
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Workbook:
    """Every sheet of every file of one import, what could not be read, and what was left out."""

    sheets: tuple[Sheet, ...]
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()


_Rows = list[list[Cell]]
_Titled = tuple[str, _Rows]


class _Refusal(Exception):
    """A file that cannot be read, with the sentence for it."""


def column_letter(place: int) -> str:
    """The spreadsheet's letter of a column by its place from 0: 0 → A, 26 → AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read(files: Iterable[tuple[str, bytes]]) -> Workbook:
    """All sheets of the named files; a file that cannot be read becomes a fault, never an exception."""
    sheets: list[Sheet] = []
    faults: list[Fault] = []
    notices: list[str] = []
    for name, content in files:
        try:
            for title, rows in _sheets(name, content, notices):
                taken = any(sheet.name == title for sheet in sheets)
                sheets.append(Sheet(f"{PurePath(name).stem}·{title}" if taken else title, title, rows))
        except _Refusal as refusal:
            faults.append(Fault(PurePath(name).name, None, None, str(refusal)))
    return Workbook(tuple(sheets), tuple(faults), tuple(notices))


def _sheets(name: str, content: bytes, notices: list[str]) -> list[_Titled]:
    if not content.strip():
        raise _Refusal("文件是空的,请重新选择文件")
    if len(content) > MOST_BYTES:
        raise _Refusal(f"文件超过{MOST_BYTES // 1024 // 1024}MB,请分成几个文件导入")
    if content.startswith((_ZIP, _OLE)):
        return _spreadsheet(content, notices)
    if content.lstrip()[:200].lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise _Refusal("其实是网页格式,请用表格软件打开后另存为xlsx再导入")
    return [(PurePath(name).stem, _csv(content))]


def _spreadsheet(content: bytes, notices: list[str]) -> list[_Titled]:
    try:
        sheets = opening.opened(content)
    except opening.CannotOpen as why:
        raise _Refusal(str(why)) from None
    notices += [f"工作表“{sheet.title}”是隐藏的,没有读" for sheet in sheets if not sheet.is_visible]
    return [(sheet.title, _filled(sheet)) for sheet in sheets if sheet.is_visible]


def _filled(sheet: opening.Opened) -> _Rows:
    if len(sheet.rows) * max((len(row) for row in sheet.rows), default=0) > opening.MOST_CELLS:
        raise _Refusal(f"工作表“{sheet.title}”太大,请分成几个文件导入")
    for (top, left), (bottom, right) in sheet.merged:
        _fill(sheet.rows, top, left, bottom, right)
    return sheet.rows


def _fill(rows: _Rows, top: int, left: int, bottom: int, right: int) -> None:
    """A merged cell's value stands only in its first corner: write it into all of it."""
    if top >= len(rows) or left >= len(rows[top]):
        return
    value = rows[top][left]
    for row in rows[top : bottom + 1]:
        for place in range(left, min(right + 1, len(row))):
            row[place] = value


def _csv(content: bytes) -> _Rows:
    words = _decoded(content)
    first_lines = words[:4000]
    separator = max(_SEPARATORS, key=first_lines.count)
    try:
        rows: _Rows = [list(row) for row in csv.reader(io.StringIO(words, newline=""), delimiter=separator)]
    except csv.Error:
        raise _Refusal("不是完好的csv文件,请用表格软件打开后另存为xlsx再导入") from None
    if len(rows) * max((len(row) for row in rows), default=0) > opening.MOST_CELLS:
        raise _Refusal("行列太多,请分成几个文件导入")
    return rows


def _decoded(content: bytes) -> str:
    for encoding in _encodings(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _Refusal("文字编码不认识,请用表格软件打开后另存为xlsx再导入")


def _encodings(content: bytes) -> tuple[str, ...]:
    """What the bytes may be: a mark or the zeros of narrow signs tell UTF-16; else UTF-8 before GB18030."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    even, odd = content[0:400:2].count(0), content[1:400:2].count(0)
    if max(even, odd) > 10:
        return ("utf-16-be",) if even > odd else ("utf-16-le",)
    return ("utf-8-sig", "gb18030")
