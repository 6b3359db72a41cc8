"""Writing the service items an import brings, with their other names, papers and windows."""

from sqlalchemy.orm import Session

from evalsys.organisation.actions.bulk import Values, ids_by, insert_rows, replace_lists, update_rows
from evalsys.organisation.actions.imported_places import window_ids
from evalsys.organisation.models import Item, ItemAlias, ItemMaterial, ItemWindow, Unit
from evalsys.organisation.plan.rows import Changes, ItemRow


def write_items(session: Session, changes: Changes[ItemRow]) -> None:
    """Create and change items; a list that differs is replaced as a whole."""
    units = ids_by(session, Unit.code, Unit.id)
    insert_rows(session, Item, [_values(item, units) for item in changes.created])
    ids = ids_by(session, Item.task_code, Item.id)
    changed = [{**_values(after, units), "id": ids[after.code]} for _, after in changes.changed]
    update_rows(session, Item, changed)
    _write_aliases(session, changes, ids)
    _write_materials(session, changes, ids)
    _write_windows(session, changes, ids)


def _values(item: ItemRow, units: dict[str, int]) -> Values:
    return {
        "task_code": item.code,
        "name": item.name,
        "item_type": item.item_type,
        "unit_id": units[item.unit],
        "time_limit": item.time_limit,
        "high_frequency": item.high_frequency,
        "from_day": item.from_day,
        "to_day": item.to_day,
    }


def _write_aliases(session: Session, changes: Changes[ItemRow], ids: dict[str, int]) -> None:
    other = [after for was, after in changes.changed if was.aliases != after.aliases]
    rows = [
        {"item_id": ids[item.code], "alias": alias}
        for item in (*changes.created, *other)
        for alias in sorted(item.aliases)
    ]
    replace_lists(session, ItemAlias, "item_id", [ids[item.code] for item in other], rows)


def _write_materials(session: Session, changes: Changes[ItemRow], ids: dict[str, int]) -> None:
    other = [after for was, after in changes.changed if was.materials != after.materials]
    rows = [
        {"item_id": ids[item.code], "place": place, "material": material}
        for item in (*changes.created, *other)
        for place, material in enumerate(item.materials, start=1)
    ]
    replace_lists(session, ItemMaterial, "item_id", [ids[item.code] for item in other], rows)


def _write_windows(session: Session, changes: Changes[ItemRow], ids: dict[str, int]) -> None:
    other = [after for was, after in changes.changed if was.windows != after.windows]
    windows = window_ids(session)
    rows = [
        {"item_id": ids[item.code], "window_id": windows[code]}
        for item in (*changes.created, *other)
        for code in sorted(item.windows)
    ]
    replace_lists(session, ItemWindow, "item_id", [ids[item.code] for item in other], rows)
