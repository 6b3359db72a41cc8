"""Sums for tests that need many ratings: put where the ratings themselves would have put them."""

from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalsys.scoring.models import DailySum, ServiceSum, TagSum
from evalsys.scoring.queries.checks import SUMS
from evalsys.scoring.rules.rates import Split
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
    **counts: int,
) -> None:
    """A cell of the daily sums: counts of the levels 5 to 1, and of other columns by name."""
    by_level = {f"n{level}": n for level, n in Split(*levels).by_level.items()}
    session.execute(
        insert(DailySum).values(
            day=day,
            window_id=window.window_id,
            staff_id=staff_id,
            unit_id=unit_id or window.unit_id,
            item_type="",
            channel=channel,
            entry=entry,
            **{**dict.fromkeys(SUMS, 0), **by_level, **counts},
        )
    )


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


def served(session: Session, window: BuiltWindow, services: int, prompted: int, staff_id: int = 0) -> None:
    """A cell of the service sums."""
    session.execute(
        insert(ServiceSum).values(
            day=DAY,
            window_id=window.window_id,
            staff_id=staff_id,
            unit_id=window.unit_id,
            item_type="",
            services=services,
            prompted=prompted,
        )
    )
