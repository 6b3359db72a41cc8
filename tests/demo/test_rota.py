"""The demo's rota has shifts, weekends, leaders and relief, and the faults a real one has."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from evalsys.demo import hall, people, rota
from evalsys.demo.plan import DemoPlan

TODAY = date(2026, 10, 21)
HOLIDAY = {date(2026, 10, 1) + timedelta(days=n) for n in range(7)}
WINDOWS = hall.counters()
STAFF = people.staffing(WINDOWS, 1)


DAYS = DemoPlan(seed=1, today=TODAY, ratings=0, days=90).days_of_rota()
CALENDAR = rota.Calendar(
    TODAY, DAYS, frozenset(day for day in DAYS if day.weekday() < 5 and day not in HOLIDAY)
)


@pytest.fixture(scope="module")
def plan() -> rota.Rota:
    return rota.rota(WINDOWS, STAFF, CALENDAR, seed=1)


def test_the_same_seed_and_day_give_the_same_rota(plan):
    assert rota.rota(WINDOWS, STAFF, CALENDAR, seed=1) == plan


def test_the_rota_covers_the_last_hundred_days_and_the_next_fourteen(plan):
    days = {shift.day for shift in plan.shifts}
    assert min(days) >= TODAY - timedelta(days=100)
    assert max(days) == TODAY + timedelta(days=14)


def test_a_third_of_the_windows_serve_at_weekends(plan):
    assert len(plan.weekend_windows) == 70
    saturday = date(2026, 10, 17)
    assert {s.window for s in plan.shifts if s.day == saturday} == plan.weekend_windows


def test_the_hall_is_closed_in_a_long_holiday(plan):
    assert not {shift.day for shift in plan.shifts} & HOLIDAY


@pytest.mark.parametrize(
    ("day", "served"),
    [
        (date(2026, 10, 17), True),  # an ordinary Saturday
        (date(2026, 10, 3), False),  # a Saturday inside the holiday
        (date(2026, 10, 12), False),  # a Monday is no weekend
    ],
)
def test_weekend_service_is_on_ordinary_weekends_only(day, served):
    assert CALENDAR.is_weekend_service(day) is served


def test_leaders_take_turns_at_their_two_windows(plan):
    leading = [shift for shift in plan.shifts if shift.kind == "领导"]
    assert {shift.window for shift in leading} == {"A04", "A05"}
    assert len({shift.staff_no for shift in leading}) == people.LEADERS


def test_relief_comes_from_the_same_department(plan):
    department = {p.staff_no: p.department for p in STAFF.people}
    home = {window.number: window.department for window in WINDOWS}
    relief = [shift for shift in plan.shifts if shift.kind == "顶岗"]
    assert len(relief) > 100
    assert all(department[shift.staff_no] == home[shift.window] for shift in relief)


def test_nobody_relieves_two_windows_at_once(plan):
    relief = Counter((s.day, s.staff_no) for s in plan.shifts if s.kind == "顶岗")
    assert set(relief.values()) == {1}


def test_a_few_gaps_and_conflicts_are_planted_in_the_past(plan):
    regular = defaultdict(list)
    for shift in plan.shifts:
        if shift.kind == "日常":
            regular[shift.day, shift.window].append(shift)
    doubled = [
        (day, window)
        for (day, window), shifts in regular.items()
        if len({(s.starts, s.ends) for s in shifts}) < len(shifts)
    ]
    full = sum(len(crew.clerks) for crew in STAFF.crews)
    working = {day for day, _ in regular}
    assert len(doubled) == 8
    assert max(day for day, _ in doubled) < TODAY
    assert sum(map(len, regular.values())) == full * len(working) - 12 + 8
