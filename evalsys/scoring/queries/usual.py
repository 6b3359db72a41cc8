"""What is usual: each window's counted ratings of some days, by the way they came in."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.scoring.models import DailySum


@dataclass(frozen=True, slots=True)
class Counted:
    """How many ratings of each level, from 5 to 1, a window had on a day by one way in."""

    day: date
    window_id: int
    entry: str
    levels: tuple[int, int, int, int, int]


def counted_between(session: Session | Connection, first: date, last: date) -> list[Counted]:
    """The counted ratings of every window on the days from first to last, by day, window and way in."""
    levels = [func.sum(getattr(DailySum, f"n{level}")) for level in (5, 4, 3, 2, 1)]
    rows = session.execute(
        select(DailySum.day, DailySum.window_id, DailySum.entry, *levels)
        .where(DailySum.day.between(first, last))
        .group_by(DailySum.day, DailySum.window_id, DailySum.entry)
        .order_by(DailySum.day, DailySum.window_id, DailySum.entry)
    )
    return [
        Counted(day, window, entry, (int(n5), int(n4), int(n3), int(n2), int(n1)))
        for day, window, entry, n5, n4, n3, n2, n1 in rows
    ]
