"""The one clock: instants are aware and in UTC, days are Asia/Shanghai days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
INSTANT = timedelta(microseconds=1)  # the shortest stretch: one instant as a span
YEARS = range(1970, 2200)  # in which halls give instants; beyond, the calendar of computers ends


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in Asia/Shanghai."""
    return day_of(now())


def local(instant: datetime) -> datetime:
    """The same instant on the hall's clock; a naive instant is a fault of the caller."""
    if instant.tzinfo is None:
        raise ValueError("an instant without an offset has no place on the hall's clock")
    return instant.astimezone(SHANGHAI)


def is_within_reach(day: date) -> bool:
    """Whether a day or an instant lies in years that can be counted with, on every clock."""
    return day.year in YEARS


def day_of(instant: datetime) -> date:
    """The Asia/Shanghai day an instant falls on."""
    return local(instant).date()


def at(day: date, hour_minute: time) -> datetime:
    """The UTC instant of an hour and minute on the hall's clock."""
    return datetime.combine(day, hour_minute, SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The UTC instant at which a day ends (24:00 in Asia/Shanghai)."""
    return at(day + timedelta(days=1), time())


def shown(instant: datetime) -> str:
    """An instant as people read it: day, hour and minute on the hall's clock."""
    return local(instant).strftime("%Y-%m-%d %H:%M")


def deadline(end: datetime) -> str:
    """The end of a term as people read it: midnight is 24:00 of the day that ends."""
    if local(end).time() == time():
        return f"{day_of(end - INSTANT)} 24:00"
    return shown(end)
