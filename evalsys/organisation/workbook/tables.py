"""From sheets of cells to tables of records: finding the header, reading each row by its columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalsys.kernel.sheets import cells
from evalsys.kernel.sheets.annotated import HEADER_WITHIN, PROBLEMS
from evalsys.kernel.sheets.cells import Cell, Unreadable
from evalsys.kernel.sheets.files import Fault, Sheet, Workbook, column_letter
from evalsys.organisation.workbook.columns import ITEMS, ROTA, SHEETS, STAFF, UNITS, Column

_ASIDE = re.compile(r"[((\uff08【].*?[))\uff09】]|[\s*\uff0a:\uff1a]")
_TITLE_NOISE = re.compile(
    r"^[\s\d年月日第周_.-]+|(表|信息|清单|名单|名册|目录|台账|导入|数据|[\s\d._\-()\uff08\uff09年月日])+$"
)
_REMARK = re.compile(r"(注|备注|说明|填表|制表|合计|总计|小计)")
_TOTALS = frozenset({"合计", "总计", "小计"})
_OTHER_TITLES = {
    "单位": UNITS,
    "窗口人员": STAFF,
    "工作人员": STAFF,
    "员工": STAFF,
    "服务事项": ITEMS,
    "值班": ROTA,
}
_UNREAD_SHEETS = frozenset({"说明", "填写说明"})


@dataclass(frozen=True)
class Record:
    """One row: what its cells say, by field; a field whose cell was blank or unreadable is absent."""

    table: "Table"
    row: int
    values: Mapping[str, Any]
    unreadable: frozenset[str] = frozenset()


@dataclass
class Table:
    """One sheet that was understood: its columns by field, and its records."""

    sheet: str
    kind: str
    columns: Mapping[str, Column]
    places: Mapping[str, int]
    header: int = 1
    records: list[Record] = field(default_factory=list)

    def fault(self, row: int, name: str | None, message: str) -> Fault:
        """A fault of a row at a field's column; a column the sheet lacks is named without its letter."""
        if name is None:
            return Fault(self.sheet, row, None, message)
        letter = f"{column_letter(self.places[name])}列" if name in self.places else ""
        return Fault(self.sheet, row, f"{letter}“{self.columns[name].name}”", message)


@dataclass
class Reading:
    """Everything read so far, and what is wrong or left aside."""

    tables: list[Table] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def records(self, kind: str) -> list[Record]:
        """The records of every sheet of one kind."""
        return [record for table in self.tables if table.kind == kind for record in table.records]

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(len(table.records) for table in self.tables)


def read(book: Workbook) -> Reading:
    """Every known sheet of a workbook as a table of records; unknown sheets are left aside with a notice."""
    reading = Reading(faults=list(book.faults), notices=list(book.notices))
    for sheet in book.sheets:
        kind = kind_of(sheet.title)
        if kind is not None:
            _read_sheet(sheet, kind, reading)
        elif sheet.title not in _UNREAD_SHEETS and any(not _is_blank(row) for row in sheet.rows):
            reading.notices.append(f"工作表“{sheet.name}”不在导入范围,没有读;可导入的是{'、'.join(SHEETS)}")
    if book.sheets and not reading.tables and not reading.faults:
        reading.faults.append(
            Fault(
                book.sheets[0].name,
                None,
                None,
                f"没有可导入的工作表,工作表(或csv文件)请取名{'、'.join(SHEETS)}",
            )
        )
    return reading


def kind_of(title: str) -> str | None:
    """Which of the six sheets a title means: 人员, 人员表, 人员信息(1) are all 人员."""
    plain = _TITLE_NOISE.sub("", cells.text_of_header(title))
    plain = _OTHER_TITLES.get(plain, plain)
    return plain if plain in SHEETS else None


def _is_blank(row: Sequence[Cell]) -> bool:
    return all(cells.is_blank(cell) for cell in row)


def _header_name(cell: Cell) -> str:
    return _ASIDE.sub("", cells.text_of_header(cell))


