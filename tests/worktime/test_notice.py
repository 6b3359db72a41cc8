"""A year's notice: what is read, what it would change, what is written, and who hears of it."""

import io
import json
from datetime import date, time

import openpyxl
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.sheets import files
from evalsys.kernel.sheets.cells import Unreadable
from evalsys.worktime import actions, cells, queries, rules, workbook
from evalsys.worktime.events import CalendarChanged
from evalsys.worktime.models import CalendarDay
from evalsys.worktime.plan import Plan

TODAY = date(2026, 11, 22)
NOTICE = """\
2027-01-01至2027-01-03 休息 元旦
2027-10-01~10月7日 休息 国庆节
2027-10-09 上班 国庆节调休上班
"""
FLIPPED = ["2027-01-01", "2027-10-01", "2027-10-04", "2027-10-05", "2027-10-06", "2027-10-07", "2027-10-09"]


def planned(session: Session, words: str) -> Plan:
    return queries.plan_of_notice(session, workbook.pasted(words), TODAY)[0]


def loaded(session: Session, words: str) -> Plan:
    plan = planned(session, words)
    actions.load_notice(session, plan, None)
    return plan


def read(words: str) -> list[tuple[str, bool, str]]:
    notice = workbook.notice_in(workbook.pasted(words))
    assert notice.faults == ()
    return [(str(each.day), each.working, each.words) for each in notice.days]


def complaints(words: str) -> list[str]:
    return [str(fault) for fault in workbook.notice_in(workbook.pasted(words)).faults]


# reading


@pytest.mark.parametrize(
    "line",
    [
        "2027-10-01 休息 国庆节",
        "2027-10-01,休息,国庆节",
        "2027-10-01\uff0c休息\uff0c国庆节",
        "2027-10-01\t休\t国庆节",
        "2027年10月1日 放假 国庆节",
        "二〇二七年十月一日 放假 国庆节",
        "20271001,休息日,国庆节",
        "  2027/10/1   休息   国庆节  ",
        "2027年10月1日(星期五) 休息 国庆节",
        "日期,上班/休息,说明\n2027-10-01,休息,国庆节",
        "说明,上班或休息,日期\n国庆节,休息,2027-10-01",
    ],
)
def test_a_day_may_be_written_in_many_ways(line: str) -> None:
    assert read(line) == [("2027-10-01", False, "国庆节")]


@pytest.mark.parametrize(
    "run",
    [
        "2027-10-01至2027-10-03",
        "2027-10-01到10-03",
        "2027年10月1日~10月3日",
        "2027年10月1日(周五)至3日(周日)",
        "2027.10.1—10.3",
    ],
)
def test_a_row_may_name_a_run_of_days(run: str) -> None:
    assert [day for day, *_ in read(f"{run} 休息 国庆节")] == ["2027-10-01", "2027-10-02", "2027-10-03"]


def test_a_run_may_lead_into_the_next_year() -> None:
    assert [day for day, *_ in read("2026-12-31至2027-01-01 休息")] == ["2026-12-31", "2027-01-01"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "没有读到任何一天"),
        ("2027-02-29 休息", "第1行日期:没有“2027-02-29”这一天"),
        ("元旦 休息", "第1行日期:看不懂日期“元旦”"),
        ("2027-10-01 歇着", "第1行上班/休息:不认识“歇着”"),
        ("2027-10-01", "第1行上班/休息:没有填"),
        ("日期,上班/休息\n,休息", "第2行日期:没有填"),
        ("2027-10-01,休息,=1+1", "第1行说明:不能以“=”开头"),
        ("2027-10-07至10-01 休息", "第1行日期:从2027-10-07到2027-10-01不是一段"),
        ("2027-01-01至12-31 休息", "第1行日期:从2027-01-01到2027-12-31不是一段"),
        ("2027-01-01至01-02至01-03 休息", "第1行日期:一行只能写一段"),
        ("2027-10-01 休息\n2027-10-01 上班", "第2行:2027-10-01在第1行写的是“休息”"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_row(lines: str, sentence: str) -> None:
    (said,) = complaints(lines)
    assert sentence in said


def test_every_fault_is_named_at_once() -> None:
    assert len(complaints("2027-13-01 休息\n2027-10-01 休息\n2027-10-02 玩")) == 2


def test_a_spreadsheet_with_real_dates_is_read() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["2027年放假安排"])
    sheet.append(["日期", "上班/休息", "说明"])
    sheet.append([date(2027, 10, 1), "休息", "国庆节"])
    sheet.append([date(2027, 10, 9), "上班", None])
    content = io.BytesIO()
    book.save(content)
    notice = workbook.notice_in(files.read([("notice.xlsx", content.getvalue())]))
    assert notice.faults == ()
    assert [(str(each.day), each.working, each.words) for each in notice.days] == [
        ("2027-10-01", False, "国庆节"),
        ("2027-10-09", True, ""),
    ]


