"""The data steward's calendar: a year to read, a notice to look at and load, office hours to change."""

import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import TestResponse

from evalsys.kernel.database import transaction
from evalsys.worktime import queries, rules
from evalsys.worktime.cli import group
from evalsys.worktime.plan import Day
from tests.builders import signed_in
from tests.pages import PageClient

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

NOTICE = "2027-10-01至2027-10-07 休息 国庆节\n2027-10-09 上班 国庆节调休上班\n"
CSV = "日期,上班/休息,说明\n2027-10-01,休息,国庆节\n2027-10-09,上班,\n".encode()


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 22, 2, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def steward(app: Flask) -> PageClient:
    return signed_in(app, "data-steward")


def words(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def hidden(answer: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', answer.get_data(as_text=True))
    assert found
    return html.unescape(found[1])


def send(client: PageClient, address: str, **fields: object) -> TestResponse:
    page = client.get(address)
    return client.post(address, data={**fields, "csrf_token": hidden(page, "csrf_token")})


def confirm(client: PageClient, preview: TestResponse) -> TestResponse:
    fields = {name: hidden(preview, name) for name in ("csrf_token", "words")}
    return client.post("/admin/calendar/notice/load", data=fields)


def day_of(app: Flask, day: date) -> Day:
    with app.app_context(), transaction() as session:
        return queries.days_between(session, day, day)[day]


# reading


def test_the_present_year_is_shown_with_its_holidays_and_worked_weekends(steward: PageClient) -> None:
    page = steward.get("/admin/calendar")
    said = words(page)
    assert "2026年工作日历" in said
    assert "全年248个工作日" in said
    assert "2026-10-01 周四 – 2026-10-07 周三" in said
    assert "国庆节调休上班" in said
    markup = page.get_data(as_text=True)
    assert markup.count('<table class="month">') == 12
    assert len(re.findall(r'<td class="day[ "]', markup)) == 365
    assert markup.count("班</span></td>") == 6
    assert 'aria-current="date">22' in markup


def test_a_year_without_a_notice_is_marked_provisional(steward: PageClient) -> None:
    said = words(steward.get("/admin/calendar?year=2028"))
    assert "这一年有366天是暂定" in said
    assert "这一年还没有载入放假通知" in said


@pytest.mark.parametrize(("asked", "shown"), [("1999", 2004), ("2099", 2028), ("x", 2026)])
def test_a_year_beyond_the_table_is_the_nearest_there_is(steward: PageClient, asked: str, shown: int) -> None:
    assert f"{shown}年工作日历" in words(steward.get(f"/admin/calendar?year={asked}"))


# loading


def test_pasted_lines_are_looked_at_before_they_are_loaded(app: Flask, steward: PageClient) -> None:
    preview = send(steward, "/admin/calendar/notice", words=NOTICE)
    assert "6天会改上班或休息,还没有写入" in words(preview)
    assert "2027-10-09 周六 休息 暂定 上班 国庆节调休上班" in words(preview)
    assert day_of(app, date(2027, 10, 1)).working
    loaded = confirm(steward, preview)
    assert loaded.location == "/admin/calendar?year=2027"
    assert day_of(app, date(2027, 10, 1)) == Day(date(2027, 10, 1), False, False, "国庆节")
    said = words(steward.get(loaded.location))
    assert "2027年的通知已载入:6天改了上班或休息" in said
    assert "暂定" not in said


def test_a_file_is_looked_at_and_loaded_the_same_way(app: Flask, steward: PageClient) -> None:
    preview = send(steward, "/admin/calendar/notice", file=(io.BytesIO(CSV), "2027.csv"))
    assert "2天会改上班或休息" in words(preview)
    assert confirm(steward, preview).status_code == 302
    assert day_of(app, date(2027, 10, 9)).working


def test_a_notice_with_a_fault_changes_nothing_and_keeps_what_was_pasted(
    app: Flask, steward: PageClient
) -> None:
    page = send(steward, "/admin/calendar/notice", words=NOTICE + "2027-02-30 休息\n")
    assert page.status_code == 422
    assert "有1处要改,一天都没有载入" in words(page)
    assert "没有“2027-02-30”这一天" in words(page)
    assert "国庆节调休上班" in page.get_data(as_text=True)
    assert day_of(app, date(2027, 10, 1)).working


def test_a_file_or_lines_must_be_given_and_not_both(steward: PageClient) -> None:
    nothing = send(steward, "/admin/calendar/notice", words=" ")
    both = send(steward, "/admin/calendar/notice", words=NOTICE, file=(io.BytesIO(CSV), "2027.csv"))
    for page in (nothing, both):
        assert page.status_code == 422
        assert "请选一个文件,或者粘贴几行" in words(page)


def test_what_stands_already_needs_no_loading(steward: PageClient) -> None:
    page = send(steward, "/admin/calendar/notice", words="2026-10-01 休息 国庆节")
    assert "通知里的日子都已经是这样了" in words(page)
    assert "确认载入" not in words(page)


def test_lines_changed_behind_the_preview_are_refused_whole(app: Flask, steward: PageClient) -> None:
    preview = send(steward, "/admin/calendar/notice", words=NOTICE)
    fields = {"csrf_token": hidden(preview, "csrf_token"), "words": NOTICE + "2027-13-01,休息"}
    page = steward.post("/admin/calendar/notice/load", data=fields)
    assert page.status_code == 422
    assert "一天都没有载入" in words(page)
    assert day_of(app, date(2027, 10, 1)).working


# office hours


def hours_of(app: Flask) -> tuple[tuple[time, time], ...]:
    with app.app_context(), transaction() as session:
        return queries.office_hours(session)


def test_office_hours_are_shown_and_changed(app: Flask, steward: PageClient) -> None:
    assert hidden(steward.get("/admin/calendar"), "hours") == "09:00-12:00、13:30-17:30"
    assert send(steward, "/admin/calendar", hours="8:30-12:00 14:00-18:00").status_code == 302
    assert hours_of(app) == ((time(8, 30), time(12)), (time(14), time(18)))
    assert "办公时间已保存" in words(steward.get("/admin/calendar"))


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ("", "请填办公时间"),
        ("上午", "看不懂“上午”"),
        ("09:00-12:00、11:00-15:00", "各段时间不能重叠"),
        ("09:00-09:30", "合起来至少要有1小时"),
    ],
)
def test_hours_that_are_none_stay_on_the_form_with_a_sentence(
    app: Flask, steward: PageClient, hours: str, sentence: str
) -> None:
    page = send(steward, "/admin/calendar", hours=hours)
    assert page.status_code == 422
    assert sentence in words(page)
    assert hours_of(app) == rules.OFFICE_HOURS


# the command


def test_the_command_loads_a_file(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_bytes(CSV)
    with app.app_context():
        tried = CliRunner().invoke(group, ["load", "--dry-run", str(file)])
        assert "试载入,没有写入2027年的通知:2天改了上班或休息" in tried.output
    assert day_of(app, date(2027, 10, 1)).working
    with app.app_context():
        done = CliRunner().invoke(group, ["load", str(file)])
    assert done.exit_code == 0, done.output
    assert "2027-10-01 改为休息 国庆节" in done.output
    assert not day_of(app, date(2027, 10, 1)).working


def test_the_command_names_every_fault_and_loads_nothing(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_bytes(CSV + "2027-10-32,休息,\n2027-10-02,玩,\n".encode())
    with app.app_context():
        done = CliRunner().invoke(group, ["load", str(file)])
    assert done.exit_code == 1
    assert "“2027”第4行日期:" in done.output
    assert "有2处要改,一天都没有载入。" in done.output
    assert day_of(app, date(2027, 10, 1)).working
