"""Terms and the three clocks that count them: plain arithmetic over a calendar that is handed in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from evalsys.kernel.access import Permission
from evalsys.kernel.words import N_
from evalsys.worktime.cells import Stretch, fault_of_hours

KEEP_CALENDAR = Permission("keep-calendar", frozenset({"data-steward"}))

OFFICE_HOURS: tuple[Stretch, ...] = ((time(9), time(12)), (time(13, 30), time(17, 30)))
"""The default stretches of a working day in which working-hour clocks run."""

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_LEAST = timedelta(microseconds=1)


class Clock(StrEnum):
    """What a term is counted in: working days, time inside office hours, or plain time."""

    WORKING_DAYS = "wd"
    WORKING_HOURS = "wh"
    AROUND_THE_CLOCK = "24x7"


@dataclass(frozen=True)
class Term:
    """A length of time on one clock: days on the clock of working days, minutes on both others."""

    amount: int
    clock: Clock

    def __post_init__(self) -> None:
        """Terms count forwards."""
        if self.amount < 0:
            raise ValueError("a term counts forwards")


def working_days(days: int) -> Term:
    """A term of working days; 0 ends on the day itself."""
    return Term(days, Clock.WORKING_DAYS)


def working_hours(hours: int) -> Term:
    """A term of hours inside office hours."""
    return Term(hours * 60, Clock.WORKING_HOURS)


def minutes(amount: int) -> Term:
    """A term of plain minutes, by day and by night."""
    return Term(amount, Clock.AROUND_THE_CLOCK)


def hours(amount: int) -> Term:
    """A term of plain hours, by day and by night."""
    return minutes(amount * 60)


def is_weekday(day: date) -> bool:
    """Whether a day is Monday to Friday: what a day without a notice is taken for."""
    return day.weekday() < 5


@dataclass(frozen=True)
class Calendar:
    """The working days that were read, Monday to Friday beyond them, and the office hours of each.

    Office hours are in order and do not overlap; without any, or with others, ValueError.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    office_hours: tuple[Stretch, ...] = OFFICE_HOURS

    def __post_init__(self) -> None:
        """No clock could run without office hours, or twice inside them."""
        if not self.office_hours or fault_of_hours(self.office_hours):
            raise ValueError("office hours stand in order and do not overlap")

    def is_working(self, day: date) -> bool:
        """Whether a day is a working day."""
        return self.days.get(day, is_weekday(day))

    @property
    def day_length(self) -> timedelta:
        """How long the office hours of a working day are together."""
        some_day = date(2000, 1, 1)
        lengths = (
            datetime.combine(some_day, closes) - datetime.combine(some_day, opens)
            for opens, closes in self.office_hours
        )
        return sum(lengths, timedelta())

    def stretches(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The office hours of a day as UTC instants, in order; none on a day that is not worked."""
        if self.is_working(day):
            for opens, closes in self.office_hours:
                yield _at(day, opens), _at(day, closes)


def due_day(event_day: date, days: int, is_working: Callable[[date], bool]) -> date:
    """The day at whose 24:00 a term of `days` working days ends.

    The day of the event is day 0; the following working days are counted. A term of 0 ends on the day itself.
    """
    if days < 0:
        raise ValueError("a term counts forwards")
    day = event_day
    for _ in range(days):
        day += _DAY
        while not is_working(day):
            day += _DAY
    return day


def last_day_of_year_after_next(day: date) -> date:
    """How far ahead the calendar must at least reach."""
    return date(day.year + 2, 12, 31)


def due_at(start: datetime, term: Term, calendar: Calendar) -> datetime:
    """The UTC instant at which a term that begins at `start` ends.

    Working days end at 24:00 in Shanghai, working hours inside office hours or at their end.
    """
    start = _aware(start)
    if term.clock is Clock.WORKING_DAYS:
        return _end_of(due_day(_day_of(start), term.amount, calendar.is_working))
    length = term.amount * _MINUTE
    return start + length if term.clock is Clock.AROUND_THE_CLOCK else _worked_after(start, length, calendar)


def yellow_at(start: datetime, term: Term, due: datetime, calendar: Calendar) -> datetime:
    """The UTC instant from which little of a term is left: one working day, or a quarter of the others.

    The last day of a term of working days is yellow, from 24:00 of the working day before. `due` may be
    another than `due_at` says, where a term was extended. Never before `start` or after `due`.
    """
    start, due = _aware(start), _aware(due)
    quarter = term.amount * _MINUTE / 4
    if term.clock is Clock.WORKING_DAYS:
        day = _last_day(due) - _DAY
        while not calendar.is_working(day):
            day -= _DAY
        yellow = _end_of(day)
    elif term.clock is Clock.WORKING_HOURS:
        yellow = _worked_before(due, quarter, calendar)
    else:
        yellow = due - quarter
    return min(max(start, yellow), due)


def days_later(due: datetime, days: int, calendar: Calendar) -> datetime:
    """24:00 of the `days`-th working day after the one on which a term ended: when red becomes redder."""
    return _end_of(due_day(_last_day(_aware(due)), days, calendar.is_working))


@dataclass(frozen=True)
class Left:
    """How much of a term is left, in whole units of its clock (working days, working minutes, minutes).

    Towards 0; negative once that much has passed since it was due. `is_overdue` from the first moment on.
    """

    amount: int
    clock: Clock
    is_overdue: bool


def left(now: datetime, due: datetime, clock: Clock, calendar: Calendar) -> Left:
    """What is left of a term at an instant: nothing (0) at the instant it is due.

    Working days are counted after today: on the last day it is 0, and 0 until a whole day is overdue.
    """
    now, due = _aware(now), _aware(due)
    is_overdue = now > due
    earlier, later = (due, now) if is_overdue else (now, due)
    if clock is Clock.WORKING_DAYS:
        amount = _days_between(now, due, calendar)
    elif clock is Clock.WORKING_HOURS:
        amount = _worked_between(earlier, later, calendar) // _MINUTE
    else:
        amount = (later - earlier) // _MINUTE
    return Left(-amount if is_overdue else amount, clock, is_overdue)


_DAYS_LEFT = {
    (False, False): N_("今天到期"),
    (False, True): N_("还有{days}个工作日"),
    (True, False): N_("已超期,不到1个工作日"),
    (True, True): N_("已超期{days}个工作日"),
}
# By whether it is overdue, and whether there are whole hours and minutes beside them.
_WORKING_TIME_LEFT = {
    (False, False, False): N_("还有不到1分钟"),
    (False, False, True): N_("还有{minutes}分钟工作时间"),
    (False, True, False): N_("还有{hours}小时工作时间"),
    (False, True, True): N_("还有{hours}小时{minutes}分钟工作时间"),
    (True, False, False): N_("刚刚超期"),
    (True, False, True): N_("已超期{minutes}分钟工作时间"),
    (True, True, False): N_("已超期{hours}小时工作时间"),
    (True, True, True): N_("已超期{hours}小时{minutes}分钟工作时间"),
}
_TIME_LEFT = {
    (False, False, False): N_("还有不到1分钟"),
    (False, False, True): N_("还有{minutes}分钟"),
    (False, True, False): N_("还有{hours}小时"),
    (False, True, True): N_("还有{hours}小时{minutes}分钟"),
    (True, False, False): N_("刚刚超期"),
    (True, False, True): N_("已超期{minutes}分钟"),
    (True, True, False): N_("已超期{hours}小时"),
    (True, True, True): N_("已超期{hours}小时{minutes}分钟"),
}


def words_of(what: Left) -> tuple[str, dict[str, int]]:
    """The Chinese sentence that says what is left, and the values to put in once it is translated."""
    amount = abs(what.amount)
    if what.clock is Clock.WORKING_DAYS:
        return _DAYS_LEFT[what.is_overdue, amount > 0], {"days": amount}
    whole, rest = divmod(amount, 60)
    sentences = _WORKING_TIME_LEFT if what.clock is Clock.WORKING_HOURS else _TIME_LEFT
    return sentences[what.is_overdue, whole > 0, rest > 0], {"hours": whole, "minutes": rest}


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return instant.astimezone(UTC)


def _day_of(instant: datetime) -> date:
    return instant.astimezone(_SHANGHAI).date()


def _last_day(due: datetime) -> date:
    """The day a term ends on: 24:00 still belongs to it."""
    return _day_of(due - _LEAST)


def _at(day: date, hour_minute: time) -> datetime:
    return datetime.combine(day, hour_minute, _SHANGHAI).astimezone(UTC)


def _end_of(day: date) -> datetime:
    return _at(day + _DAY, time())


def _days_between(now: datetime, due: datetime, calendar: Calendar) -> int:
    """Whole working days between an instant and the day a term ends on, or ended on."""
    today, last = _day_of(now), _last_day(due)
    first, after = (today + _DAY, last + _DAY) if today <= last else (last + _DAY, today)
    return sum(calendar.is_working(first + n * _DAY) for n in range((after - first).days))


def _worked_after(start: datetime, length: timedelta, calendar: Calendar) -> datetime:
    """The first instant at which `length` of office hours has passed since `start`."""
    instant, day = start, _day_of(start)
    while length > timedelta():
        for opens, closes in calendar.stretches(day):
            begins = max(opens, start)
            if begins < closes and length > timedelta():
                instant = min(begins + length, closes)
                length -= instant - begins
        day += _DAY
    return instant


def _worked_before(due: datetime, length: timedelta, calendar: Calendar) -> datetime:
    """The first instant from which no more than `length` of office hours passes until `due`."""
    day = _day_of(due)
    while True:
        for opens, closes in reversed(list(calendar.stretches(day))):
            ends = min(closes, due)
            if opens < ends:
                if ends - opens > length:
                    return ends - length
                length -= ends - opens
        day -= _DAY


def _worked_between(earlier: datetime, later: datetime, calendar: Calendar) -> timedelta:
    """The office hours between two instants: pieces of the first and last day, whole days between them."""
    first, last = _day_of(earlier), _day_of(later)
    pieces = (
        min(closes, later) - max(opens, earlier)
        for day in sorted({first, last})
        for opens, closes in calendar.stretches(day)
        if opens < later and earlier < closes
    )
    whole = sum(calendar.is_working(first + n * _DAY) for n in range(1, (last - first).days))
    return sum(pieces, whole * calendar.day_length)
