"""The demo hall's duty rota: shared days, weekends, leaders, relief, and a few planted gaps and conflicts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random

from evalsys.demo.hall import LEADER, Counter
from evalsys.demo.people import CLERK, LEADING, RELIEF, Crew, Person, Staffing

OPENS, HANDOVER, CLOSES, WEEKEND_CLOSES = time(9), time(13, 15), time(17, 30), time(16)
OPEN_BY_WEEKDAY = {
    **dict.fromkeys(range(5), ((OPENS, CLOSES),)),
    **dict.fromkeys((5, 6), ((OPENS, WEEKEND_CLOSES),)),
}

REGULAR, WEEKEND, LEADER_DUTY, RELIEF_DUTY = "日常", "周末", "领导", "顶岗"

_AWAY = 0.04
_GAPS = 12
_CONFLICTS = 8


@dataclass(frozen=True)
class Shift:
    """One line of the rota, times on the hall's clock."""

    day: date
    starts: time
    ends: time
    window: str
    staff_no: str
    kind: str


@dataclass(frozen=True)
class Rota:
    """The shifts, and which windows also serve at weekends."""

    shifts: tuple[Shift, ...]
    weekend_windows: frozenset[str]

    def served_days(self, first: date, last: date) -> list[date]:
        """The days from first to last on which anybody was on duty."""
        return sorted({shift.day for shift in self.shifts if first <= shift.day <= last})


@dataclass(frozen=True)
class Calendar:
    """Today, the days of the rota, and which of them are working days."""

    today: date
    days: tuple[date, ...]
    working_days: frozenset[date]

    def is_weekend_service(self, day: date) -> bool:
        """Whether the hall serves on a free day: a Saturday or Sunday that is no part of a long holiday."""
        if day.weekday() < 5 or day in self.working_days:
            return False
        saturday = day - timedelta(days=day.weekday() - 5)
        around = {saturday - timedelta(days=1), saturday + timedelta(days=2)}
        return not around.isdisjoint(self.working_days)


def rota(
    windows: Sequence[Counter],
    staff: Staffing,
    calendar: Calendar,
    seed: int,
) -> Rota:
    """The rota of all days of the calendar; the same seed and day give the same rota."""
    chance = Random(f"{seed}:rota")
    weekend = _weekend_windows(staff, chance)
    shifts: list[Shift] = []
    for day in calendar.days:
        if day in calendar.working_days:
            shifts += _working_day(day, windows, staff, chance)
        elif calendar.is_weekend_service(day):
            shifts += _weekend_day(day, staff, weekend, chance)
    return Rota(tuple(_with_faults(shifts, staff, calendar.today, chance)), weekend)


def _weekend_windows(staff: Staffing, chance: Random) -> frozenset[str]:
    numbers = [crew.window for crew in staff.crews]
    return frozenset(chance.sample(numbers, (len(numbers) + 2) // 3))


def _working_day(day: date, windows: Sequence[Counter], staff: Staffing, chance: Random) -> Iterator[Shift]:
    reliefs = staff.of_part(RELIEF)
    departments = {person.staff_no: person.department for person in staff.people}
    chance.shuffle(reliefs)
    for crew in staff.crews:
        yield from _crew_day(day, crew)
        if chance.random() < _AWAY:
            department = departments[crew.clerks[0]]
            place = next((n for n, p in enumerate(reliefs) if p.department == department), None)
            if place is not None:
                yield _relief(day, crew, reliefs.pop(place), chance)
    leaders = staff.of_part(LEADING)
    for place, counter in enumerate(c for c in windows if c.kind == LEADER):
        leader = leaders[(day.toordinal() * 2 + place) % len(leaders)]
        yield Shift(day, OPENS, CLOSES, counter.number, leader.staff_no, LEADER_DUTY)


def _crew_day(day: date, crew: Crew) -> Iterator[Shift]:
    if len(crew.clerks) == 1:
        yield Shift(day, OPENS, CLOSES, crew.window, crew.clerks[0], REGULAR)
        return
    # The two change places every week, so that neither always has the busy morning.
    first, second = crew.clerks if day.isocalendar().week % 2 else crew.clerks[::-1]
    yield Shift(day, OPENS, HANDOVER, crew.window, first, REGULAR)
    yield Shift(day, HANDOVER, CLOSES, crew.window, second, REGULAR)


def _relief(day: date, crew: Crew, person: Person, chance: Random) -> Shift:
    starts, ends = chance.choice(((OPENS, HANDOVER), (HANDOVER, CLOSES), (OPENS, CLOSES)))
    return Shift(day, starts, ends, crew.window, person.staff_no, RELIEF_DUTY)


def _weekend_day(day: date, staff: Staffing, weekend: frozenset[str], chance: Random) -> Iterator[Shift]:
    for crew in staff.crews:
        if crew.window in weekend:
            yield Shift(day, OPENS, WEEKEND_CLOSES, crew.window, chance.choice(crew.clerks), WEEKEND)


def _with_faults(shifts: list[Shift], staff: Staffing, today: date, chance: Random) -> Iterator[Shift]:
    """A real rota has holes and overlaps: some shifts are missing, some windows have two people at once."""
    past = [shift for shift in shifts if shift.kind == REGULAR and shift.day < today]
    chosen = chance.sample(past, _GAPS + _CONFLICTS)
    gaps, doubled = set(chosen[:_GAPS]), set(chosen[_GAPS:])
    neighbours = _neighbours(staff)
    for shift in shifts:
        if shift not in gaps:
            yield shift
        if shift in doubled:
            other = neighbours[shift.staff_no]
            yield Shift(shift.day, shift.starts, shift.ends, shift.window, other, REGULAR)


def _neighbours(staff: Staffing) -> dict[str, str]:
    clerks = [person.staff_no for person in staff.people if person.part == CLERK]
    return dict(zip(clerks, [*clerks[1:], clerks[0]], strict=True))
