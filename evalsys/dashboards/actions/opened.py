"""Opening closed weeks and months to everybody."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from evalsys.dashboards.models import PublicCell
from evalsys.dashboards.queries import opened
from evalsys.dashboards.rules.opened import newly_open
from evalsys.kernel.periods import Closing
from evalsys.kernel.statements import insert_into
from evalsys.scoring.queries.whole_cells import Where, whole_cells
from evalsys.scoring.rules.rates import Split

_KEY = ("kind", "starts", "window_id", "unit_id")


def open_periods(session: Session, now: datetime) -> int:
    """Open what has become safe to show to everybody; says how many cells were written."""
    before = opened.every_cell(session)
    rows = [
        _row(where, closing, split) | {"opened_at": now}
        for where, released in whole_cells(session).items()
        for closing, split in newly_open(released, before.get(where, {})).items()
    ]
    if rows:
        session.execute(_upsert(session), rows)
    return len(rows)


def _row(where: Where, closing: Closing, split: Split) -> dict[str, Any]:
    window, unit = where
    levels = {f"n{level}": n for level, n in split.by_level.items()}
    return {"kind": closing.kind, "starts": closing.starts, "window_id": window, "unit_id": unit, **levels}


def _upsert(session: Session) -> Any:
    insert = insert_into(session.connection().dialect.name, PublicCell)
    changing = [column.name for column in PublicCell.__table__.columns if column.name not in _KEY]
    return insert.on_conflict_do_update(
        index_elements=_KEY, set_={name: insert.excluded[name] for name in changing}
    )
