"""Reads the working-day table; days beyond it are taken as Monday to Friday."""

from datetime import date, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.worktime import rules
from evalsys.worktime.models import CalendarDay


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
