"""Many rows in one statement each: the ways an import writes."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from evalsys.kernel.types import Base

Values = dict[str, Any]


def insert_rows(session: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Insert rows, all with the same columns, in one statement."""
    if rows:
        session.execute(insert(model), rows)


def update_rows(session: Session, model: type[Base], rows: Sequence[Values]) -> None:
    """Update rows by their primary key, all with the same columns, in one statement."""
    if rows:
        session.execute(update(model), rows)


def replace_lists(
    session: Session, model: type[Base], owner: str, owners: Iterable[int], rows: Sequence[Values]
) -> None:
    """Give owners (by id) new lists in place of the ones they had."""
    table = cast(Table, model.__table__)
    if gone := [{"owner": owner_id} for owner_id in owners]:
        session.connection().execute(delete(table).where(table.c[owner] == bindparam("owner")), gone)
    insert_rows(session, model, rows)


def ids_by(
    session: Session, key: InstrumentedAttribute[str], value: InstrumentedAttribute[int]
) -> dict[str, int]:
    """Every id by its natural key."""
    return dict(session.execute(select(key, value)).all())
