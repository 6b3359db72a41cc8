"""Ranges of days, and weeks, months and quarters that nest: what reports are asked for."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

DEFAULT_DAYS = 90
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)

WEEKS, MONTHS, QUARTERS = "week", "month", "quarter"
KINDS = (WEEKS, MONTHS, QUARTERS)  # from the finest to the coarsest: each nests in the next


class BadPeriod(Refused):
    """The days asked for are no days, or no range."""


@dataclass(frozen=True, slots=True)
class Period:
    """A range of Asia/Shanghai days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The period of equal length that ends the day before."""
        return Period(self.first - timedelta(days=self.days), self.first - DAY)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        day = None
    if day is None:
        raise BadPeriod(N_("“{text}”不是日期,请写成 2026-03-31 这样。"), text=text[:40])
    if not EARLIEST <= day <= LATEST:
        raise BadPeriod(N_("“{text}”不在可查的年份内。"), text=text)
    return day


def period_asked(first: str, last: str, today: date) -> Period:
    """The period of two ISO days; an empty one is filled up to the last 90 days, today included.

    Raises BadPeriod with a sentence to act on.
    """
    length = timedelta(days=DEFAULT_DAYS - 1)
    if last.strip():
        end = _day(last.strip())
    elif first.strip():
        end = max(today, _day(first.strip()))
    else:
        end = today
    start = _day(first.strip()) if first.strip() else end - length
    if start > end:
        raise BadPeriod(N_("开始日期{first}晚于结束日期{last},请对调。"), first=start, last=end)
    return Period(start, end)


def _thursday(monday: date) -> date:
    return monday + timedelta(days=3)


def monday_of(day: date) -> date:
    """The first day of the ISO week a day lies in."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Closing:
    """A week, month or quarter made of whole ISO weeks; it is named by its kind and its first Monday.

    A week belongs to the month and the quarter of its Thursday, so that weeks nest in months and months
    in quarters, and no two of them overlap by a part.
    """

    kind: str
    starts: date

    @property
    def period(self) -> Period:
        """Its days, from a Monday to a Sunday."""
        return _days_of(self)

    @property
    def name(self) -> str:
        """Its name in addresses: 2026-W05, 2026-02 or 2026-Q1."""
        thursday = _thursday(self.starts)
        if self.kind == WEEKS:
            year, week, _ = self.starts.isocalendar()
            return f"{year}-W{week:02d}"
        if self.kind == MONTHS:
            return f"{thursday.year}-{thursday.month:02d}"
        return f"{thursday.year}-Q{(thursday.month + 2) // 3}"

    @property
    def year(self) -> int:
        """The year it belongs to."""
        return _thursday(self.starts).year

    @property
    def number(self) -> int:
        """Which week, month or quarter of its year it is."""
        if self.kind == WEEKS:
            return self.starts.isocalendar().week
        month = _thursday(self.starts).month
        return month if self.kind == MONTHS else (month + 2) // 3

    def closed(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.period.last

    def holds(self, other: "Closing") -> bool:
        """Whether another, finer one lies inside."""
        return KINDS.index(other.kind) < KINDS.index(self.kind) and (
            self.period.first <= other.starts <= self.period.last
        )


@lru_cache(maxsize=1024)
def _days_of(closing: Closing) -> Period:
    if closing.kind == WEEKS:
        return Period(closing.starts, closing.starts + WEEK - DAY)
    return Period(closing.starts, _first_monday(*_month_after(closing)) - DAY)


def _month_after(closing: Closing) -> tuple[int, int]:
    thursday = _thursday(closing.starts)
    months = 1 if closing.kind == MONTHS else 3
    year, month = divmod(thursday.year * 12 + thursday.month - 1 + months, 12)
    return year, month + 1


def _first_monday(year: int, month: int) -> date:
    """The Monday of the first week whose Thursday lies in the month."""
    first = date(year, month, 1)
    to_thursday = (3 - first.weekday()) % 7
    return first + timedelta(days=to_thursday - 3)


def closing_of(kind: str, day: date) -> Closing:
    """The week, month or quarter a day belongs to."""
    monday = monday_of(day)
    if kind == WEEKS:
        return Closing(WEEKS, monday)
    thursday = _thursday(monday)
    month = thursday.month if kind == MONTHS else thursday.month - (thursday.month - 1) % 3
    return Closing(kind, _first_monday(thursday.year, month))


_NAMES = {
    WEEKS: re.compile(r"(\d{4})-W(\d{2})", re.ASCII),
    MONTHS: re.compile(r"(\d{4})-(\d{2})", re.ASCII),
    QUARTERS: re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
}


def closing_named(name: str) -> Closing:
    """The week, month or quarter of a name such as 2026-W05, 2026-02 or 2026-Q1; raises BadPeriod."""
    for kind, pattern in _NAMES.items():
        if found := pattern.fullmatch(name):
            year, number = int(found[1]), int(found[2])
            if not EARLIEST.year <= year <= LATEST.year:
                break
            try:
                if kind == WEEKS:
                    return Closing(WEEKS, date.fromisocalendar(year, number, 1))
                return Closing(kind, _first_monday(year, number if kind == MONTHS else number * 3 - 2))
            except ValueError:
                break
    raise BadPeriod(N_("没有“{name}”这一期。周写成 2026-W05,月写成 2026-02,季写成 2026-Q1。"), name=name[:40])


def closing_of_days(period: Period) -> Closing | None:
    """The week, month or quarter that has exactly these days, if there is one."""
    for kind in KINDS:
        closing = closing_of(kind, period.first)
        if closing.period == period:
            return closing
    return None
