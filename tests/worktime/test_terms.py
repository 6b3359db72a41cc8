"""The three clocks: what a term ends on, when it turns yellow and redder, and how much of it is left."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalsys.worktime import rules
from evalsys.worktime.rules import Calendar, Clock, Left, Term

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2023, 1, 1), date(2026, 12, 31)
CALENDAR = Calendar(
    {
        day: chinese_calendar.is_workday(day)
        for day in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    }
)

starts = st.builds(
    lambda seconds: datetime(2023, 6, 1, tzinfo=UTC) + timedelta(seconds=seconds),
    st.integers(0, 4 * 365 * 86_400),
)
terms = st.one_of(
    st.integers(0, 20).map(rules.working_days),
    st.builds(Term, st.integers(0, 40 * 60), st.just(Clock.WORKING_HOURS)),
    st.integers(0, 3000).map(rules.minutes),
)


def at(words: str) -> datetime:
    """An instant on the hall's clock; 24:00 belongs to the day before."""
    day, hour = words.split()
    if hour == "24:00":
        return at(f"{date.fromisoformat(day) + timedelta(days=1)} 00:00")
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), SHANGHAI)


def due(start: str, term: Term) -> datetime:
    return rules.due_at(at(start), term, CALENDAR)


# when a term ends


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2024-09-27 10:00", 5, "2024-10-10 24:00"),
        ("2025-01-24 10:00", 5, "2025-02-07 24:00"),
        ("2025-09-30 10:00", 5, "2025-10-14 24:00"),
        ("2025-09-26 10:00", 15, "2025-10-23 24:00"),
        ("2025-09-30 00:00", 5, "2025-10-14 24:00"),
        ("2025-09-30 23:59", 5, "2025-10-14 24:00"),
        ("2024-02-28 23:59", 1, "2024-02-29 24:00"),
        ("2024-02-29 09:00", 1, "2024-03-01 24:00"),
        ("2025-02-28 09:00", 1, "2025-03-03 24:00"),
        ("2024-12-31 09:00", 1, "2025-01-02 24:00"),
        ("2025-10-05 09:00", 0, "2025-10-05 24:00"),
    ],
)
def test_working_days_end_at_midnight_of_the_last(start: str, days: int, end: str) -> None:
    assert due(start, rules.working_days(days)) == at(end)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2025-09-30 09:00", 2, "2025-09-30 11:00"),
        ("2025-09-30 11:00", 2, "2025-09-30 14:30"),
        ("2025-09-30 10:00", 2, "2025-09-30 12:00"),
        ("2025-09-30 17:00", 4, "2025-10-09 14:00"),
        ("2025-09-30 12:30", 1, "2025-09-30 14:30"),
        ("2025-10-11 16:30", 2, "2025-10-13 10:00"),
        ("2024-02-29 17:00", 1, "2024-03-01 09:30"),
    ],
)
def test_working_hours_run_in_office_hours_only(start: str, hours: int, end: str) -> None:
    assert due(start, rules.working_hours(hours)) == at(end)


def test_the_clock_around_the_clock_knows_no_night() -> None:
    assert due("2025-10-01 23:55", rules.minutes(10)) == at("2025-10-02 00:05")
    assert due("2025-10-01 08:00", rules.hours(24)) == at("2025-10-02 08:00")


def test_beyond_what_was_read_monday_to_friday_are_worked() -> None:
    assert rules.due_at(at("2040-11-23 10:00"), rules.working_days(1), CALENDAR) == at("2040-11-26 24:00")


def test_an_instant_without_an_offset_is_no_beginning() -> None:
    with pytest.raises(ValueError, match="offset"):
        rules.due_at(at("2025-09-30 09:00").replace(tzinfo=None), rules.hours(1), CALENDAR)


