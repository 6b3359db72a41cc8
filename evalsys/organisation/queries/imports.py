"""What stands before an import, by natural keys, in a fixed number of statements; and the plan against it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session, aliased

from evalsys.kernel import clock
from evalsys.kernel.sheets.cells import END_OF_DAY
from evalsys.kernel.sheets.files import Workbook
from evalsys.organisation import rules
from evalsys.organisation.models import (
    Duty,
    Hall,
    Item,
    ItemAlias,
    ItemMaterial,
    ItemWindow,
    Staff,
    StaffUnit,
    Unit,
    UnitName,
    Window,
    WindowUnit,
    Zone,
)
from evalsys.organisation.plan.drawing import days_named, draw
from evalsys.organisation.plan.places import naming_on
from evalsys.organisation.plan.rows import (
    DutyRow,
    HallRow,
    ItemRow,
    Known,
    Naming,
    Plan,
    StaffRow,
    UnitRow,
    WindowRow,
)
from evalsys.organisation.workbook import tables
from evalsys.organisation.workbook.tables import Reading


@dataclass(frozen=True)
class Draft:
    """A workbook, what was read in it, and what importing it would do."""

    book: Workbook
    reading: Reading
    plan: Plan


def import_draft(session: Session | Connection, book: Workbook, today: date) -> Draft:
    """What importing a workbook would do, against what stands now; nothing is changed."""
    reading = tables.read(book)
    return Draft(book, reading, draw(reading, known(session, today, days_named(reading)), today))


def known(session: Session | Connection, on: date, rota_of: tuple[date, date] | None = None) -> Known:
    """What stands on a day; the rota only of the days from and to which `rota_of` reaches."""
    unit_codes = dict(session.execute(select(Unit.id, Unit.code)).all())
    namings = _namings(session, unit_codes)
    windows = _windows(session, on, unit_codes)
    return Known(
        _units(session, on, namings),
        namings,
        {
            code: HallRow(code, name, address)
            for code, name, address in session.execute(select(Hall.code, Hall.name, Hall.address))
        },
        {window.code: window for window in windows.values()},
        _staff(session, on, unit_codes),
        _items(session, unit_codes, windows),
        _rota(session, rota_of) if rota_of else {},
    )


def _namings(session: Session | Connection, unit_codes: Mapping[int, str]) -> dict[str, tuple[Naming, ...]]:
    found: dict[str, list[Naming]] = defaultdict(list)
    rows = session.execute(
        select(UnitName.unit_id, UnitName.from_day, UnitName.name, UnitName.short_name).order_by(
            UnitName.unit_id, UnitName.from_day
        )
    )
    for unit_id, from_day, name, short_name in rows:
        found[unit_codes[unit_id]].append(Naming(from_day, name, short_name))
    return {code: tuple(each) for code, each in found.items()}


def _units(
    session: Session | Connection, on: date, namings: Mapping[str, tuple[Naming, ...]]
) -> dict[str, UnitRow]:
    above = aliased(Unit)
    rows = session.execute(
        select(Unit.code, Unit.kind, above.code, Unit.credit_code, Unit.compare_group).outerjoin(
            above, above.id == Unit.parent_id
        )
    )
    found = {}
    for code, kind, parent, credit_code, group in rows:
        naming = naming_on(namings.get(code, ()), on) or Naming(rules.BEGINNING, "", "")
        found[code] = UnitRow(code, naming.name, naming.short_name, kind, parent or "", credit_code, group)
    return found


def _unit_by_owner(
    rows: Iterable[tuple[int, date, int]], on: date, unit_codes: Mapping[int, str]
) -> dict[int, str]:
    """The unit each window or person belongs to on a day, from rows in order of their first day."""
    found: dict[int, str] = {}
    for owner, from_day, unit_id in rows:
        if owner not in found or from_day <= on:
            found[owner] = unit_codes[unit_id]
    return found


def _windows(session: Session | Connection, on: date, unit_codes: Mapping[int, str]) -> dict[int, WindowRow]:
    belongs = select(WindowUnit.window_id, WindowUnit.from_day, WindowUnit.unit_id).order_by(
        WindowUnit.window_id, WindowUnit.from_day
    )
    units = _unit_by_owner(session.execute(belongs), on, unit_codes)
    rows = session.execute(
        select(Window.id, Hall.code, Window.number, Zone.name, Window.kind, Window.from_day, Window.to_day)
        .join(Hall, Hall.id == Window.hall_id)
        .outerjoin(Zone, Zone.id == Window.zone_id)
    )
    return {
        window_id: WindowRow(hall, number, zone or "", units.get(window_id, ""), kind, first, last)
        for window_id, hall, number, zone, kind, first, last in rows
    }


def _staff(session: Session | Connection, on: date, unit_codes: Mapping[int, str]) -> dict[str, StaffRow]:
    belongs = select(StaffUnit.staff_id, StaffUnit.from_day, StaffUnit.unit_id).order_by(
        StaffUnit.staff_id, StaffUnit.from_day
    )
    units = _unit_by_owner(session.execute(belongs), on, unit_codes)
    rows = session.execute(
        select(Staff.id, Staff.staff_no, Staff.name, Staff.party_post, Staff.from_day, Staff.to_day)
    )
    return {
        number: StaffRow(number, name, units.get(staff_id, ""), party_post, first, last)
        for staff_id, number, name, party_post, first, last in rows
    }


def _items(
    session: Session | Connection, unit_codes: Mapping[int, str], windows: Mapping[int, WindowRow]
) -> dict[str, ItemRow]:
    aliases, materials, places = defaultdict(set), defaultdict(list), defaultdict(set)
    for item_id, alias in session.execute(select(ItemAlias.item_id, ItemAlias.alias)):
        aliases[item_id].add(alias)
    for item_id, material in session.execute(
        select(ItemMaterial.item_id, ItemMaterial.material).order_by(ItemMaterial.item_id, ItemMaterial.place)
    ):
        materials[item_id].append(material)
    for item_id, window_id in session.execute(select(ItemWindow.item_id, ItemWindow.window_id)):
        places[item_id].add(windows[window_id].code)
    rows = session.execute(
        select(
            Item.id,
            Item.task_code,
            Item.name,
            Item.unit_id,
            Item.item_type,
            Item.time_limit,
            Item.high_frequency,
            Item.from_day,
            Item.to_day,
        )
    )
    return {
        code: ItemRow(
            code,
            name,
            unit_codes[unit_id],
            item_type,
            time_limit,
            high_frequency,
            frozenset(aliases[item_id]),
            frozenset(places[item_id]),
            tuple(materials[item_id]),
            first,
            last,
        )
        for item_id, code, name, unit_id, item_type, time_limit, high_frequency, first, last in rows
    }


def _rota(
    session: Session | Connection, days: tuple[date, date]
) -> dict[tuple[date, str], tuple[tuple[int, DutyRow], ...]]:
    rows = session.execute(
        select(Duty.id, Hall.code, Window.number, Staff.staff_no, Duty.starts_at, Duty.ends_at, Duty.kind)
        .join(Window, Window.id == Duty.window_id)
        .join(Hall, Hall.id == Window.hall_id)
        .join(Staff, Staff.id == Duty.staff_id)
        .where(
            Duty.source == "rota",
            Duty.withdrawn_at.is_(None),
            Duty.starts_at >= clock.at(days[0], time()),
            Duty.starts_at < clock.end_of(days[1]),
        )
        .order_by(Duty.id)
    )
    found: dict[tuple[date, str], list[tuple[int, DutyRow]]] = defaultdict(list)
    for duty_id, hall, number, staff_no, starts_at, ends_at, kind in rows:
        day, starts, ends = _on_the_clock(starts_at, ends_at)
        row = DutyRow(day, rules.window_code(hall, number), staff_no, starts, ends, kind)
        found[row.place].append((duty_id, row))
    return {place: tuple(duties) for place, duties in found.items()}


def _on_the_clock(starts_at: datetime, ends_at: datetime) -> tuple[date, time, time]:
    starts, ends = clock.local(starts_at), clock.local(ends_at)
    # 24:00 is the first instant of the next day in the table and the end of this one in a file.
    return starts.date(), starts.time(), ends.time() if ends.date() == starts.date() else END_OF_DAY
