"""Files as they come, xlsx, xls or csv, into sheets of cells that know their row and column."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import cast

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from evalsys.organisation.rules import Fault
from evalsys.organisation.workbook.cells import Cell

MOST_CELLS = 3_000_000
"""A sheet that stretches further is refused before it fills the memory."""
MOST_BYTES = 20 * 1024 * 1024
_MOST_UNPACKED = 100 * 1024 * 1024
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PLACE = re.compile(rb'<c\b[^>]{0,200}?\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb'<row\b[^>]{0,200}?\br="(\d{1,7})"')
_SEPARATORS = (",", "\t", ";")


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
    if content.startswith(_ZIP):
        _weigh(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return [
                (each.name, _rows(book.get_sheet_by_name(each.name)))
                for each in book.sheets_metadata
                if each.typ == SheetTypeEnum.WorkSheet and _is_visible(each.name, each.visible, notices)
            ]
    except PasswordError:
        raise _Refusal("有打开密码,请取消密码后再导入") from None
    except CalamineError:
        raise _Refusal("打不开,可能已损坏;请用表格软件打开后另存为xlsx再导入") from None


def _is_visible(name: str, visible: SheetVisibleEnum, notices: list[str]) -> bool:
    if visible == SheetVisibleEnum.Visible:
        return True
    notices.append(f"工作表“{name}”是隐藏的,没有读")
    return False


def _weigh(content: bytes) -> None:
    """Refuse a packed file that would unpack, or stretch, beyond what is reasonable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise _Refusal("解开后太大,请删掉图片和多余的工作表再导入")
            for part in parts:
                if part.filename.endswith(".xml"):
                    _measure(package.read(part))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise _Refusal("打不开,可能已损坏;请用表格软件打开后另存为xlsx再导入") from None


def _measure(xml: bytes) -> None:
    places = _PLACE.findall(xml)
    rows = max((int(row) for row in (*(row for _, row in places), *_ROW.findall(xml))), default=0)
    columns = max((_column_place(letters) for letters in {letters for letters, _ in places}), default=0)
    if rows * columns > MOST_CELLS:
        raise _Refusal(f"有一张工作表伸到了第{rows}行第{columns}列,请删掉末尾的空行空列再导入")


def _column_place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _rows(sheet: CalamineSheet) -> _Rows:
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise _Refusal(f"工作表“{sheet.name}”太大,请删掉末尾的空行空列再导入")
    rows = cast(_Rows, sheet.to_python(skip_empty_area=False))
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        _fill(rows, top, left, bottom, right)
    return rows


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
    if len(rows) * max((len(row) for row in rows), default=0) > MOST_CELLS:
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