def _places(row: Sequence[Cell], kind: str) -> dict[str, int]:
    """Which of a sheet's fields stand in a row of headers, and where; the first of two alike counts."""
    headers = [_header_name(cell) for cell in row]
    found: dict[str, int] = {}
    for exactly in (True, False):
        for column in SHEETS[kind]:
            names = (column.name,) if exactly else column.also
            place = next(
                (n for n, header in enumerate(headers) if header in names and n not in found.values()), None
            )
            if place is not None and column.field not in found:
                found[column.field] = place
    return found


def _header_row(sheet: Sheet, kind: str) -> tuple[int, dict[str, int]] | None:
    """The row of headers: the first that names most columns, at least two or all there are of the key."""
    candidates = [(n, _places(row, kind)) for n, row in enumerate(sheet.rows[:HEADER_WITHIN])]
    best = max(candidates, key=lambda each: len(each[1]), default=None)
    return best if best is not None and len(best[1]) >= 2 else None


def _read_sheet(sheet: Sheet, kind: str, reading: Reading) -> None:
    top, places = _header_row(sheet, kind) or (0, {})
    table = Table(sheet.name, kind, {column.field: column for column in SHEETS[kind]}, places, top + 1)
    reading.tables.append(table)
    if not places:
        if any(not _is_blank(row) for row in sheet.rows):
            names = "、".join(column.name for column in SHEETS[kind])
            reading.faults.append(
                Fault(sheet.name, None, None, f"没有找到表头,请在第一行写上这些列名:{names}")
            )
        return
    if _lacks_keys(table, reading):
        return
    _note_extra(sheet, table, reading)
    for number, row in enumerate(sheet.rows[table.header :], start=table.header + 1):
        if not _is_aside(row, table):
            _read_row(table, number, row, reading)


def _lacks_keys(table: Table, reading: Reading) -> bool:
    missing = [c.name for c in table.columns.values() if c.is_key and c.field not in table.places]
    for name in missing:
        reading.faults.append(Fault(table.sheet, table.header, None, f"表头缺少“{name}”这一列,请补上"))
    return bool(missing)


def _note_extra(sheet: Sheet, table: Table, reading: Reading) -> None:
    read_places = set(table.places.values())
    extra = dict.fromkeys(
        name
        for n, cell in enumerate(sheet.rows[table.header - 1])
        if n not in read_places and (name := _header_name(cell)) and not name.startswith(PROBLEMS)
    )
    if extra:
        reading.notices.append(f"“{sheet.name}”的这些列没有用到:{'、'.join(extra)}")


def _is_aside(row: Sequence[Cell], table: Table) -> bool:
    """Whether a row is none of the table: blank, the header again, or a remark or total below it."""
    known = {name: row[place] for name, place in table.places.items() if place < len(row)}
    if all(cells.is_blank(cell) for cell in known.values()):
        return True
    if all(_header_name(cell) in table.columns[name].names for name, cell in known.items()):
        return True
    first = next(cells.text_of_header(cell) for cell in row if not cells.is_blank(cell))
    if not _REMARK.match(first):
        return False
    return (
        first in _TOTALS or len({cells.text_of_header(cell) for cell in row if not cells.is_blank(cell)}) == 1
    )


def _read_row(table: Table, number: int, row: Sequence[Cell], reading: Reading) -> None:
    values: dict[str, object] = {}
    unreadable: set[str] = set()
    for name, place in table.places.items():
        column = table.columns[name]
        cell = row[place] if place < len(row) else None
        try:
            if cells.is_blank(cell):
                if column.is_key:
                    raise Unreadable(f"没有填,请填上{column.name};不要的行请整行删掉")
            elif column.may_be_cleared and cells.is_nothing(cell):
                values[name] = column.cleared
            else:
                values[name] = column.read(cell)
        except Unreadable as fault:
            reading.faults.append(table.fault(number, name, str(fault)))
            unreadable.add(name)
    table.records.append(Record(table, number, values, frozenset(unreadable)))
