"""When the calendar changes, every open deadline is computed anew; both values are kept in a step."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from evalsys.kernel import clock
from evalsys.rectification.actions import clocks
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.models import Case
from evalsys.rectification.rules import lights
from evalsys.rectification.rules.states import OPEN, State
from evalsys.worktime import rules as calendars
from evalsys.worktime.events import CalendarChanged
from evalsys.worktime.rules import Calendar

_AT_ONCE = 500


def follow_calendar(connection: Connection, _event: CalendarChanged) -> None:
    """Follow a changed calendar: wind every open case's clocks by it, in the order the cases were opened."""
    now, last = clock.now(), 0
    while True:
        ids = connection.execute(
            select(Case.id)
            .where(Case.id > last, Case.state.in_(sorted(OPEN)))
            .order_by(Case.id)
            .limit(_AT_ONCE)
        ).scalars()
        some = list(ids)
        if not some:
            return
        for case_id in some:
            _recompute(connection, case_id, now)
        last = some[-1]


def _recompute(connection: Connection, case_id: int, now: datetime) -> None:
    row = locked(connection, case_id)
    case = dict(row._mapping)
    calendar = clocks.calendar_from(connection, row.counted_from, row.clocked_from, row.dispatched_at)
    changes: dict[str, Any] = {"finish_by": clocks.finish_by(case, calendar)}
    changes |= _wound_again(case | changes, calendar)
    if all(getattr(row, name) == value for name, value in changes.items()):
        return
    facts = {"finish_before": row.finish_by, "finish_after": changes["finish_by"]}
    add_step(
        connection, row, Step("recompute", now, reason="工作日历有变动,期限重新计算", facts=facts), changes
    )


def _wound_again(case: dict[str, Any], calendar: Calendar) -> dict[str, Any]:
    """The clock columns of the present state by the new calendar, from where they were wound."""
    if State(case["state"]) is State.SUSPENDED or case["clocked_from"] is None:
        return {}
    if case["term"] == "finish":
        return clocks.wound(case, case["clocked_from"], calendar)
    term = clocks.read(case["term"])
    due = calendars.due_at(case["clocked_from"], term, calendar)
    found = lights.clocks_until(case["clocked_from"], due, term, calendar)
    return {
        "due_at": found.due_at,
        "yellow_at": found.yellow_at,
        "red2_at": found.red2_at,
        "red3_at": found.red3_at,
    }
