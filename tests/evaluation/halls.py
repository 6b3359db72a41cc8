"""A small hall for tests of codes: five windows of two departments."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.organisation.models import Hall, Unit, UnitName, Window, WindowUnit

APPROVAL = "行政审批服务局"
TAX = "税务局"
BEGINNING = date(2020, 1, 1)


def build_hall(session: Session) -> dict[str, int]:
    """Hall C with the windows 1, 2, 9 (行政审批服务局), 10 and A1 (税务局); the units' ids by name."""
    session.add(Hall(code="C", name="C县政务服务中心"))
    units = {name: _add_unit(session, code, name) for code, name in (("XZSP", APPROVAL), ("SWJ", TAX))}
    for number in ("A1", "10", "9", "2", "1"):
        add_window(session, number, units[TAX if number in ("10", "A1") else APPROVAL])
    return units


def add_window(session: Session, number: str, unit_id: int, to_day: date | None = None) -> int:
    """A window of Hall C."""
    hall_id = session.execute(select(Hall.id)).scalar_one()
    window = Window(hall_id=hall_id, number=number, kind="专窗", to_day=to_day)
    session.add(window)
    session.flush()
    session.add(WindowUnit(window_id=window.id, unit_id=unit_id, from_day=BEGINNING))
    session.flush()
    return window.id


def _add_unit(session: Session, code: str, name: str) -> int:
    unit = Unit(code=code, kind="窗口单位")
    session.add(unit)
    session.flush()
    session.add(UnitName(unit_id=unit.id, from_day=BEGINNING, name=name, short_name=name))
    return unit.id
