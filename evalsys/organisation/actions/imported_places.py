"""Writing the units, halls and windows an import brings."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.organisation import rules
from evalsys.organisation.actions import belonging
from evalsys.organisation.actions.bulk import Values, ids_by, insert_rows, update_rows
from evalsys.organisation.models import Hall, Unit, UnitName, Window, WindowUnit, Zone
from evalsys.organisation.plan.rows import Changes, HallRow, UnitRow, WindowRow

_ZONES = select(Zone.hall_id, Zone.name, Zone.id)


def write_units(session: Session, changes: Changes[UnitRow], today: date) -> None:
    """Create and change units; a new name holds from its day on and the old one stays before it."""
    created = [{**_unit_values(unit), "from_day": unit.name_from} for unit in changes.created]
    insert_rows(session, Unit, created)
    ids = ids_by(session, Unit.code, Unit.id)
    first = [_naming(ids[unit.code], unit, unit.name_from or rules.BEGINNING) for unit in changes.created]
    insert_rows(session, UnitName, first)
    renamed = [
        _naming(ids[after.code], after, after.name_from or today)
        for before, after in changes.changed
        if (before.name, before.short_name) != (after.name, after.short_name)
    ]
    write_names(session, renamed)
    # The unit above may be as new as the unit: it is known only now.
    touched = [unit for unit in changes.created if unit.parent] + [after for _, after in changes.changed]
    placed = [
        {**_unit_values(unit), "id": ids[unit.code], "parent_id": ids.get(unit.parent)} for unit in touched
    ]
    update_rows(session, Unit, placed)


def _unit_values(unit: UnitRow) -> Values:
    return {
        "code": unit.code,
        "kind": unit.kind,
        "credit_code": unit.credit_code,
        "compare_group": unit.compare_group,
    }


def _naming(unit_id: int, unit: UnitRow, day: date) -> Values:
    return {"unit_id": unit_id, "from_day": day, "name": unit.name, "short_name": unit.short_name}


def write_names(session: Session, namings: Sequence[Values]) -> None:
    """Give units names from a day on; a name that begins on the same day is replaced."""
    if not namings:
        return
    standing = select(UnitName.unit_id, UnitName.from_day).where(
        UnitName.unit_id.in_({naming["unit_id"] for naming in namings})
    )
    there = set(session.execute(standing).all())
    update_rows(session, UnitName, [n for n in namings if (n["unit_id"], n["from_day"]) in there])
    insert_rows(session, UnitName, [n for n in namings if (n["unit_id"], n["from_day"]) not in there])


def write_halls(session: Session, changes: Changes[HallRow]) -> None:
    """Create and change halls."""
    insert_rows(session, Hall, [_hall_values(hall) for hall in changes.created])
    ids = ids_by(session, Hall.code, Hall.id)
    changed = [{**_hall_values(hall), "id": ids[hall.code]} for _, hall in changes.changed]
    update_rows(session, Hall, changed)


def _hall_values(hall: HallRow) -> Values:
    return {"code": hall.code, "name": hall.name, "address": hall.address}


def write_windows(session: Session, changes: Changes[WindowRow], today: date) -> None:
    """Create and change windows, their zones with them; another department holds from today."""
    halls, units = ids_by(session, Hall.code, Hall.id), ids_by(session, Unit.code, Unit.id)
    touched = [*changes.created, *(after for _, after in changes.changed)]
    zones = _zone_ids(session, {(halls[window.hall], window.zone) for window in touched if window.zone})

    def values(window: WindowRow) -> Values:
        return {
            "hall_id": halls[window.hall],
            "number": window.number,
            "kind": window.kind,
            "zone_id": zones.get((halls[window.hall], window.zone)),
            "from_day": window.from_day,
            "to_day": window.to_day,
        }

    insert_rows(session, Window, [values(window) for window in changes.created])
    ids = window_ids(session)
    first = [
        belonging.first_stretch("window_id", ids[window.code], units[window.unit], window.from_day)
        for window in changes.created
    ]
    insert_rows(session, WindowUnit, first)
    update_rows(session, Window, [{**values(after), "id": ids[after.code]} for _, after in changes.changed])
    moved = {ids[after.code]: units[after.unit] for was, after in changes.changed if was.unit != after.unit}
    belonging.move_windows(session, moved, today)


def _zone_ids(session: Session, wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    standing = {(hall, name): zone for hall, name, zone in session.execute(_ZONES)}
    missing = sorted(wanted - set(standing))
    insert_rows(session, Zone, [{"hall_id": hall, "name": name} for hall, name in missing])
    return {(hall, name): zone for hall, name, zone in session.execute(_ZONES)} if missing else standing


def window_ids(session: Session) -> dict[str, int]:
    """The id of every window by its code."""
    rows = session.execute(select(Hall.code, Window.number, Window.id).join(Hall, Hall.id == Window.hall_id))
    return {rules.window_code(hall, number): window_id for hall, number, window_id in rows}