def test_a_file_that_cannot_be_opened_is_a_fault() -> None:
    notice = workbook.notice_in(files.read([("notice.xlsx", b"PK\x03\x04 broken")]))
    assert "打不开" in str(notice.faults[0])


def test_what_was_looked_at_is_what_is_loaded() -> None:
    notice = workbook.notice_in(workbook.pasted(NOTICE + "2027-12-31,休息,换,个 说法"))
    again = workbook.notice_in(workbook.pasted(workbook.lines_of(notice)))
    assert [(e.day, e.working) for e in again.days] == [(e.day, e.working) for e in notice.days]
    assert [e.words for e in again.days][-1] == "换 个 说法"


# planning and loading


def test_a_plan_names_the_days_that_would_change(session: Session) -> None:
    plan = planned(session, NOTICE)
    assert (plan.year, plan.faults) == (2027, ())
    assert [str(change.day) for change in plan.flipped] == FLIPPED
    assert plan.settled == 365 - len(FLIPPED)
    assert queries.is_working_day(session, date(2027, 10, 1))


def test_a_loaded_year_is_settled_and_its_neighbours_stay(session: Session) -> None:
    loaded(session, NOTICE)
    session.expire_all()
    year = queries.days_between(session, date(2027, 1, 1), date(2027, 12, 31)).values()
    assert not any(day.provisional for day in year)
    assert queries.days_between(session, date(2027, 10, 9), date(2027, 10, 9)).popitem()[1].notice == (
        "国庆节调休上班"
    )
    provisional = select(func.count()).where(CalendarDay.provisional)
    assert session.scalar(provisional) == 366


def test_a_deadline_moves_with_the_notice(session: Session) -> None:
    start = clock.at(date(2027, 9, 30), time(10))
    before = queries.deadline(session, start, rules.working_days(2))
    loaded(session, NOTICE)
    assert before == clock.end_of(date(2027, 10, 4))
    assert queries.deadline(session, start, rules.working_days(2)) == clock.end_of(date(2027, 10, 9))


def test_loading_is_journaled_and_announced(session: Session, heard: list[object]) -> None:
    loaded(session, NOTICE)
    entry = session.execute(select(JournalEntry).where(JournalEntry.verb == "load-calendar")).scalar_one()
    assert entry.object == "2027"
    flipped = json.loads(entry.details)["flipped"]
    assert [words.split()[0] for words in flipped] == FLIPPED
    assert flipped[-1] == "2027-10-09 上班"
    assert heard == [CalendarChanged(date(2027, 1, 1), date(2027, 10, 9))]


def test_loading_it_again_changes_nothing(session: Session, heard: list[object]) -> None:
    loaded(session, NOTICE)
    heard.clear()
    assert loaded(session, NOTICE).changes == ()
    assert heard == []
    entries = select(func.count()).where(JournalEntry.verb == "load-calendar")
    assert session.scalar(entries) == 1


