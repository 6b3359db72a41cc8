"""The page on which the data steward says when a hall is open."""

import re
from datetime import date, time

import pytest
from flask import Flask

from evalsys.kernel import clock, journal
from evalsys.kernel.database import transaction
from evalsys.organisation.queries.halls import hall_by_code
from evalsys.worktime import queries
from tests.builders import a_window, signed_in
from tests.pages import PageClient

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

PAGE = "/admin/organisation/halls/C/hours"
WEEK = {
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "9:00-12:00 13:30-17:30"),
    "saturday": "09:30-12:00",
}


@pytest.fixture
def steward(app: Flask) -> PageClient:
    with app.app_context(), transaction() as session:
        a_window(session)
    return signed_in(app, "data-steward")


def sent(client: PageClient, **fields: str) -> tuple[int, str]:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(PAGE).get_data(as_text=True))
    assert token
    page = client.post(PAGE, data={**fields, "csrf_token": token[1]})
    return page.status_code, page.get_data(as_text=True)


def is_open(app: Flask, day: date, hour: time) -> bool:
    with app.app_context(), transaction() as session:
        hall = hall_by_code(session, "C")
        assert hall is not None
        return queries.hall_is_open(session, hall.id, clock.at(day, hour))


def test_the_hours_of_a_week_are_saved_and_shown_again(app: Flask, steward: PageClient) -> None:
    assert sent(steward, **WEEK)[0] == 302
    assert is_open(app, date(2026, 11, 20), time(10))
    assert is_open(app, date(2026, 11, 21), time(10))
    assert not is_open(app, date(2026, 11, 22), time(10))
    page = steward.get(PAGE).get_data(as_text=True)
    assert page.count('value="09:00-12:00、13:30-17:30"') == 5
    assert 'value="09:30-12:00"' in page
    with app.app_context(), transaction() as session:
        assert journal.last_object(session, "set-hall-hours") == "1"


def test_a_line_that_cannot_be_read_stands_beside_its_sentence(app: Flask, steward: PageClient) -> None:
    status, page = sent(steward, **{**WEEK, "tuesday": "早上"})
    assert status == 422
    assert "周二:看不懂“早上”" in page
    assert 'value="早上"' in page
    assert not is_open(app, date(2026, 11, 20), time(10))


def test_emptied_lines_close_the_hall(app: Flask, steward: PageClient) -> None:
    sent(steward, **WEEK)
    assert sent(steward)[0] == 302
    assert not is_open(app, date(2026, 11, 20), time(10))


def test_the_overview_leads_to_the_hours_of_each_hall(steward: PageClient) -> None:
    assert f'href="{PAGE}"' in steward.get("/admin/organisation").get_data(as_text=True)


def test_a_hall_that_is_none_has_no_hours(steward: PageClient) -> None:
    assert steward.get("/admin/organisation/halls/XX/hours").status_code == 404
