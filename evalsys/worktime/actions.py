"""Keeps the working-day table filled: notices where they are known, Monday to Friday elsewhere."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from chinese_calendar import Holiday, get_holiday_detail
from chinese_calendar.constants import holidays
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from evalsys.worktime import rules
from evalsys.worktime.models import CalendarDay, OfficeHours

FIRST_DAY = date(2004, 1, 1)
LAST_NOTICED_DAY = date(max(day.year for day in holidays), 12, 31)
"""The package raises for later days: their year's notice was not known when it was made."""


class _Day(NamedTuple):
    day: date
    working: bool
    provisional: bool
    notice: str


def seed_calendar(session: Session, today: date) -> int:
    """Fill the table from 2004 to the end of the year after next; returns the days added or settled.

    Days that are there stay as they are, so that what an administrator loaded is kept; only provisional days
    whose notice is known by now are settled. Running it again changes nothing.
    """
    known = session.execute(select(CalendarDay.day, CalendarDay.provisional))
    standing = {day: provisional for day, provisional in known}
    wanted = list(_days(max(rules.last_day_of_year_after_next(today), LAST_NOTICED_DAY)))
    missing = [row._asdict() for row in wanted if row.day not in standing]
    settled = [row._asdict() for row in wanted if standing.get(row.day) and not row.provisional]
    if missing:
        session.execute(insert(CalendarDay), missing)
    if settled:
        session.execute(update(CalendarDay), settled)
    _seed_office_hours(session)
    return len(missing) + len(settled)


def _seed_office_hours(session: Session) -> None:
    if session.scalar(select(OfficeHours.opens).limit(1)) is None:
        hours = [{"opens": opens, "closes": closes} for opens, closes in rules.OFFICE_HOURS]
        session.execute(insert(OfficeHours), hours)


def _days(last: date) -> Iterator[_Day]:
    day = FIRST_DAY
    while day <= last:
        yield _noticed(day) if day <= LAST_NOTICED_DAY else _Day(day, rules.is_weekday(day), True, "")
        day += timedelta(days=1)


def _noticed(day: date) -> _Day:
    resting, holiday = get_holiday_detail(day)
    words = str(Holiday(holiday).chinese) if holiday else ""
    return _Day(day, not resting, False, f"{words}调休上班" if words and not resting else words)
