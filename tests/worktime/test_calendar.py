"""The table of working days, on both engines."""

from datetime import date, time, timedelta

import chinese_calendar
import pytest
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from evalsys.kernel import clock, journal
from evalsys.kernel.models import JournalEntry
from evalsys.worktime import actions, cells, queries, rules
from evalsys.worktime.events import CalendarChanged
from evalsys.worktime.models import CalendarDay, OfficeHours
from tests.builders import a_window

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


WORKED_WEEKENDS = """
2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12
2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10
"""


def test_the_worked_weekends_of_three_years_are_those_of_the_notices(session: Session) -> None:
    days = queries.days_between(session, date(2024, 1, 1), date(2026, 12, 31)).values()
    worked = {str(day.day) for day in days if day.is_moved and day.working}
    assert worked == set(WORKED_WEEKENDS.split())


@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_its_notice_leaves(session: Session, year: int, days: int) -> None:
    whole = queries.days_between(session, date(year, 1, 1), date(year, 12, 31))
    assert len(whole) == 365 + (year == 2024)
    assert sum(day.working for day in whole.values()) == days


# terms over the table


def test_a_deadline_follows_the_table(session: Session) -> None:
    start = clock.at(date(2025, 9, 30), time(17))
    assert queries.deadline(session, start, rules.working_days(5)) == clock.end_of(date(2025, 10, 14))
    assert queries.deadline(session, start, rules.working_hours(4)) == clock.at(date(2025, 10, 9), time(14))
    assert queries.deadline(session, start, rules.hours(2)) == clock.at(date(2025, 9, 30), time(19))


def test_a_long_deadline_is_not_cut_short_by_what_was_read(session: Session) -> None:
    start = clock.at(date(2026, 1, 30), time(9))
    actions.set_office_hours(session, ((time(9), time(10)),), TODAY, None)
    due = queries.deadline(session, start, rules.working_hours(60))
    last = rules.due_day(date(2026, 1, 30), 59, chinese_calendar.is_workday)
    assert due == clock.at(last, time(10))


def test_the_calendar_is_read_by_two_statements(session: Session) -> None:
    told: list[str] = []
    event.listen(
        session.connection(), "before_cursor_execute", lambda _c, _k, statement, *_: told.append(statement)
    )
    calendar = queries.calendar(session, date(2025, 9, 1), date(2025, 10, 31))
    assert calendar.is_working(date(2025, 10, 11))
    assert not calendar.is_working(date(2025, 10, 8))
    assert calendar.office_hours == rules.OFFICE_HOURS
    assert len(told) == 2


# office hours


def test_other_office_hours_are_kept_journaled_and_announced(session: Session, heard: list[object]) -> None:
    hours = ((time(8, 30), time(12)), (time(14), time(18)))
    actions.set_office_hours(session, hours, TODAY, None)
    assert queries.office_hours(session) == hours
    entry = session.execute(select(JournalEntry).where(JournalEntry.verb == "set-office-hours")).scalar_one()
    assert "09:00-12:00、13:30-17:30" in entry.details
    assert heard == [CalendarChanged(TODAY, date(2028, 12, 31))]


def test_the_same_office_hours_change_nothing(session: Session, heard: list[object]) -> None:
    actions.set_office_hours(session, rules.OFFICE_HOURS, TODAY, None)
    assert heard == []
    assert journal.last_object(session, "set-office-hours") is None


@pytest.mark.parametrize(
    "hours", [(), ((time(9), time(9, 59)),), ((time(9), time(12)), (time(11), time(17)))]
)
def test_office_hours_no_clock_could_run_by_are_refused(
    session: Session, hours: tuple[tuple[time, time], ...]
) -> None:
    with pytest.raises(actions.UnfitHours):
        actions.set_office_hours(session, hours, TODAY, None)


# opening hours of a hall

WEEK = ((time(9), time(12)), (time(13, 30), time(17, 30)))
SATURDAY = ((time(9, 30), time(12)),)


@pytest.fixture
def hall_id(session: Session) -> int:
    hall_id = a_window(session).hall_id
    actions.set_hall_hours(session, hall_id, {**dict.fromkeys(range(5), WEEK), 5: SATURDAY}, None)
    return hall_id


@pytest.mark.parametrize(
    ("day", "hour", "is_open"),
    [
        (date(2026, 11, 20), time(9), True),
        (date(2026, 11, 20), time(8, 59), False),
        (date(2026, 11, 20), time(12), False),
        (date(2026, 11, 20), time(17, 29), True),
        (date(2026, 11, 21), time(10), True),
        (date(2026, 11, 21), time(14), False),
        (date(2026, 11, 22), time(10), False),
        (date(2026, 10, 1), time(10), False),
        (date(2026, 10, 3), time(10), False),
        (date(2026, 10, 10), time(14), True),
        (date(2026, 9, 20), time(14), True),
    ],
)
def test_a_hall_is_open_in_its_hours_and_never_on_a_holiday(
    session: Session, hall_id: int, day: date, hour: time, is_open: bool
) -> None:
    assert queries.hall_is_open(session, hall_id, clock.at(day, hour)) is is_open


def test_weekend_service_does_not_make_a_working_day(session: Session, hall_id: int) -> None:
    saturday = date(2026, 11, 21)
    assert queries.hall_hours_on(session, hall_id, saturday) == SATURDAY
    assert not queries.is_working_day(session, saturday)
    assert queries.working_days_after(session, date(2026, 11, 20), 1) == date(2026, 11, 23)


def test_a_hall_of_which_nothing_is_known_is_not_said_to_be_open(session: Session, hall_id: int) -> None:
    actions.set_hall_hours(session, hall_id, {}, None)
    assert not queries.hall_is_open(session, hall_id, clock.at(date(2026, 11, 20), time(10)))


def test_a_hall_that_is_open_to_midnight_is_open_until_then(session: Session, hall_id: int) -> None:
    actions.set_hall_hours(session, hall_id, {4: cells.stretches_in("18:00-24:00")}, None)
    assert queries.hall_is_open(session, hall_id, clock.at(date(2026, 11, 20), time(23, 59, 59)))
    assert not queries.hall_is_open(session, hall_id, clock.end_of(date(2026, 11, 20)))


def test_hall_hours_that_overlap_are_refused(session: Session, hall_id: int) -> None:
    with pytest.raises(actions.UnfitHours):
        actions.set_hall_hours(session, hall_id, {0: (*WEEK, (time(11), time(14)))}, None)
