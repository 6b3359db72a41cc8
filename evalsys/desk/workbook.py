"""Orders as a file: its columns, what each cell means, and the template to fill in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from evalsys.desk.rules import NUMBER_LIMIT, PLACE_LIMIT, SOURCE_WORDS, TEXT_LIMIT, Source
from evalsys.kernel import clock
from evalsys.kernel.sheets import cells
from evalsys.kernel.sheets.annotated import HEADER_WITHIN
from evalsys.kernel.sheets.cells import Cell, Unreadable
from evalsys.kernel.sheets.files import Fault, Sheet, Workbook, column_letter
from evalsys.kernel.workbooks import in_memory
from evalsys.rectification.rules.citizens import NAME_LIMIT, plain_number

MOST_ROWS = 200
"""Orders of one import: it is one transaction, and everybody waits for it."""
SHEET = "工单"

_HOUR_SIGN = re.compile("[:时点\uff1a]")
_SOURCES = {words: source.value for source, words in SOURCE_WORDS.items()} | {
    s.value: s.value for s in Source
}


@dataclass(frozen=True)
class Column:
    """A column of the file: its header and others it goes by, and how a cell is read."""

    field: str
    name: str
    also: tuple[str, ...]
    read: Callable[[Cell], Any]
    is_required: bool
    note: str


@dataclass(frozen=True)
class OrderRow:
    """One order as its row says it; a field whose cell is blank is absent."""

    sheet: str
    row: int
    values: Mapping[str, Any]


@dataclass
class Reading:
    """What was read of the files: rows that can be understood, where the headers stand, and every fault."""

    rows: list[OrderRow] = field(default_factory=list)
    headers: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read(book: Workbook) -> Reading:
    """Every order of every sheet; each faulty cell is a fault that names its row and column."""
    reading = Reading(faults=list(book.faults))
    for sheet in book.sheets:
        _read_sheet(sheet, reading)
    if not reading.faults and len(reading.rows) > MOST_ROWS:
        said = f"一次最多导入{MOST_ROWS}件,现在{len(reading.rows)}件,请分成几个文件"
        reading.faults.append(Fault(book.sheets[0].name, None, None, said))
    return reading


def template() -> bytes:
    """An empty workbook to fill in, with a sheet that says how."""
    out, written = in_memory()
    bold = written.add_format({"bold": True, "bottom": 1})
    text = written.add_format({"num_format": "@"})
    guide, page = written.add_worksheet("说明"), written.add_worksheet(SHEET)
    page.freeze_panes(1, 0)
    guide.set_column(1, 1, 70)
    for n, column in enumerate(COLUMNS):
        page.set_column(n, n, 20, text)
        page.write_string(0, n, column.name, bold)
        guide.write_string(n, 0, column.name, bold)
        guide.write_string(n, 1, f"{'必填' if column.is_required else '可不填'}。{column.note}")
    written.close()
    return out.getvalue()


def _source(cell: Cell) -> Source:
    return Source(cells.chosen(cell, _SOURCES, "、".join(SOURCE_WORDS.values())))


def _received(cell: Cell) -> datetime:
    return _instant(cell, time())


def _due(cell: Cell) -> datetime:
    """The end an order's sender wants; a day alone means its last instant, 24:00."""
    return _instant(cell, cells.END_OF_DAY)


def _instant(cell: Cell, without_hour: time) -> datetime:
    """An instant on the hall's clock: a date cell, a serial number, or words such as 2026-03-01 09:30."""
    hour, words = without_hour, cell.replace("T", " ").split() if isinstance(cell, str) else []
    if len(words) > 1 and _HOUR_SIGN.search(words[-1]):
        cell, hour = " ".join(words[:-1]), cells.hour(words[-1])
    elif isinstance(cell, datetime):
        hour = cell.time()
    elif isinstance(cell, float):
        hour = cells.hour(cell % 1)
    day = cells.day(cell)
    if hour == cells.END_OF_DAY:
        return clock.end_of(day)
    return datetime.combine(day, hour, clock.SHANGHAI)


