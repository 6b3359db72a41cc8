"""What taking a rating needs to know of a window: where it is, whose it is, who sat there, its items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from evalsys.kernel import clock
from evalsys.kernel.access import Scope
from evalsys.organisation.duty import Sitting
from evalsys.organisation.models import (
    Duty,
    Hall,
    Item,
    ItemWindow,
    UnitName,
    Window,
    WindowUnit,
    Zone,
)
from evalsys.organisation.rules import public_order


@dataclass(frozen=True)
class Place:
    """A window as a citizen meets it on one day."""

    window_id: int
    hall_id: int
    hall_code: str
    hall_name: str
    number: str
    kind: str
    zone_name: str
    unit_id: int
    unit_name: str
    is_open: bool

    @property
    def code(self) -> str:
        """The window's lasting code, `<hall>-<number>`."""
        return f"{self.hall_code}-{self.number}"


def _in_force(from_day: InstrumentedAttribute[date]) -> tuple[ColumnElement[Any], ...]:
    """Orders what holds from a day on: the latest begun by the day, and before the first day the first."""
    begun = from_day <= bindparam("day")
    return begun.desc(), case((begun, from_day)).desc(), from_day.asc()


# Built once: these run for every rating. The first row of each window is the one in force.
_PLACES = (
    select(
        Window.id,
        Hall.id,
        Hall.code,
        Hall.name,
        Window.number,
        Window.kind,
        Zone.name,
        WindowUnit.unit_id,
        UnitName.name,
        and_(
            or_(Window.from_day.is_(None), Window.from_day <= bindparam("day")),
            or_(Window.to_day.is_(None), Window.to_day >= bindparam("day")),
        ),
    )
    .join(Hall, Hall.id == Window.hall_id)
    .join(WindowUnit, WindowUnit.window_id == Window.id)
    .join(UnitName, UnitName.unit_id == WindowUnit.unit_id)
    .outerjoin(Zone, Zone.id == Window.zone_id)
    .order_by(Hall.code, Window.id, *_in_force(WindowUnit.from_day), *_in_force(UnitName.from_day))
)
_PLACE = _PLACES.where(Window.id == bindparam("window_id")).limit(1)
_PLACES_NOT_ENDED = _PLACES.where(or_(Window.to_day.is_(None), Window.to_day >= bindparam("day")))
_SITTINGS = (
    select(Duty.staff_id, Duty.starts_at, Duty.ends_at, Duty.kind, Duty.source)
    .where(
        Duty.window_id == bindparam("window_id"),
        Duty.withdrawn_at.is_(None),
        Duty.starts_at < bindparam("until"),
        Duty.ends_at > bindparam("since"),
    )
    .order_by(Duty.starts_at, Duty.id)
)

_SITTINGS_OF_SEVERAL = (
    select(Duty.window_id, Duty.staff_id, Duty.starts_at, Duty.ends_at, Duty.kind, Duty.source)
    .where(
        Duty.window_id.in_(bindparam("windows", expanding=True)),
        Duty.withdrawn_at.is_(None),
        Duty.starts_at < bindparam("until"),
        Duty.ends_at > bindparam("since"),
    )
    .order_by(Duty.window_id, Duty.starts_at, Duty.id)
)


def place_of_window(session: Session | Connection, window_id: int, day: date) -> Place | None:
    """The window as it stands on a day: its hall, zone, department and that department's name."""
    row = session.execute(_PLACE, {"window_id": window_id, "day": day}).first()
    return None if row is None else _place(row)


def places_in(session: Session | Connection, scope: Scope, day: date) -> list[Place]:
    """The windows of a scope that have not ended on a day, as they stand on it, by hall and public number."""
    first_rows: dict[int, Place] = {}
    for row in session.execute(_PLACES_NOT_ENDED, {"day": day}):
        first_rows.setdefault(row[0], _place(row))
    return sorted(
        (place for place in first_rows.values() if scope.covers(place.unit_id)),
        key=lambda place: (place.hall_code, public_order(place.number)),
    )


def _place(row: Row[*tuple[Any, ...]]) -> Place:
    window, hall, code, hall_name, number, kind, zone, unit, unit_name, is_open = row
    return Place(window, hall, code, hall_name, number, kind, zone or "", unit, unit_name, bool(is_open))


def hall_code(session: Session | Connection, hall_id: int) -> str:
    """The code of a hall, as it stands in addresses."""
    return session.execute(select(Hall.code).where(Hall.id == hall_id)).scalar_one()


def sittings(
    session: Session | Connection, window_id: int, since: datetime, until: datetime
) -> list[Sitting]:
    """Every duty at a window that touches the stretch from `since` to `until`, withdrawn ones left out."""
    rows = session.execute(_SITTINGS, {"window_id": window_id, "since": since, "until": until})
    return [Sitting(*row) for row in rows]


def sittings_at(
    session: Session | Connection, visited: Sequence[tuple[int, datetime]]
) -> dict[int, list[Sitting]]:
    """The duties of each window that is visited at an instant; some of other instants may be among them."""
    found: dict[int, list[Sitting]] = {}
    if visited:
        instants = [at for _window, at in visited]
        reach = {"since": min(instants), "until": max(instants) + clock.INSTANT}
        windows = sorted({window for window, _at in visited})
        for window, staff, starts, ends, kind, source in session.execute(
            _SITTINGS_OF_SEVERAL, reach | {"windows": windows}
        ):
            found.setdefault(window, []).append(Sitting(staff, starts, ends, kind, source))
    return found


@dataclass(frozen=True)
class Matter:
    """An item a window handles, as offered to a citizen."""

    item_id: int
    name: str
    item_type: str


def matters_of_window(session: Session | Connection, window_id: int, day: date) -> list[Matter]:
    """The items a window handles on a day, the frequent ones first, then by name."""
    rows = session.execute(
        select(Item.id, Item.name, Item.item_type)
        .join(ItemWindow, ItemWindow.item_id == Item.id)
        .where(
            ItemWindow.window_id == window_id,
            or_(Item.from_day.is_(None), Item.from_day <= day),
            or_(Item.to_day.is_(None), Item.to_day >= day),
        )
        .order_by(Item.high_frequency.desc(), Item.name, Item.id)
    )
    return [Matter(*row) for row in rows]


def item_by_code(session: Session | Connection, task_code: str) -> Matter | None:
    """An item by its task code."""
    row = session.execute(
        select(Item.id, Item.name, Item.item_type).where(Item.task_code == task_code)
    ).first()
    return None if row is None else Matter(*row)
