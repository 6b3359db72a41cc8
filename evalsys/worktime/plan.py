"""What a year's notice would change in the table of working days, without touching it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from evalsys.kernel.sheets.files import Fault
from evalsys.worktime import rules
from evalsys.worktime.workbook import Notice, NoticedDay

FIRST_YEAR = 2004


@dataclass(frozen=True)
class Day:
    """One day of the table: worked or not, provisional (暂定) or settled, and what its notice says."""

    day: date
    working: bool
    provisional: bool
    notice: str

    @property
    def is_moved(self) -> bool:
        """Whether the day is another than its place in the week says: a holiday, or a worked weekend."""
        return self.working != rules.is_weekday(self.day)


def guess(day: date) -> Day:
    """A day without a notice: Monday to Friday are worked, for now."""
    return Day(day, rules.is_weekday(day), True, "")


@dataclass(frozen=True)
class Run:
    """Days one after the other on which a notice says the same."""

    first: date
    last: date
    working: bool
    words: str

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1


def runs(days: Iterable[Day]) -> list[Run]:
    """The holidays and worked weekends among days in order."""
    found: list[Run] = []
    for each in days:
        if not (each.is_moved or each.notice):
            continue
        new = Run(each.day, each.day, each.working, each.notice)
        if found and found[-1] == Run(found[-1].first, each.day - timedelta(days=1), new.working, new.words):
            new = replace(found.pop(), last=each.day)
        found.append(new)
    return found


@dataclass(frozen=True)
class Change:
    """A day as it stands and as it would be."""

    before: Day
    after: Day

    @property
    def day(self) -> date:
        """Which day."""
        return self.after.day

    @property
    def flips(self) -> bool:
        """Whether it would be worked where it was not, or the other way round."""
        return self.before.working != self.after.working


@dataclass(frozen=True)
class Plan:
    """What loading a notice would do: nothing at all where it has faults."""

    year: int
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]

    @property
    def flipped(self) -> tuple[Change, ...]:
        """The days that would be worked or not worked other than before."""
        return tuple(change for change in self.changes if change.flips)

    @property
    def settled(self) -> int:
        """How many provisional days would stay as they are, for good."""
        return sum(change.before.provisional and not change.flips for change in self.changes)


def plan_of(notice: Notice, standing: Callable[[date, date], Mapping[date, Day]], today: date) -> Plan:
    """What loading a notice would change against what stands between two days.

    The notice is of the year in which most of its days lie; days of the years beside it may be among them.
    Days of its year that it does not name keep Monday to Friday and are settled; settled ones stay.
    """
    if notice.faults:
        return Plan(today.year, (), notice.faults)
    years = [each.day.year for each in notice.days]
    year = max(sorted(set(years)), key=years.count)
    faults = tuple(_faults(notice, year, rules.last_day_of_year_after_next(today).year))
    if faults:
        return Plan(year, (), faults)
    stands = standing(date(year - 1, 1, 1), date(year + 1, 12, 31))
    noticed = {each.day: each for each in notice.days}
    changes = (_change(day, stands, noticed.get(day)) for day in _days_to_settle(year, noticed))
    return Plan(year, tuple(change for change in changes if change.before != change.after), ())


def _faults(notice: Notice, year: int, last_year: int) -> Iterator[Fault]:
    for each in notice.days:
        if abs(each.day.year - year) > 1:
            said = f"{each.day}不在{year}年前后,一次只载入一年的通知,请核对"
        elif not FIRST_YEAR <= each.day.year <= last_year:
            said = f"{each.day}不在{FIRST_YEAR}年到{last_year}年之间,请核对"
        else:
            continue
        yield Fault(each.sheet, each.row, "日期", said)


def _days_to_settle(year: int, noticed: Mapping[date, NoticedDay]) -> list[date]:
    first = date(year, 1, 1)
    whole = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    return sorted({*whole, *noticed})


def _change(day: date, stands: Mapping[date, Day], noticed: NoticedDay | None) -> Change:
    before = stands.get(day) or guess(day)
    if noticed is None:
        return Change(before, replace(before, provisional=False))
    words = noticed.words or (before.notice if before.working == noticed.working else "")
    return Change(before, Day(day, noticed.working, False, words))