def _phone(cell: Cell) -> str:
    number = plain_number(cells.text(cell, 60))
    if number is None:
        raise Unreadable(f"“{cells.shown(cell)}”不能打通,请填11位手机号,或带区号的固定电话")
    return number


def _words(longest: int) -> Callable[[Cell], str]:
    return lambda cell: cells.text(cell, longest)


COLUMNS: Sequence[Column] = (
    Column("source", "来源", ("渠道",), _source, True, "、".join(SOURCE_WORDS.values())),
    Column(
        "upstream_no",
        "来源编号",
        ("工单编号", "编号", "工单号"),
        _words(NUMBER_LIMIT),
        True,
        "来源平台给的编号;同一来源的同一编号再导入一次,不会多出一件",
    ),
    Column("category", "类别", ("工单类别", "分类"), _words(60), True, "类别的名称或代码"),
    Column(
        "text",
        "反映的内容",
        ("内容", "诉求内容", "反映内容"),
        _words(TEXT_LIMIT),
        True,
        f"最多{TEXT_LIMIT}个字",
    ),
    Column("received_at", "收到时间", ("受理时间", "来电时间"), _received, True, "写成2026-03-01 09:30这样"),
    Column("window", "窗口", ("窗口编码",), cells.code, False, "窗口的编码"),
    Column("place", "地点", ("地址", "事发地点"), _words(PLACE_LIMIT), False, "事情发生的地方"),
    Column("phone", "联系电话", ("电话", "手机", "手机号"), _phone, False, "手机号,或带区号的固定电话"),
    Column("name", "怎么称呼", ("姓名", "联系人"), _words(NAME_LIMIT), False, "有联系电话时才用"),
    Column("upstream_due", "来源要求办结", ("要求办结", "办结期限"), _due, False, "只写日期的,算到当天24:00"),
)


def _read_sheet(sheet: Sheet, reading: Reading) -> None:
    top, places = _header(sheet)
    missing = [one.name for one in COLUMNS if one.is_required and one.field not in places]
    if not places:
        if sheet.title != "说明" and any(not cells.is_blank(cell) for row in sheet.rows for cell in row):
            names = "、".join(one.name for one in COLUMNS)
            reading.faults.append(
                Fault(sheet.name, None, None, f"没有找到表头,请在第一行写上这些列名:{names}")
            )
        return
    reading.headers[sheet.name] = top
    if missing:
        said = f"表头缺少“{'”“'.join(missing)}”,请补上"
        reading.faults.append(Fault(sheet.name, top, None, said))
        return
    for number, row in enumerate(sheet.rows[top:], start=top + 1):
        _read_row(sheet.name, number, row, places, reading)


def _header(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """The row of headers, from 1, and the place of each column; the first row that names at least three."""
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN], start=1):
        said = [cells.text_of_header(cell).rstrip("*").strip() for cell in row]
        places = {
            one.field: said.index(name)
            for one in COLUMNS
            for name in reversed((one.name, *one.also))
            if name in said
        }
        if len(places) >= 3:
            return number, places
    return 0, {}


def _read_row(
    name: str, number: int, row: Sequence[Cell], places: Mapping[str, int], reading: Reading
) -> None:
    found = {one: row[place] for one, place in places.items() if place < len(row)}
    if all(cells.is_blank(cell) for cell in found.values()):
        return
    values: dict[str, Any] = {}
    before = len(reading.faults)
    for column in COLUMNS:
        cell = found.get(column.field)
        try:
            if not cells.is_blank(cell):
                values[column.field] = column.read(cell)
            elif column.is_required:
                raise Unreadable(f"没有填,请填上{column.name};不要的行请整行删掉")
        except Unreadable as why:
            place = f"{column_letter(places[column.field])}列“{column.name}”"
            reading.faults.append(Fault(name, number, place, str(why)))
    if len(reading.faults) == before:
        reading.rows.append(OrderRow(name, number, values))