@pytest.mark.parametrize(
    "hours",
    [
        (),
        ((time(9), time(9)),),
        ((time(12), time(9)),),
        ((time(9), time(12)), (time(11), time(17))),
        ((time(13), time(17)), (time(9), time(12))),
    ],
)
def test_a_calendar_needs_office_hours_in_order(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        Calendar({}, hours)


@settings(deadline=None)
@given(start=starts, term=terms)
def test_a_term_ends_in_utc_and_not_before_it_begins(start: datetime, term: Term) -> None:
    end = rules.due_at(start, term, CALENDAR)
    assert end.tzinfo is UTC
    assert end >= start


@settings(deadline=None)
@given(start=starts, term=terms, more=st.integers(0, 500))
def test_a_longer_term_never_ends_earlier(start: datetime, term: Term, more: int) -> None:
    longer = Term(term.amount + (more if term.clock != Clock.WORKING_DAYS else more % 7), term.clock)
    assert rules.due_at(start, longer, CALENDAR) >= rules.due_at(start, term, CALENDAR)


@settings(deadline=None)
@given(start=starts, term=terms, later=st.timedeltas(timedelta(), timedelta(days=20)))
def test_a_term_that_begins_later_never_ends_earlier(start: datetime, term: Term, later: timedelta) -> None:
    assert rules.due_at(start + later, term, CALENDAR) >= rules.due_at(start, term, CALENDAR)


@settings(deadline=None)
@given(start=starts, amount=st.integers(1, 40 * 60))
def test_working_hours_end_inside_office_hours_or_with_them(start: datetime, amount: int) -> None:
    end = rules.due_at(start, Term(amount, Clock.WORKING_HOURS), CALENDAR).astimezone(SHANGHAI)
    assert CALENDAR.is_working(end.date())
    assert any(opens < end.time() <= closes for opens, closes in rules.OFFICE_HOURS)


@settings(deadline=None)
@given(start=starts, one=st.integers(0, 1000), other=st.integers(0, 1000))
def test_terms_of_hours_add_up(start: datetime, one: int, other: int) -> None:
    for clock in (Clock.WORKING_HOURS, Clock.AROUND_THE_CLOCK):
        first = rules.due_at(start, Term(one, clock), CALENDAR)
        both = rules.due_at(start, Term(one + other, clock), CALENDAR)
        assert rules.due_at(first, Term(other, clock), CALENDAR) == both


@settings(deadline=None)
@given(start=starts, one=st.integers(0, 10), other=st.integers(0, 10))
def test_terms_of_days_add_up(start: datetime, one: int, other: int) -> None:
    first = rules.due_at(start, rules.working_days(one), CALENDAR) - timedelta(microseconds=1)
    both = rules.due_at(start, rules.working_days(one + other), CALENDAR)
    assert rules.due_at(first, rules.working_days(other), CALENDAR) == both


# lights


@pytest.mark.parametrize(
    ("start", "term", "yellow"),
    [
        ("2025-09-30 10:00", rules.working_days(5), "2025-10-13 24:00"),
        ("2025-09-26 10:00", rules.working_days(1), "2025-09-26 24:00"),
        ("2025-10-09 10:00", rules.working_days(2), "2025-10-10 24:00"),
        ("2025-10-05 10:00", rules.working_days(0), "2025-10-05 10:00"),
        ("2025-09-30 09:00", rules.working_hours(4), "2025-09-30 12:00"),
        ("2025-09-30 17:00", rules.working_hours(2), "2025-10-09 10:00"),
        ("2025-10-01 08:00", rules.hours(24), "2025-10-02 02:00"),
    ],
)
def test_little_left_is_yellow(start: str, term: Term, yellow: str) -> None:
    assert rules.yellow_at(at(start), term, due(start, term), CALENDAR) == at(yellow)


def test_ten_minutes_turn_yellow_with_two_and_a_half_left() -> None:
    start, term = at("2025-10-01 08:00"), rules.minutes(10)
    yellow = rules.yellow_at(start, term, rules.due_at(start, term, CALENDAR), CALENDAR)
    assert yellow - start == timedelta(minutes=7, seconds=30)


@settings(deadline=None)
@given(start=starts, term=terms)
def test_yellow_stands_between_the_beginning_and_the_end(start: datetime, term: Term) -> None:
    end = rules.due_at(start, term, CALENDAR)
    assert start <= rules.yellow_at(start, term, end, CALENDAR) <= end


@settings(deadline=None)
@given(start=starts, quarters=st.integers(1, 600))
def test_a_quarter_is_left_when_hours_turn_yellow(start: datetime, quarters: int) -> None:
    for clock in (Clock.WORKING_HOURS, Clock.AROUND_THE_CLOCK):
        term = Term(4 * quarters, clock)
        end = rules.due_at(start, term, CALENDAR)
        yellow = rules.yellow_at(start, term, end, CALENDAR)
        assert rules.left(yellow, end, clock, CALENDAR).amount == quarters
        assert rules.left(yellow - timedelta(seconds=1), end, clock, CALENDAR).amount >= quarters


def test_an_extended_term_turns_yellow_by_its_new_end() -> None:
    start, term = at("2025-10-09 10:00"), rules.working_days(1)
    assert rules.yellow_at(start, term, at("2025-10-17 24:00"), CALENDAR) == at("2025-10-16 24:00")


@pytest.mark.parametrize(
    ("end", "days", "redder"),
    [
        ("2025-09-29 24:00", 2, "2025-10-09 24:00"),
        ("2025-09-29 24:00", 5, "2025-10-13 24:00"),
        ("2025-09-30 11:00", 2, "2025-10-10 24:00"),
        ("2025-10-10 24:00", 1, "2025-10-11 24:00"),
    ],
)
def test_redder_lights_count_working_days_after_the_last(end: str, days: int, redder: str) -> None:
    assert rules.days_later(at(end), days, CALENDAR) == at(redder)


@settings(deadline=None)
@given(start=starts, term=terms, days=st.integers(1, 5))
def test_red_grows_only_redder(start: datetime, term: Term, days: int) -> None:
    end = rules.due_at(start, term, CALENDAR)
    first, second = (rules.days_later(end, n, CALENDAR) for n in (days, days + 1))
    assert end < first < second


# what is left


@settings(deadline=None)
@given(start=starts, term=terms)
def test_nothing_is_left_at_the_end(start: datetime, term: Term) -> None:
    end = rules.due_at(start, term, CALENDAR)
    assert rules.left(end, end, term.clock, CALENDAR) == Left(0, term.clock, is_overdue=False)
    assert rules.left(end + timedelta(seconds=1), end, term.clock, CALENDAR).is_overdue


@settings(deadline=None)
@given(start=starts, term=terms)
def test_the_whole_term_is_left_at_its_beginning(start: datetime, term: Term) -> None:
    end = rules.due_at(start, term, CALENDAR)
    assert rules.left(start, end, term.clock, CALENDAR).amount == term.amount


@settings(deadline=None)
@given(
    start=starts,
    term=terms,
    one=st.timedeltas(timedelta(days=-9), timedelta(days=20)),
    later=st.timedeltas(timedelta(), timedelta(days=9)),
)
def test_less_and_less_is_left(start: datetime, term: Term, one: timedelta, later: timedelta) -> None:
    end = rules.due_at(start, term, CALENDAR)
    before = rules.left(start + one, end, term.clock, CALENDAR)
    after = rules.left(start + one + later, end, term.clock, CALENDAR)
    assert after.amount <= before.amount


@settings(deadline=None)
@given(start=starts, days=st.integers(1, 20), over=st.integers(1, 6))
def test_a_red_that_is_two_days_old_says_two_days(start: datetime, days: int, over: int) -> None:
    end = rules.due_at(start, rules.working_days(days), CALENDAR)
    red = rules.days_later(end, over, CALENDAR)
    assert rules.left(red, end, Clock.WORKING_DAYS, CALENDAR) == Left(
        -over, Clock.WORKING_DAYS, is_overdue=True
    )


@pytest.mark.parametrize(
    ("now", "end", "clock", "words"),
    [
        ("2025-10-09 10:00", "2025-10-13 24:00", Clock.WORKING_DAYS, "还有3个工作日"),
        ("2025-10-13 10:00", "2025-10-13 24:00", Clock.WORKING_DAYS, "今天到期"),
        ("2025-10-14 10:00", "2025-10-13 24:00", Clock.WORKING_DAYS, "已超期,不到1个工作日"),
        ("2025-10-16 10:00", "2025-10-13 24:00", Clock.WORKING_DAYS, "已超期2个工作日"),
        ("2025-10-09 11:00", "2025-10-09 14:30", Clock.WORKING_HOURS, "还有2小时工作时间"),
        ("2025-10-09 14:00", "2025-10-09 14:30", Clock.WORKING_HOURS, "还有30分钟工作时间"),
        ("2025-10-09 16:30", "2025-10-09 11:15", Clock.WORKING_HOURS, "已超期3小时45分钟工作时间"),
        ("2025-10-01 11:00", "2025-10-01 08:00", Clock.AROUND_THE_CLOCK, "已超期3小时"),
        ("2025-10-01 07:01", "2025-10-01 08:00", Clock.AROUND_THE_CLOCK, "还有59分钟"),
        ("2025-10-01 08:00", "2025-10-01 08:00", Clock.AROUND_THE_CLOCK, "还有不到1分钟"),
    ],
)
def test_what_is_left_is_said_in_its_own_units(now: str, end: str, clock: Clock, words: str) -> None:
    sentence, values = rules.words_of(rules.left(at(now), at(end), clock, CALENDAR))
    assert sentence.format(**values) == words


def test_every_state_of_a_clock_has_its_words() -> None:
    for clock in Clock:
        for amount in (0, 1, 59, 60, 61, 120, -1, -59, -60, -61):
            sentence, values = rules.words_of(Left(amount, clock, is_overdue=amount < 0))
            said = sentence.format(**values)
            assert ("超期" in said) == (amount < 0)
            assert "0" not in said.replace("60", "").replace("120", "")
