"""Reads the working-day table; days beyond it are taken as Monday to Friday."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.worktime import rules
from evalsys.worktime.models import CalendarDay, OfficeHours
from evalsys.worktime.rules import Calendar, Clock, Term


def is_working_day(session: Session | Connection, day: date) -> bool:
    """Whether a day is a working day in the table; Monday to Friday where it has none."""
    working = session.scalar(select(CalendarDay.working).where(CalendarDay.day == day))
    return rules.is_weekday(day) if working is None else working


def working_days_after(session: Session | Connection, day: date, days: int) -> date:
    """The last day of a term of `days` working days that begins after `day`, read by one SELECT."""
    # Even the longest run of holidays leaves three working days in any two weeks.
    ahead = day + timedelta(days=14 + 5 * days)
    statement = select(CalendarDay.day, CalendarDay.working).where(
        CalendarDay.day > day, CalendarDay.day <= ahead
    )
    calendar = {counted: working for counted, working in session.execute(statement)}
    return rules.due_day(day, days, lambda each: calendar.get(each, rules.is_weekday(each)))


def calendar(session: Session | Connection, first: date, last: date) -> Calendar:
    """The working days of a range, both ends included, and the office hours; two SELECTs."""
    days = select(CalendarDay.day, CalendarDay.working).where(CalendarDay.day.between(first, last))
    stretches = select(OfficeHours.opens, OfficeHours.closes).order_by(OfficeHours.opens)
    worked = {day: working for day, working in session.execute(days)}
    hours = tuple((opens, closes) for opens, closes in session.execute(stretches))
    return Calendar(worked, hours or rules.OFFICE_HOURS)


def deadline(session: Session | Connection, start: datetime, term: Term) -> datetime:
    """The UTC instant at which a term that begins at `start` ends, by the table as it stands."""
    first = clock.day_of(start)
    return rules.due_at(start, term, calendar(session, first, first + _reach(term)))


def _reach(term: Term) -> timedelta:
    """As many days as a term may at most run over."""
    if term.clock is Clock.AROUND_THE_CLOCK:
        return timedelta()
    # A working day has at least one hour of office hours; see `set_office_hours`.
    days = term.amount if term.clock is Clock.WORKING_DAYS else term.amount // 60 + 1
    return timedelta(days=14 + 5 * days)
