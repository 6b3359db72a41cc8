"""The table of working days, on both engines."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from evalsys.worktime import actions, queries, rules
from evalsys.worktime.models import CalendarDay, OfficeHours

TODAY = date(2026, 11, 22)


def days(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CalendarDay)) or 0


def test_the_table_reaches_to_the_end_of_the_year_after_next(session: Session) -> None:
    actions.seed_calendar(session, TODAY)
    first, last = session.execute(select(func.min(CalendarDay.day), func.max(CalendarDay.day))).one()
    assert (first, last) == (date(2004, 1, 1), date(2028, 12, 31))
    assert days(session) == (last - first).days + 1


def test_a_day_without_a_notice_is_provisional(session: Session) -> None:
    actions.seed_calendar(session, TODAY)
    known, unknown = (
        session.get_one(CalendarDay, date(2026, 10, 1)),
        session.get_one(CalendarDay, date(2028, 10, 3)),
    )
    assert (known.working, known.provisional, known.notice) == (False, False, "国庆节")
    assert (unknown.working, unknown.provisional, unknown.notice) == (True, True, "")


def test_a_weekend_that_is_worked_says_why(session: Session) -> None:
    day = session.get_one(CalendarDay, date(2025, 10, 11))
    assert (day.working, day.provisional, day.notice) == (True, False, "国庆节调休上班")


def test_seeding_again_changes_nothing(session: Session) -> None:
    actions.seed_calendar(session, TODAY)
    before = days(session)
    assert actions.seed_calendar(session, TODAY) == 0
    assert days(session) == before
    assert session.scalar(select(func.count()).select_from(OfficeHours)) == 2


def test_a_year_later_only_the_new_year_is_added(session: Session) -> None:
    actions.seed_calendar(session, TODAY)
    assert actions.seed_calendar(session, date(2027, 1, 1)) == 365
    assert session.scalar(select(func.max(CalendarDay.day))) == date(2029, 12, 31)


def test_what_an_administrator_loaded_is_kept(session: Session) -> None:
    actions.seed_calendar(session, TODAY)
    day = date(2027, 10, 4)
    loaded = {"working": False, "provisional": False, "notice": "国庆节"}
    session.execute(update(CalendarDay).where(CalendarDay.day == day).values(loaded))
    actions.seed_calendar(session, TODAY)
    assert not queries.is_working_day(session, day)


def test_a_provisional_day_is_settled_once_its_notice_is_known(session: Session) -> None:
    actions.seed_calendar(session, TODAY)
    day = date(2026, 10, 1)
    guess = {"working": True, "provisional": True, "notice": ""}
    session.execute(update(CalendarDay).where(CalendarDay.day == day).values(guess))
    assert actions.seed_calendar(session, TODAY) == 1
    session.expire_all()
    assert not queries.is_working_day(session, day)


@pytest.mark.parametrize(
    ("event", "term", "due"),
    [
        (date(2024, 9, 27), 5, date(2024, 10, 10)),
        (date(2025, 1, 24), 5, date(2025, 2, 7)),
        (date(2025, 9, 30), 5, date(2025, 10, 14)),
        (date(2025, 9, 26), 15, date(2025, 10, 23)),
        (date(2025, 9, 26), 0, date(2025, 9, 26)),
    ],
)
def test_a_term_follows_the_table(session: Session, event: date, term: int, due: date) -> None:
    assert queries.working_days_after(session, event, term) == due


def test_beyond_the_table_monday_to_friday_are_taken_as_working(session: Session) -> None:
    friday = date(2040, 11, 23)
    assert queries.is_working_day(session, friday)
    assert not queries.is_working_day(session, friday + timedelta(days=1))
    assert queries.working_days_after(session, friday, 1) == date(2040, 11, 26)


def test_a_long_term_is_not_cut_short_by_what_was_read(session: Session) -> None:
    session.execute(delete(CalendarDay).where(CalendarDay.day > date(2026, 12, 31)))
    due = rules.due_day(date(2026, 1, 31), 60, chinese_calendar.is_workday)
    assert queries.working_days_after(session, date(2026, 1, 31), 60) == due