def test_a_settled_year_changes_only_where_the_notice_says_so(session: Session, heard: list[object]) -> None:
    plan = loaded(session, "2026-12-31 休息 元旦")
    assert [(str(change.day), change.flips) for change in plan.changes] == [("2026-12-31", True)]
    assert not queries.is_working_day(session, date(2026, 10, 1))
    assert heard == [CalendarChanged(date(2026, 12, 31), date(2026, 12, 31))]


def test_a_notice_may_name_days_of_the_year_before(session: Session) -> None:
    plan = loaded(session, "2026-12-31至2027-01-02 休息 元旦")
    assert plan.year == 2027
    assert not queries.is_working_day(session, date(2026, 12, 31))


def test_a_day_without_words_keeps_those_it_has_unless_it_turns(session: Session) -> None:
    loaded(session, "2026-10-01 休息\n2026-10-02 上班")
    days = queries.days_between(session, date(2026, 10, 1), date(2026, 10, 2))
    assert [day.notice for day in days.values()] == ["国庆节", ""]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("2027-10-01 休息\n2027-10-02 休息\n2025-10-01 休息", "第3行日期:2025-10-01不在2027年前后"),
        ("2072-10-01 休息", "2072-10-01不在2004年到2028年之间"),
        ("2003-10-01 休息", "2003-10-01不在2004年到2028年之间"),
    ],
)
def test_days_far_from_the_year_are_slips_of_the_pen(session: Session, lines: str, sentence: str) -> None:
    plan = planned(session, lines)
    (said,) = (str(fault) for fault in plan.faults)
    assert sentence in said
    assert plan.changes == ()


def test_a_notice_with_one_fault_changes_nothing(session: Session, heard: list[object]) -> None:
    with pytest.raises(actions.FaultyNotice, match="1处要改"):
        loaded(session, NOTICE + "2027-13-01 休息")
    assert queries.is_working_day(session, date(2027, 10, 1))
    assert heard == []


def test_settling_days_by_the_yearly_seeding_is_announced(session: Session, heard: list[object]) -> None:
    guess = {"working": True, "provisional": True, "notice": ""}
    holidays = CalendarDay.day.between(date(2026, 10, 1), date(2026, 10, 8))
    session.execute(update(CalendarDay).where(holidays).values(guess))
    assert actions.seed_calendar(session, TODAY) == 8
    # The eighth was a working day and is one: settled, and no term ends elsewhere.
    assert heard == [CalendarChanged(date(2026, 10, 1), date(2026, 10, 7))]
    entry = session.execute(select(JournalEntry).where(JournalEntry.verb == "settle-calendar")).scalar_one()
    assert (entry.object, json.loads(entry.details)["days"]) == ("2026", 8)


def test_seeding_what_stands_is_not_announced(session: Session, heard: list[object]) -> None:
    actions.seed_calendar(session, TODAY)
    actions.seed_calendar(session, date(2027, 1, 1))
    assert heard == []


# hours as they are written


@pytest.mark.parametrize(
    "words",
    [
        "09:00-12:00、13:30-17:30",
        "9:00–12:00, 13:30–17:30",
        "13:30至17:30;9:00至12:00",
        "上午9点到12点 下午1点半到5点半",
        "09:00-12:00 13:30-17:30",
        "0900~1200\uff0c1330~1730",
    ],
)
def test_hours_may_be_written_in_many_ways(words: str) -> None:
    assert cells.stretches_in(words) == rules.OFFICE_HOURS


def test_hours_are_shown_as_they_can_be_read_again() -> None:
    for words in ("09:00-12:00、13:30-17:30", "18:00-24:00", ""):
        assert cells.words_of_stretches(cells.stretches_in(words)) == words


@pytest.mark.parametrize("words", ["9点", "12:00-09:00", "09:00-12:00、11:00-15:00", "25:00-26:00", "上午"])
def test_hours_that_are_none_are_refused(words: str) -> None:
    with pytest.raises(Unreadable):
        cells.stretches_in(words)
