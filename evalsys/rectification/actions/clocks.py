"""Winding the clocks of a case: its present state's, and the whole case's."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from evalsys.kernel import clock
from evalsys.rectification.rules import lights, terms
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import Class
from evalsys.worktime import queries as worktime
from evalsys.worktime import rules as calendars
from evalsys.worktime.rules import Calendar, Clock, Term

# A case lives for weeks; the longest term with its extension and the red lights after it lies within.
_AHEAD = timedelta(days=120)

NO_CLOCK: dict[str, Any] = {
    "clocked_from": None,
    "term": "",
    "due_at": None,
    "yellow_at": None,
    "red2_at": None,
    "red3_at": None,
}


def calendar_from(connection: Connection, *starts: datetime | None) -> Calendar:
    """The working days from the earliest of some instants until well after now."""
    known = [clock.day_of(start) for start in starts if start is not None]
    return worktime.calendar(connection, min(known), max(known) + _AHEAD)


def finish_by(case: dict[str, Any], calendar: Calendar) -> datetime:
    """When the whole case is due: its term from where it is counted, and what was granted on top.

    An end named by the sender of an order comes first; one after a suspension is never earlier.
    """
    wanted = case["case_class"]
    term = terms.finish_term(case["profile"], None if wanted is None else Class(wanted))
    due = calendars.due_at(case["counted_from"], term, calendar)
    if case["extended_days"]:
        due = calendars.days_later(due, case["extended_days"], calendar)
    if case["not_before"] is not None:
        due = max(due, case["not_before"])
    return due if case["not_after"] is None else min(due, case["not_after"])


def wound(case: dict[str, Any], entered_at: datetime, calendar: Calendar) -> dict[str, Any]:
    """The clock columns of a case that entered its state at an instant."""
    state = State(case["state"])
    if state in terms.UNTIL_FINISHED:
        wanted = case["case_class"]
        term = terms.finish_term(case["profile"], None if wanted is None else Class(wanted))
        found = lights.clocks_until(case["counted_from"], case["finish_by"], term, calendar)
        return _columns(case["counted_from"], "finish", found)
    running = terms.term_of_state(state, case["profile"])
    if running is None:
        return dict(NO_CLOCK)
    start = case["dispatched_at"] if state is State.ACCEPTED else entered_at
    return _columns(start, written(running), lights.clocks(start, running, calendar))


def after_suspension(now: datetime, calendar: Calendar) -> datetime:
    """Before when a case that is taken up again is not due: five working days from now."""
    return calendars.due_at(now, calendars.working_days(5), calendar)


def until_review(review_on: date, now: datetime, calendar: Calendar) -> dict[str, Any]:
    """The clock of a suspended case: the next look at it."""
    term = calendars.working_days(1)
    found = lights.clocks_until(now, clock.end_of(review_on), term, calendar)
    return _columns(now, "review", found)


def written(term: Term) -> str:
    """A term as it is kept beside the clock it wound."""
    return f"{term.amount} {term.clock.value}"


def read(text: str) -> Term:
    """A term as it was kept."""
    amount, kept_clock = text.split()
    return Term(int(amount), Clock(kept_clock))


def _columns(start: datetime, term: str, found: lights.Clocks) -> dict[str, Any]:
    return {
        "clocked_from": start,
        "term": term,
        "due_at": found.due_at,
        "yellow_at": found.yellow_at,
        "red2_at": found.red2_at,
        "red3_at": found.red3_at,
    }
