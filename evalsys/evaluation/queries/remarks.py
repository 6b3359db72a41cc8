"""What citizens said, as the clerk's side may read it: by the week, and only where enough was said."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Rating
from evalsys.evaluation.queries.counted import counted_ratings
from evalsys.evaluation.queries.records import Chosen, said_with
from evalsys.evaluation.rules import REASON_DAYS
from evalsys.kernel.access import Scope, within
from evalsys.kernel.periods import Period, closing_of
from evalsys.organisation.queries import directory
from evalsys.worktime import queries as worktime

# The clerk's side reads words of a window's week only where they come from at least so many ratings.
LEAST_PER_WEEK = 5


@dataclass(frozen=True)
class Remark:
    """What one citizen said, as the clerk's side reads it: no day, no clerk, no channel."""

    window: str
    window_number: str
    tags: tuple[Chosen, ...]
    text: str


def remarks(session: Session | Connection, week: Period, scope: Scope, window: str = "") -> list[Remark]:
    """What citizens said of a scope's windows in one week whose term for reasons is over.

    Only windows with five ratings or more in that week, whatever their standing: nothing comes or goes
    afterwards, so that two looks tell no one person. The order says nothing about time.
    """
    rows = within(counted_ratings(), Rating.unit_id, scope).where(
        Rating.counts_on.between(week.first, week.last)
    )
    by_window: dict[int, list[Any]] = {}
    # Sorted here: a database asked to sort by root would read every rating there is in that order.
    for row in sorted(session.execute(rows), key=lambda row: int(row.root)):
        by_window.setdefault(row.window_id, []).append(row)
    windows = directory.windows_on(session, week.last)
    shown = [
        row
        for window_id, found in by_window.items()
        if len(found) >= LEAST_PER_WEEK and window in ("", windows[window_id].code)
        for row in found
    ]
    tags, texts = said_with(session, [row.current for row in shown])
    said = [
        Remark(
            windows[row.window_id].code,
            windows[row.window_id].number,
            tags.get((row.current, row.reasons_seq), ()),
            texts.get((row.current, row.reasons_seq), ""),
        )
        for row in shown
    ]
    return [remark for remark in said if remark.tags or remark.text]


def are_remarks_due(session: Session | Connection, week: Period, today: date) -> bool:
    """Whether nobody can add reasons to a week's ratings any more."""
    return today > worktime.working_days_after(session, week.last, REASON_DAYS)


def last_week_due(session: Session | Connection, today: date) -> Period:
    """The last week whose remarks may be read."""
    week = closing_of("week", today - timedelta(days=7)).period
    while not are_remarks_due(session, week, today):
        week = closing_of("week", week.first - timedelta(days=7)).period
    return week
