"""Reading units: the tree, its names on a day, and the subtree an account sees."""

from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session, aliased

from evalsys.kernel.access import Scope
from evalsys.organisation.models import Unit, UnitName


def subtree(session: Session | Connection, unit_id: int) -> frozenset[int]:
    """A unit and everything below it."""
    tree = select(Unit.id).where(Unit.id == unit_id).cte("tree", recursive=True)
    tree = tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    return frozenset(session.execute(select(tree.c.id)).scalars())


def unit_names(session: Session | Connection, on: date) -> dict[int, str]:
    """Every unit's name on a day; a day before the first name shows the first."""
    later = aliased(UnitName)
    in_force = (
        select(
            func.coalesce(
                func.max(later.from_day),
                select(func.min(UnitName.from_day)).where(UnitName.unit_id == Unit.id).scalar_subquery(),
            )
        )
        .where(later.unit_id == Unit.id, later.from_day <= on)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Unit.id, UnitName.name)
        .join(UnitName, UnitName.unit_id == Unit.id)
        .where(UnitName.from_day == in_force)
    )
    return {unit_id: name for unit_id, name in rows}


def unit_by_code(session: Session | Connection, code: str) -> int | None:
    """A unit's id by its code."""
    return session.execute(select(Unit.id).where(Unit.code == code)).scalar()


def parents(session: Session | Connection) -> dict[str, str]:
    """The code of the unit right above each unit that has one, by its code."""
    above = aliased(Unit)
    rows = session.execute(select(Unit.code, above.code).join(above, Unit.parent_id == above.id))
    return {code: parent for code, parent in rows}


def scope_below(session: Session | Connection, unit_id: int) -> Scope:
    """The scope of a unit's people: the unit and everything below it."""
    return Scope(units=subtree(session, unit_id))


def unit_codes(session: Session | Connection) -> dict[str, int]:
    """Every unit's id by its code."""
    rows = session.execute(select(Unit.code, Unit.id).order_by(Unit.code))
    return {code: unit_id for code, unit_id in rows}
