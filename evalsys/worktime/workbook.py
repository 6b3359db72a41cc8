"""A year's notice as it is handed in: a file or pasted lines."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from evalsys.kernel.sheets import cells
from evalsys.kernel.sheets.cells import Cell, Unreadable
from evalsys.kernel.sheets.files import Fault, Sheet, Workbook

PASTED = "粘贴的内容"
WORKED, OFF = "上班", "休息"
_COLUMNS = {
    "day": ("日期", "日子", "时间"),
    "working": ("上班/休息", "上班或休息", "上班休息", "安排", "类型", "上班", "休息"),
    "words": ("说明", "备注", "节日", "名称"),
}
_NAMES = {"day": "日期", "working": "上班/休息", "words": "说明"}
_MEANINGS = {
    **dict.fromkeys(("上班", "班", "工作", "工作日", "补班", "调休上班"), WORKED),
    **dict.fromkeys(("休息", "休", "放假", "假", "休假", "休息日", "节假日", "放假调休"), OFF),
}
_HEADER_WITHIN = 10
_LONGEST_RUN = 60  # days in one row; longer is a slip of the pen
_COMMAS = re.compile(r"[\t,\uff0c]")
_TO = re.compile(r"\s*[至到~\uff5e–—]+\s*")
_WEEKDAY_ASIDE = re.compile(r"[(\uff08](?:星期|周)[一二三四五六日天][)\uff09]")


@dataclass(frozen=True)
class NoticedDay:
    """One day of a notice and where it stands in the file."""

    day: date
    working: bool
    words: str
    sheet: str
    row: int


@dataclass(frozen=True)
class Notice:
    """What was read: the days in order of the file, and everything that could not be."""

    days: tuple[NoticedDay, ...]
    faults: tuple[Fault, ...]


def word_of(working: bool) -> str:
    """The word for a day that is worked, or not."""
    return WORKED if working else OFF


def pasted(words: str) -> Workbook:
    """Pasted lines as a sheet: the three columns with a comma, a tab or blanks between."""
    rows = [
        _COMMAS.split(line, 2) if _COMMAS.search(line) else line.split(None, 2) for line in words.splitlines()
    ]
    return Workbook((Sheet(PASTED, PASTED, [[cell.strip() for cell in row] for row in rows]),))


def lines_of(notice: Notice) -> str:
    """A notice as lines that `pasted` reads again."""
    lines = (
        (str(each.day), word_of(each.working), _COMMAS.sub(" ", each.words).strip()) for each in notice.days
    )
    return "\n".join(",".join(line) for line in lines)


def notice_in(book: Workbook) -> Notice:
    """Every row of every sheet; a row may name one day or a run of days (2027-10-01至2027-10-07)."""
    faults = list(book.faults)
    days: dict[date, NoticedDay] = {}
    for sheet in book.sheets:
        for noticed in _days(sheet, faults):
            first = days.setdefault(noticed.day, noticed)
            if first.working != noticed.working:
                said = f"{noticed.day}在第{first.row}行写的是“{word_of(first.working)}”,请只留一个"
                faults.append(Fault(sheet.name, noticed.row, None, said))
    if not days and not faults:
        name = book.sheets[0].name if book.sheets else PASTED
        faults.append(Fault(name, None, None, "没有读到任何一天,请写上日期、上班或休息、说明三列"))
    return Notice(tuple(days.values()), tuple(faults))


def _days(sheet: Sheet, faults: list[Fault]) -> Iterable[NoticedDay]:
    top, places = _header(sheet)
    for number, row in enumerate(sheet.rows[top:], start=top + 1):
        found = {name: row[place] for name, place in places.items() if place < len(row)}
        if all(cells.is_blank(cell) for cell in found.values()):
            continue
        column = "day"
        try:
            first, last = _run(found.get("day"))
            column = "working"
            working = _is_worked(found.get("working"))
            column = "words"
            words = cells.text(found.get("words"))
        except Unreadable as why:
            faults.append(Fault(sheet.name, number, _NAMES[column], str(why)))
            continue
        for n in range((last - first).days + 1):
            yield NoticedDay(first + timedelta(days=n), working, words, sheet.name, number)


def _is_worked(cell: Cell) -> bool:
    if cells.is_blank(cell):
        raise Unreadable(f"没有填,请填{WORKED}或{OFF}")
    return cells.chosen(cell, _MEANINGS, f"{WORKED}、{OFF}") == WORKED


def _header(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """The row after the headers and the place of each column; without headers the usual order."""
    for number, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
        headers = [cells.text_of_header(cell).replace(" ", "") for cell in row]
        places = {name: _place(headers, names) for name, names in _COLUMNS.items()}
        found = {name: place for name, place in places.items() if place is not None}
        if {"day", "working"} <= found.keys():
            return number + 1, found
    return 0, {"day": 0, "working": 1, "words": 2}


def _place(headers: Sequence[str], names: Sequence[str]) -> int | None:
    return next((headers.index(name) for name in names if name in headers), None)


def _run(cell: Cell) -> tuple[date, date]:
    """The first and the last day of a cell; the last one may leave out its year."""
    if cells.is_blank(cell):
        raise Unreadable("没有填,请填上日期;不要的行请整行删掉")
    if not isinstance(cell, str):
        day = cells.day(cell)
        return day, day
    first, *rest = _TO.split(_WEEKDAY_ASIDE.sub("", cell).strip())
    day = cells.day(first)
    last = _last(rest, day) if rest else day
    if not 0 <= (last - day).days < _LONGEST_RUN:
        raise Unreadable(f"从{day}到{last}不是一段放假或上班的日子,请核对")
    return day, last


def _last(rest: Sequence[str], first: date) -> date:
    if len(rest) > 1:
        raise Unreadable("一行只能写一段日子,请分成几行")
    for words in (rest[0], f"{first.year}年{rest[0]}", f"{first.year}年{first.month}月{rest[0]}"):
        try:
            return cells.day(words)
        except Unreadable:
            continue
    raise Unreadable(f"看不懂日期“{cells.shown(rest[0])}”,请写成2026-03-01这样的日期")
