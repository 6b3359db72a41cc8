"""Terms in working days, and office hours: plain arithmetic over a calendar that is handed in."""

from collections.abc import Callable
from datetime import date, time, timedelta

OFFICE_HOURS: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13, 30), time(17, 30)))
"""The default stretches of a working day in which working-hour clocks run."""


def is_weekday(day: date) -> bool:
    """Whether a day is Monday to Friday: what a day without a notice is taken for."""
    return day.weekday() < 5


def due_day(event_day: date, days: int, is_working: Callable[[date], bool]) -> date:
    """The day at whose 24:00 a term of `days` working days ends.

    The day of the event is day 0; the following working days are counted. A term of 0 ends on the day itself.
    """
    if days < 0:
        raise ValueError("a term counts forwards")
    day = event_day
    for _ in range(days):
        day += timedelta(days=1)
        while not is_working(day):
            day += timedelta(days=1)
    return day


def last_day_of_year_after_next(day: date) -> date:
    """How far ahead the calendar must at least reach."""
    return date(day.year + 2, 12, 31)
