"""Reads the working-day table and the hours; days beyond the table are taken as Monday to Friday."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.sheets.files import Workbook
from evalsys.worktime import cells, plan, rules, workbook
from evalsys.worktime.cells import Stretch
from evalsys.worktime.models import CalendarDay, HallHours, OfficeHours
from evalsys.worktime.plan import Day
from evalsys.worktime.rules import Calendar, Clock, Term


def is_working_day(session: Session | Connection, day: date) -> bool:
    """Whether a day is a working day in the table; Monday to Friday where it has none."""
    working = session.scalar(select(CalendarDay.working).where(CalendarDay.day == day))
    return rules.is_weekday(day) if working is None else working


def working_days_after(session: Session | Connection, day: date, days: int) -> date:
    """The last day of a term of `days` working days that begins after `day`, read by one SELECT."""
    worked = _worked(session, day, day + _reach(rules.working_days(days)))
    return rules.due_day(day, days, Calendar(worked).is_working)


def _worked(session: Session | Connection, first: date, last: date) -> dict[date, bool]:
    days = select(CalendarDay.day, CalendarDay.working).where(CalendarDay.day.between(first, last))
    return {day: working for day, working in session.execute(days)}


def calendar(session: Session | Connection, first: date, last: date) -> Calendar:
    """The working days of a range, both ends included, and the office hours; two SELECTs."""
    return Calendar(_worked(session, first, last), office_hours(session))


def office_hours(session: Session | Connection) -> tuple[Stretch, ...]:
    """The stretches of a working day in which working-hour clocks run, in order."""
    stretches = select(OfficeHours.opens, OfficeHours.closes).order_by(OfficeHours.opens)
    return tuple((opens, closes) for opens, closes in session.execute(stretches)) or rules.OFFICE_HOURS


def hours_are_set(session: Session | Connection) -> bool:
    """Whether a site has office hours of its own, be they the usual ones."""
    return session.scalar(select(OfficeHours.opens).limit(1)) is not None


def deadline(session: Session | Connection, start: datetime, term: Term) -> datetime:
    """The UTC instant at which a term that begins at `start` ends, by the table as it stands."""
    first = clock.day_of(start)
    return rules.due_at(start, term, calendar(session, first, first + _reach(term)))


def _reach(term: Term) -> timedelta:
    """As many days as a term may at most run over."""
    # A working day has at least an hour of office hours, and the longest run of holidays leaves three
    # working days in any two weeks.
    days = term.amount if term.clock is Clock.WORKING_DAYS else term.amount // cells.LEAST_OFFICE_MINUTES + 1
    return timedelta(days=14 + 5 * days)


def days_between(session: Session | Connection, first: date, last: date) -> dict[date, Day]:
    """The days of the table between two, both included, in order."""
    rows = select(CalendarDay.day, CalendarDay.working, CalendarDay.provisional, CalendarDay.notice)
    found = session.execute(rows.where(CalendarDay.day.between(first, last)).order_by(CalendarDay.day))
    return {row.day: Day(*row) for row in found}


def years_of_table(session: Session | Connection) -> tuple[int, int]:
    """The first and the last year of the table."""
    first, last = session.execute(select(func.min(CalendarDay.day), func.max(CalendarDay.day))).one()
    return first.year, last.year


def plan_of_notice(session: Session | Connection, book: Workbook, today: date) -> tuple[plan.Plan, str]:
    """What loading a notice would change, and the notice as lines that can be pasted again."""
    notice = workbook.notice_in(book)
    wanted = plan.plan_of(notice, lambda first, last: days_between(session, first, last), today)
    return wanted, workbook.lines_of(notice)


def hours_of_hall(session: Session | Connection, hall_id: int) -> Mapping[int, tuple[Stretch, ...]]:
    """A hall's opening hours by weekday (0 = Monday), in order; no entry where it does not open."""
    hours: dict[int, tuple[Stretch, ...]] = {}
    rows = select(HallHours.weekday, HallHours.opens, HallHours.closes).where(HallHours.hall_id == hall_id)
    for weekday, opens, closes in session.execute(rows.order_by(HallHours.weekday, HallHours.opens)):
        hours[weekday] = (*hours.get(weekday, ()), (opens, closes))
    return hours


def hall_hours_on(session: Session | Connection, hall_id: int, day: date) -> tuple[Stretch, ...]:
    """The stretches in which a hall is open on a day, in order; none on a holiday, none if nothing is known.

    A weekend that is worked opens as the nearest weekday does. Weekend service does not make a working day.
    """
    found = days_between(session, day, day).get(day) or plan.guess(day)
    hours = hours_of_hall(session, hall_id)
    if found.working:
        return hours.get(min(day.weekday(), 4) if day.weekday() < 6 else 0, ())
    is_holiday = found.is_moved or bool(found.notice)
    return () if is_holiday else hours.get(day.weekday(), ())


def hall_is_open(session: Session | Connection, hall_id: int, instant: datetime) -> bool:
    """Whether a hall is open at an instant."""
    moment = clock.local(instant)
    stretches = hall_hours_on(session, hall_id, moment.date())
    return any(opens <= moment.time() < closes for opens, closes in stretches)
