"""Who is, was and will be on duty: shifts with the names of the people and windows in them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.access import Scope
from evalsys.organisation.models import Duty, Hall, Staff, StaffUnit, Window
from evalsys.organisation.rules import is_between, window_code


@dataclass(frozen=True)
class Shift:
    """One duty as people read it."""

    duty_id: int
    window_id: int
    hall: str
    number: str
    staff_id: int
    staff_no: str
    name: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    source: str

    @property
    def window(self) -> str:
        """The window's code."""
        return window_code(self.hall, self.number)

    @property
    def day(self) -> date:
        """The day the shift is on."""
        return clock.day_of(self.starts_at)

    @property
    def hours(self) -> str:
        """From when to when on the hall's clock; a shift to the end of the day ends at 24:00."""
        ends = clock.local(self.ends_at)
        last = "24:00" if ends.date() > self.day else f"{ends:%H:%M}"
        return f"{clock.local(self.starts_at):%H:%M}–{last}"


_SHIFTS = (
    select(
        Duty.id,
        Duty.window_id,
        Hall.code,
        Window.number,
        Duty.staff_id,
        Staff.staff_no,
        Staff.name,
        Duty.starts_at,
        Duty.ends_at,
        Duty.kind,
        Duty.source,
    )
    .join(Window, Window.id == Duty.window_id)
    .join(Hall, Hall.id == Window.hall_id)
    .join(Staff, Staff.id == Duty.staff_id)
    .where(Duty.withdrawn_at.is_(None))
    .order_by(Duty.starts_at, Duty.id)
)


def duties_of(session: Session | Connection, window_ids: Collection[int], day: date) -> list[Shift]:
    """The shifts at windows that begin on a day, by their beginning."""
    return duties_between(session, window_ids, day, day)


def duties_between(
    session: Session | Connection, window_ids: Collection[int], first: date, last: date
) -> list[Shift]:
    """The shifts at windows that begin on the days from `first` to `last`, by their beginning."""
    rows = session.execute(
        _SHIFTS.where(
            Duty.window_id.in_(window_ids),
            Duty.starts_at >= clock.at(first, time()),
            Duty.starts_at < clock.end_of(last),
        )
    )
    return [Shift(*row) for row in rows]


def staff_on_duty(session: Session | Connection, window_id: int, at: datetime) -> list[Shift]:
    """The shifts running at a window at an instant; who of them counts is said by `duty.whose_work`."""
    rows = session.execute(
        _SHIFTS.where(Duty.window_id == window_id, Duty.starts_at <= at, Duty.ends_at > at)
    )
    return [Shift(*row) for row in rows]


def shift_by_id(session: Session | Connection, duty_id: int) -> Shift | None:
    """One shift, unless it was withdrawn."""
    row = session.execute(_SHIFTS.where(Duty.id == duty_id)).first()
    return None if row is None else Shift(*row)


@dataclass(frozen=True)
class Person:
    """Somebody who may be put on duty."""

    staff_id: int
    staff_no: str
    name: str
    unit_id: int


def people_in(session: Session | Connection, scope: Scope, day: date) -> list[Person]:
    """The staff of a scope's units who are in office on a day, by number."""
    rows = session.execute(
        select(Staff.id, Staff.staff_no, Staff.name, StaffUnit.unit_id, Staff.from_day, Staff.to_day)
        .join(StaffUnit, StaffUnit.staff_id == Staff.id)
        .where(StaffUnit.from_day <= day)
        .order_by(StaffUnit.from_day)
    )
    found: dict[int, Person] = {}
    for staff_id, number, name, unit_id, first, last in rows:
        if is_between(day, first, last):
            # The latest unit that began by the day stands.
            found[staff_id] = Person(staff_id, number, name, unit_id)
    people = [person for person in found.values() if scope.covers(person.unit_id)]
    return sorted(people, key=lambda person: person.staff_no)
