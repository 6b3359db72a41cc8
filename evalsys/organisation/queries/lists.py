"""What stands in the organisation, as the data steward looks through it: 50 lines a page."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.organisation.models import Hall, Import, Item, ItemAlias, Staff, Unit, Window, Zone
from evalsys.organisation.queries.directory import staff_on, units_on, windows_on
from evalsys.organisation.rules import TASK_TYPES, is_between, public_order, stop_after, window_code

PAGE = 50


@dataclass(frozen=True)
class Counts:
    """How many of each there are."""

    units: int
    halls: int
    windows: int
    staff: int
    items: int


def counts(session: Session | Connection) -> Counts:
    """How many units, halls, windows, staff and items there are, ended ones among them."""
    each = (Unit, Hall, Window, Staff, Item)
    counted = [select(func.count()).select_from(model).scalar_subquery() for model in each]
    return Counts(*session.execute(select(*counted)).one())


@dataclass(frozen=True)
class UnitLine:
    """A unit in the tree: how deep it lies, and what belongs to it."""

    code: str
    name: str
    kind: str
    group: str
    depth: int
    windows: int
    staff: int


def units_tree(session: Session | Connection, on: date) -> list[UnitLine]:
    """Every unit below the one above it, by code, with how many windows and people belong to it on a day."""
    names = units_on(session, on)
    windows = Counter(window.unit_id for window in windows_on(session, on).values())
    staff = Counter(person.unit_id for person in staff_on(session, on).values())
    below: dict[int | None, list[tuple[str, int, str]]] = defaultdict(list)
    for unit_id, code, kind, parent in session.execute(select(Unit.id, Unit.code, Unit.kind, Unit.parent_id)):
        below[parent].append((code, unit_id, kind))
    found: list[UnitLine] = []
    waiting = [(0, each) for each in sorted(below[None], reverse=True)]
    while waiting:
        depth, (code, unit_id, kind) = waiting.pop()
        name, group = names[unit_id].name, names[unit_id].group
        found.append(UnitLine(code, name, kind, group, depth, windows[unit_id], staff[unit_id]))
        waiting += [(depth + 1, each) for each in sorted(below[unit_id], reverse=True)]
    return found


def hall_lines(session: Session | Connection) -> list[tuple[str, str, str, int]]:
    """Code, name, address and number of windows of every hall, by code."""
    rows = session.execute(
        select(Hall.code, Hall.name, Hall.address, func.count(Window.id))
        .outerjoin(Window, Window.hall_id == Hall.id)
        .group_by(Hall.id, Hall.code, Hall.name, Hall.address)
        .order_by(Hall.code)
    )
    return [(code, name, address, windows) for code, name, address, windows in rows]


@dataclass(frozen=True)
class WindowLine:
    """A window in the list; `stops_on` is the day from which it is not used, if there is one."""

    code: str
    number: str
    hall: str
    zone: str
    unit: str
    kind: str
    is_open: bool
    starts_on: date | None
    stops_on: date | None


def window_lines(
    session: Session | Connection, on: date, wanted: str, page: int
) -> tuple[list[WindowLine], int]:
    """One page of the windows whose code, zone, department or kind holds the words; and how many do."""
    names, held = units_on(session, on), windows_on(session, on)
    rows = session.execute(
        select(
            Window.id,
            Hall.code,
            Hall.name,
            Window.number,
            Zone.name,
            Window.kind,
            Window.from_day,
            Window.to_day,
        )
        .join(Hall, Hall.id == Window.hall_id)
        .outerjoin(Zone, Zone.id == Window.zone_id)
        .order_by(Hall.code, Window.id)
    )
    found = []
    for window_id, hall_code, hall, number, zone, kind, first, last in rows:
        unit = names[held[window_id].unit_id].name if held[window_id].unit_id in names else ""
        code, is_open = window_code(hall_code, number), is_between(on, first, last)
        line = WindowLine(code, number, hall, zone or "", unit, kind, is_open, first, stop_after(last))
        if any(wanted.casefold() in words.casefold() for words in (code, line.zone, unit, kind)):
            found.append(line)
    found.sort(key=lambda line: (line.hall, public_order(line.number)))
    return found[(page - 1) * PAGE : page * PAGE], len(found)


@dataclass(frozen=True)
class StaffLine:
    """A member of staff in the list."""

    staff_no: str
    name: str
    unit: str
    party_post: bool
    is_in_office: bool
    starts_on: date | None
    stops_on: date | None


def staff_lines(
    session: Session | Connection, on: date, wanted: str, page: int
) -> tuple[list[StaffLine], int]:
    """One page of the staff whose number or name holds the words, and how many do."""
    names, held = units_on(session, on), staff_on(session, on)
    people = select(Staff.id, Staff.staff_no, Staff.name, Staff.party_post, Staff.from_day, Staff.to_day)
    people = people.where(
        or_(*(column.contains(wanted, autoescape=True) for column in (Staff.staff_no, Staff.name)))
    )
    rows, total = _page(session, people.order_by(Staff.staff_no), page)
    lines = []
    for staff_id, number, name, party_post, first, last in rows:
        unit = names[held[staff_id].unit_id].name if held[staff_id].unit_id in names else ""
        lines.append(
            StaffLine(number, name, unit, party_post, is_between(on, first, last), first, stop_after(last))
        )
    return lines, total


@dataclass(frozen=True)
class ItemLine:
    """A service item in the list."""

    code: str
    name: str
    unit: str
    item_type: str
    time_limit: str
    high_frequency: bool
    is_offered: bool
    starts_on: date | None
    stops_on: date | None


def item_lines(session: Session | Connection, on: date, wanted: str, page: int) -> tuple[list[ItemLine], int]:
    """One page of the items whose code, name or other name holds the words, and how many do."""
    names = units_on(session, on)
    called = select(ItemAlias.item_id).where(ItemAlias.alias.contains(wanted, autoescape=True))
    items = select(
        Item.task_code,
        Item.name,
        Item.unit_id,
        Item.item_type,
        Item.time_limit,
        Item.high_frequency,
        Item.from_day,
        Item.to_day,
    ).where(
        or_(
            Item.task_code.contains(wanted, autoescape=True),
            Item.name.contains(wanted, autoescape=True),
            Item.id.in_(called),
        )
    )
    rows, total = _page(session, items.order_by(Item.task_code), page)
    return [
        ItemLine(
            code,
            name,
            names[unit_id].name,
            TASK_TYPES.get(kind, kind),
            limit,
            frequent,
            is_between(on, first, last),
            first,
            stop_after(last),
        )
        for code, name, unit_id, kind, limit, frequent, first, last in rows
    ], total


def _page(
    session: Session | Connection, statement: Select[*tuple[Any, ...]], page: int
) -> tuple[list[Any], int]:
    total = session.execute(
        select(func.count()).select_from(statement.order_by(None).subquery())
    ).scalar_one()
    return list(session.execute(statement.limit(PAGE).offset((page - 1) * PAGE))), total


@dataclass(frozen=True)
class ImportLine:
    """An import that was applied."""

    at: datetime
    file_name: str
    rows: int
    created: int
    changed: int

    @property
    def at_local(self) -> str:
        """When it was, on the hall's clock."""
        return f"{clock.local(self.at):%Y-%m-%d %H:%M}"


def last_imports(session: Session | Connection, most: int = 10) -> list[ImportLine]:
    """The last imports, newest first."""
    rows = session.execute(
        select(Import.at, Import.file_name, Import.rows, Import.created, Import.changed)
        .order_by(Import.id.desc())
        .limit(most)
    )
    return [ImportLine(*row) for row in rows]
