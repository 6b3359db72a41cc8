"""One window or one unit over time: what it was called, to whom it belonged."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.organisation.models import Hall, ItemWindow, Unit, UnitName, Window, WindowUnit, Zone
from evalsys.organisation.queries.directory import units_on
from evalsys.organisation.rules import BEGINNING, is_between, stop_after, window_code


@dataclass(frozen=True)
class Belonging:
    """To which unit a window belonged, from a day to a day."""

    unit: str
    from_day: date
    to_day: date | None

    @property
    def begins(self) -> date | None:
        """The first day, unless it was so from the beginning."""
        return _unless_beginning(self.from_day)


@dataclass(frozen=True)
class WindowHistory:
    """A window with everything that may be changed about it day by day."""

    id: int
    hall_code: str
    hall: str
    number: str
    zone: str
    kind: str
    unit_id: int
    unit: str
    from_day: date | None
    to_day: date | None
    is_open: bool
    items: int
    belongings: tuple[Belonging, ...]

    @property
    def code(self) -> str:
        """The window's code."""
        return window_code(self.hall_code, self.number)

    @property
    def stops_on(self) -> date | None:
        """The day from which it is not used, if there is one."""
        return stop_after(self.to_day)


def window_history(session: Session | Connection, code: str, on: date) -> WindowHistory | None:
    """A window by its code, as it stands on a day, with the units it belonged to."""
    hall_code, _, number = code.partition("-")
    items = select(func.count()).where(ItemWindow.window_id == Window.id).scalar_subquery()
    row = session.execute(
        select(Window.id, Hall.name, Zone.name, Window.kind, Window.from_day, Window.to_day, items)
        .join(Hall, Hall.id == Window.hall_id)
        .outerjoin(Zone, Zone.id == Window.zone_id)
        .where(Hall.code == hall_code, Window.number == number)
    ).first()
    if row is None:
        return None
    window_id, hall, zone, kind, first, last, handled = row
    names = units_on(session, on)
    stretches = session.execute(
        select(WindowUnit.unit_id, WindowUnit.from_day, WindowUnit.to_day)
        .where(WindowUnit.window_id == window_id)
        .order_by(WindowUnit.from_day)
    ).all()
    present = next((each for each in reversed(stretches) if each[1] <= on), stretches[0])
    return WindowHistory(
        window_id,
        hall_code,
        hall,
        number,
        zone or "",
        kind,
        present[0],
        names[present[0]].name,
        first,
        last,
        is_between(on, first, last),
        handled,
        tuple(Belonging(names[unit].name, since, until) for unit, since, until in reversed(stretches)),
    )


@dataclass(frozen=True)
class UnitHistory:
    """A unit with the names it bore, newest first; a name of old has no first day."""

    id: int
    code: str
    kind: str
    name: str
    short_name: str
    names: tuple[tuple[date | None, str, str], ...]


def unit_history(session: Session | Connection, code: str, on: date) -> UnitHistory | None:
    """A unit by its code, under its name of a day, with every name it bore or will bear."""
    row = session.execute(select(Unit.id, Unit.kind).where(Unit.code == code)).first()
    if row is None:
        return None
    unit_id, kind = row
    names = session.execute(
        select(UnitName.from_day, UnitName.name, UnitName.short_name)
        .where(UnitName.unit_id == unit_id)
        .order_by(UnitName.from_day.desc())
    ).all()
    present = next((name for name in names if name[0] <= on), names[-1])
    return UnitHistory(
        unit_id,
        code,
        kind,
        present[1],
        present[2],
        tuple((_unless_beginning(day), name, short) for day, name, short in names),
    )


def _unless_beginning(day: date) -> date | None:
    return None if day == BEGINNING else day
