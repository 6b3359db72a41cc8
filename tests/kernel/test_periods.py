"""Days asked for, and weeks that nest in months and quarters."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsys.kernel import periods
from evalsys.kernel.periods import BadPeriod, Closing, Period, closing_named, closing_of, period_asked

TODAY = date(2026, 3, 31)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def test_the_default_is_the_last_ninety_days_with_today():
    period = period_asked("", "", TODAY)
    assert period.last == TODAY
    assert period.days == 90


def test_both_ends_are_included():
    period = period_asked("2026-03-01", "2026-03-31", TODAY)
    assert period.days == 31
    assert period.before == Period(date(2026, 1, 29), date(2026, 2, 28))


def test_one_end_alone_is_filled_up():
    assert period_asked("2026-03-01", "", TODAY) == Period(date(2026, 3, 1), TODAY)
    assert period_asked("", "2026-01-31", TODAY).days == 90
    assert period_asked("2026-05-01", "", TODAY) == Period(date(2026, 5, 1), date(2026, 5, 1))


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-2-3", "31.03.2026", "2026-W05-1", "20260331", "\uff12026-03-31", "x" * 200]
)
def test_a_day_that_is_none_is_refused_with_a_sentence(text):
    with pytest.raises(BadPeriod, match="请写成 2026-03-31 这样") as refusal:
        period_asked(text, "", TODAY)
    assert len(str(refusal.value)) < 90


def test_years_out_of_reach_are_refused():
    with pytest.raises(BadPeriod):
        period_asked("1899-01-01", "", TODAY)
    with pytest.raises(BadPeriod):
        period_asked("", "9999-12-31", TODAY)


def test_days_the_wrong_way_round_are_refused():
    with pytest.raises(BadPeriod, match="请对调"):
        period_asked("2026-03-02", "2026-03-01", TODAY)


@given(days)
def test_each_week_lies_wholly_in_one_month_and_each_month_in_one_quarter(day):
    week, month, quarter = (closing_of(kind, day) for kind in periods.KINDS)
    for inner, outer in ((week, month), (month, quarter), (week, quarter)):
        assert outer.holds(inner)
        assert not inner.holds(outer)
        assert outer.period.first <= inner.period.first
        assert inner.period.last <= outer.period.last
    assert week.period.first <= day <= week.period.last


@given(days, st.sampled_from(periods.KINDS))
def test_periods_of_a_kind_follow_one_another_without_gap(day, kind):
    closing = closing_of(kind, day)
    after = closing_of(kind, closing.period.last + timedelta(days=1))
    assert after.period.first == closing.period.last + timedelta(days=1)
    assert after.starts > closing.starts


@given(days, st.sampled_from(periods.KINDS))
def test_a_period_is_found_again_by_its_name_and_by_its_days(day, kind):
    closing = closing_of(kind, day)
    assert closing_named(closing.name) == closing
    assert periods.closing_of_days(closing.period) == closing


@pytest.mark.parametrize(
    ("kind", "day", "name"),
    [
        ("week", date(2026, 1, 1), "2026-W01"),
        ("week", date(2027, 1, 3), "2026-W53"),
        ("month", date(2026, 1, 31), "2026-01"),
        ("month", date(2026, 3, 30), "2026-04"),
        ("quarter", date(2025, 12, 30), "2026-Q1"),
    ],
)
def test_a_week_belongs_to_the_month_and_quarter_of_its_thursday(kind, day, name):
    assert closing_of(kind, day).name == name


def test_a_period_is_closed_when_its_last_day_is_over():
    week = closing_named("2026-W05")
    assert not week.closed(week.period.last)
    assert week.closed(week.period.last + timedelta(days=1))


@pytest.mark.parametrize(
    "name", ["", "2026", "2026-W54", "2026-13", "2026-Q5", "9999-12", "0000-01", "2026-00"]
)
def test_a_period_of_no_name_is_refused(name):
    with pytest.raises(BadPeriod, match="没有"):
        closing_named(name)


def test_days_that_are_no_whole_period_have_none():
    assert periods.closing_of_days(Period(date(2026, 3, 1), date(2026, 3, 31))) is None
    assert Closing("week", date(2026, 3, 30)).number == 14
