"""Which unit a window or a person belongs to, over time: a move ends one stretch and begins the next."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from evalsys.organisation import rules
from evalsys.organisation.models import StaffUnit, WindowUnit

_WINDOWS = cast(Table, WindowUnit.__table__)
_STAFF = cast(Table, StaffUnit.__table__)


def move_windows(session: Session, units: Mapping[int, int], day: date) -> None:
    """Let windows (by id) belong to other units from a day on; what was before stays as it was."""
    _move(session, _WINDOWS, "window_id", units, day)


def move_staff(session: Session, units: Mapping[int, int], day: date) -> None:
    """Let people (by id) belong to other units from a day on; what was before stays as it was."""
    _move(session, _STAFF, "staff_id", units, day)


def _move(session: Session, table: Table, owner: str, units: Mapping[int, int], day: date) -> None:
    stretches = _stretches(session, table, owner, units)
    begun, ended, renewed = [], [], []
    for owner_id, unit_id in units.items():
        past = [stretch for stretch in stretches[owner_id] if stretch[0] <= day]
        coming = [stretch for stretch in stretches[owner_id] if stretch[0] > day]
        present = past[-1] if past else None
        if present is None and coming:
            # Not begun yet: it begins elsewhere, on the day it would have begun.
            renewed.append({"owner": owner_id, "begins": coming[0][0], "unit_id": unit_id})
        elif present is not None and present[0] == day:
            renewed.append({"owner": owner_id, "begins": day, "unit_id": unit_id})
        else:
            if present is not None and (present[1] is None or present[1] >= day):
                ended.append({"owner": owner_id, "begins": present[0], "to_day": day - timedelta(days=1)})
            until = coming[0][0] - timedelta(days=1) if coming else None
            begun.append({owner: owner_id, "from_day": day, "unit_id": unit_id, "to_day": until})
    one = update(table).where(table.c[owner] == bindparam("owner"), table.c.from_day == bindparam("begins"))
    _write_each(session, one.values(to_day=bindparam("to_day")), ended)
    _write_each(session, one.values(unit_id=bindparam("unit_id")), renewed)
    _write_each(session, insert(table), begun)


def _stretches(
    session: Session, table: Table, owner: str, owners: Mapping[int, int]
) -> dict[int, list[tuple[date, date | None]]]:
    rows = session.execute(
        select(table.c[owner], table.c.from_day, table.c.to_day)
        .where(table.c[owner].in_(owners))
        .order_by(table.c[owner], table.c.from_day)
    )
    found: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for owner_id, from_day, to_day in rows:
        found[owner_id].append((from_day, to_day))
    return found


def first_stretch(owner: str, owner_id: int, unit_id: int, begins: date | None) -> dict[str, Any]:
    """The first row of a history: from the day something is in use, or from the beginning."""
    return {owner: owner_id, "unit_id": unit_id, "from_day": begins or rules.BEGINNING, "to_day": None}


def _write_each(session: Session, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(statement, rows)
