"""Reading a list of accounts to make from a spreadsheet: tolerant of cells, strict about meaning."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from evalsys.identity.actions.accounts import NewAccount
from evalsys.identity.rules import ROLES, UnfitRoles, check_roles
from evalsys.kernel.sheets import cells, files
from evalsys.kernel.sheets.cells import Cell, Unreadable
from evalsys.kernel.sheets.files import Sheet
from evalsys.organisation.queries import directory, units

COLUMNS = ("账号", "姓名", "单位", "角色", "工号")
NEEDED = COLUMNS[:4]
_ROLE_BY_WORDS = {words: role for role, words in ROLES.items()} | {role: role for role in ROLES}


def read(session: Session, name: str, content: bytes, today: date) -> tuple[list[NewAccount], list[str]]:
    """The accounts a file asks for, and every faulty row with what to do; units by code or name."""
    book = files.read([(name, content)])
    faults = [str(fault) for fault in book.faults]
    wanted: list[NewAccount] = []
    known = _units(session, today)
    people = {person.staff_no: person.id for person in directory.staff_on(session, today).values()}
    for sheet in book.sheets:
        header = _header(sheet)
        if header is None:
            faults.append(f"{sheet.name}:没有找到表头,请写上{'、'.join(NEEDED)}这几列。")
            continue
        first, places = header
        for number, row in enumerate(sheet.rows[first:], first + 1):
            if all(cells.is_blank(cell) for cell in row):
                continue
            try:
                wanted.append(_account(_values(row, places), known, people))
            except (Unreadable, UnfitRoles) as fault:
                faults.append(f"{sheet.name}第{number}行:{fault}")
    return wanted, faults


def _units(session: Session, today: date) -> dict[str, int]:
    names = units.unit_names(session, today)
    return {name: unit_id for unit_id, name in names.items()} | units.unit_codes(session)


def _header(sheet: Sheet) -> tuple[int, Mapping[str, int]] | None:
    """The number of the first row after the header, and the place of each column."""
    for number, row in enumerate(sheet.rows[:20], 1):
        titles = [cells.text_of_header(cell) for cell in row]
        if all(column in titles for column in NEEDED):
            return number, {column: titles.index(column) for column in COLUMNS if column in titles}
    return None


def _values(row: Sequence[Cell], places: Mapping[str, int]) -> dict[str, Cell]:
    return {column: row[place] if place < len(row) else "" for column, place in places.items()}


def _account(given: Mapping[str, Cell], known: Mapping[str, int], people: Mapping[str, int]) -> NewAccount:
    name, display_name = cells.code(given["账号"], 60), cells.text(given["姓名"], 60)
    unit, staff_no = cells.text(given["单位"]), cells.code(given.get("工号", ""))
    if not name or not display_name:
        raise Unreadable("账号和姓名都要填")
    if unit not in known:
        raise Unreadable(f"没有单位“{unit}”,请填单位的代码或名称")
    if staff_no and staff_no not in people:
        raise Unreadable(f"没有工号“{staff_no}”,请先导入人员")
    words = cells.parts(given["角色"])
    strange = [word for word in words if word not in _ROLE_BY_WORDS]
    if strange:
        raise Unreadable(f"没有角色“{strange[0]}”,可填{'、'.join(ROLES.values())}")
    roles = frozenset(_ROLE_BY_WORDS[word] for word in words)
    check_roles(roles)
    return NewAccount(name, display_name, known[unit], roles, people.get(staff_no))
