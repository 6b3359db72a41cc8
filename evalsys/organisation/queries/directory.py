"""What every unit, window and member of staff was called, and whose it was, on a day: for reports."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, select, union
from sqlalchemy.orm import Session

from evalsys.kernel.access import Scope, within
from evalsys.kernel.periods import DAY
from evalsys.organisation.models import Hall, Item, Staff, StaffUnit, Unit, UnitName, Window, WindowUnit
from evalsys.organisation.rules import WindowKind, is_between, window_code


@dataclass(frozen=True)
class UnitThen:
    """A unit as it was called on a day."""

    id: int
    code: str
    name: str
    short_name: str
    group: str


@dataclass(frozen=True)
class WindowThen:
    """A window and the unit it belonged to on a day (0: none known)."""

    id: int
    code: str
    number: str
    hall: str
    hall_id: int
    kind: str
    unit_id: int
    in_use: bool

    @property
    def leader_duty(self) -> bool:
        """Whether leaders sit there in turn."""
        return self.kind == WindowKind.LEADER


@dataclass(frozen=True)
class StaffThen:
    """A member of staff and the unit they belonged to on a day (0: none known)."""

    id: int
    staff_no: str
    name: str
    unit_id: int


def units_on(session: Session | Connection, day: date) -> dict[int, UnitThen]:
    """Every unit by id, with its name on a day; a day before the first name shows the first."""
    names = session.execute(
        select(UnitName.unit_id, UnitName.from_day, UnitName.name, UnitName.short_name).order_by(
            UnitName.from_day
        )
    )
    called = _in_force(((unit, since, (name, short)) for unit, since, name, short in names), day)
    rows = session.execute(select(Unit.id, Unit.code, Unit.compare_group).order_by(Unit.code))
    return {
        unit_id: UnitThen(unit_id, code, *called.get(unit_id, (code, code)), group)
        for unit_id, code, group in rows
    }


T = TypeVar("T")


def _in_force(stretches: Iterable[tuple[int, date, T]], day: date) -> dict[int, T]:
    """Of (thing, from day, what) in order of days: what is in force on a day, or else what came first."""
    found: dict[int, T] = {}
    for thing, from_day, what in stretches:
        if thing not in found or from_day <= day:
            found[thing] = what
    return found


def windows_on(session: Session | Connection, day: date) -> dict[int, WindowThen]:
    """Every window by id, with its unit on a day."""
    stretches = session.execute(
        select(WindowUnit.window_id, WindowUnit.from_day, WindowUnit.unit_id).order_by(WindowUnit.from_day)
    )
    held = _in_force(((thing, since, unit) for thing, since, unit in stretches), day)
    rows = session.execute(
        select(Window.id, Hall.code, Hall.id, Window.number, Window.kind, Window.from_day, Window.to_day)
        .join(Hall, Hall.id == Window.hall_id)
        .order_by(Hall.code, Window.number)
    )
    return {
        window: WindowThen(
            window,
            window_code(hall, number),
            number,
            hall,
            hall_id,
            kind,
            held.get(window, 0),
            is_between(day, from_day, to_day),
        )
        for window, hall, hall_id, number, kind, from_day, to_day in rows
    }


def days_of_change(session: Session | Connection) -> list[date]:
    """The days from which anything above reads differently than the day before, in order.

    From one of them to the next every unit, window and member of staff is called the same, and whose it was.
    """
    began = (UnitName.from_day, WindowUnit.from_day, StaffUnit.from_day, Window.from_day)
    first = session.execute(union(*(select(column) for column in began))).scalars()
    last = session.execute(select(Window.to_day).distinct()).scalars()
    return sorted({day for day in first if day} | {day + DAY for day in last if day})


def halls_of_windows() -> Select[int, int]:
    """One row for each window: window_id, hall_id."""
    return select(Window.id.label("window_id"), Window.hall_id.label("hall_id"))


def staff_on(session: Session | Connection, day: date) -> dict[int, StaffThen]:
    """Every member of staff by id, with their unit on a day."""
    stretches = session.execute(
        select(StaffUnit.staff_id, StaffUnit.from_day, StaffUnit.unit_id).order_by(StaffUnit.from_day)
    )
    held = _in_force(((thing, since, unit) for thing, since, unit in stretches), day)
    rows = session.execute(select(Staff.id, Staff.staff_no, Staff.name).order_by(Staff.staff_no))
    return {staff: StaffThen(staff, number, name, held.get(staff, 0)) for staff, number, name in rows}


def staff_gone(session: Session | Connection, day: date) -> frozenset[int]:
    """The staff (by id) whose last day in office lies before a day."""
    return frozenset(session.execute(select(Staff.id).where(Staff.to_day < day)).scalars())


def halls(session: Session | Connection) -> list[tuple[str, str]]:
    """Code and name of every hall, by code."""
    return [(code, name) for code, name in session.execute(select(Hall.code, Hall.name).order_by(Hall.code))]


def items_named(session: Session | Connection, item_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Code and name of some items, by id."""
    rows = session.execute(select(Item.id, Item.task_code, Item.name).where(Item.id.in_(item_ids)))
    return {item: (code, name) for item, code, name in rows}


def item_by_code(session: Session | Connection, code: str) -> int | None:
    """The id of the item with a task code."""
    return session.execute(select(Item.id).where(Item.task_code == code)).scalar()


@dataclass(frozen=True)
class ItemThen:
    """An item: its task code, its name, and whose it is."""

    id: int
    code: str
    name: str
    unit_id: int


def items_then(session: Session | Connection, item_ids: Collection[int]) -> dict[int, ItemThen]:
    """Some items by id, with the department each belongs to."""
    rows = session.execute(
        select(Item.id, Item.task_code, Item.name, Item.unit_id).where(Item.id.in_(item_ids))
    )
    return {row.id: ItemThen(*row) for row in rows}


def items_of(session: Session | Connection, scope: Scope) -> list[ItemThen]:
    """The items of a scope, by name and code."""
    statement: Any = select(Item.id, Item.task_code, Item.name, Item.unit_id)
    rows = session.execute(within(statement, Item.unit_id, scope).order_by(Item.name, Item.task_code))
    return [ItemThen(*row) for row in rows]
