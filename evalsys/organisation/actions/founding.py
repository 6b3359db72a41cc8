"""The first unit of a site, to which its first administrator belongs."""

from datetime import date

from sqlalchemy.orm import Session

from evalsys.organisation.models import Unit, UnitName
from evalsys.organisation.rules import UnitKind


def found_unit(session: Session, code: str, name: str, day: date) -> int:
    """Make a unit without windows and return its id; an import may rename it later."""
    unit = Unit(code=code, kind=UnitKind.SUPERVISION, compare_group="", from_day=day)
    session.add(unit)
    session.flush()
    session.add(UnitName(unit_id=unit.id, from_day=day, name=name, short_name=name[:60]))
    session.flush()
    return unit.id
