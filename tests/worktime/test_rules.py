"""Terms in working days, by the vectors of the State Council's notices."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalsys.worktime import rules


@pytest.mark.parametrize(
    ("event", "days", "due"),
    [
        (date(2024, 9, 27), 5, date(2024, 10, 10)),
        (date(2025, 1, 24), 5, date(2025, 2, 7)),
        (date(2025, 9, 30), 5, date(2025, 10, 14)),
        (date(2025, 9, 26), 15, date(2025, 10, 23)),
    ],
)
def test_a_term_follows_the_notice_with_its_working_weekends(event: date, days: int, due: date) -> None:
    assert rules.due_day(event, days, chinese_calendar.is_workday) == due


def test_a_term_of_no_days_ends_on_the_day_of_the_event() -> None:
    assert rules.due_day(date(2026, 1, 1), 0, chinese_calendar.is_workday) == date(2026, 1, 1)


def test_a_term_counts_forwards_only() -> None:
    with pytest.raises(ValueError, match="forwards"):
        rules.due_day(date(2026, 1, 1), -1, rules.is_weekday)


@settings(deadline=None)
@given(event=st.dates(date(2004, 1, 1), date(2026, 10, 1)), days=st.integers(1, 20))
def test_a_term_ends_on_a_working_day_with_as_many_working_days_behind_it(event: date, days: int) -> None:
    due = rules.due_day(event, days, chinese_calendar.is_workday)
    between = [event + timedelta(days=n) for n in range(1, (due - event).days + 1)]
    assert chinese_calendar.is_workday(due)
    assert sum(chinese_calendar.is_workday(day) for day in between) == days
