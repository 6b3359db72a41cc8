"""Sums for tests that need many ratings: put where the ratings themselves would have put them."""

from collections import Counter
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalsys.scoring import totals
from evalsys.scoring.models import DailySum, ServiceSum, TagSum
from evalsys.scoring.queries.checks import SUMS
from evalsys.scoring.rules.rates import Split
from evalsys.scoring.rules.tallies import Cell, ServiceCell
from tests.builders import BuiltWindow

DAY = date(2026, 3, 2)


def summed(
    session: Session,
    window: BuiltWindow,
    *levels: int,
    day: date = DAY,
    staff_id: int = 0,
    channel: str = "on-the-go",
    entry: str = "window-code",
    unit_id: int | None = None,
    item_type: str = "",
    **counts: int,
) -> None:
    """A cell of the daily sums: counts of the levels 5 to 1, and of other columns by name."""
    by_level = {f"n{level}": n for level, n in Split(*levels).by_level.items()}
    unit = unit_id or window.unit_id
    cell = Cell(day, window.window_id, staff_id, unit, item_type, channel, entry)
    change = by_level | counts
    session.execute(insert(DailySum).values(cell._asdict() | dict.fromkeys(SUMS, 0) | change))
    totals.move_by_sums(session.connection(), {cell: Counter(change)})


def tagged(session: Session, window: BuiltWindow, tag: str, n: int, day: date = DAY) -> None:
    """A cell of the tag sums."""
    session.execute(
        insert(TagSum).values(
            day=day,
            window_id=window.window_id,
            staff_id=0,
            unit_id=window.unit_id,
            channel="on-the-go",
            tag=tag,
            n=n,
        )
    )


def served(
    session: Session, window: BuiltWindow, services: int, prompted: int, *, staff_id: int = 0, day: date = DAY
) -> None:
    """A cell of the service sums."""
    cell = ServiceCell(day, window.window_id, staff_id, window.unit_id, "")
    session.execute(insert(ServiceSum).values(**cell._asdict(), services=services, prompted=prompted))
    totals.move_by_services(session.connection(), {cell: (services, prompted)})
