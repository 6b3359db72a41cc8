"""The clerk's side: the same addresses by released periods, and the console."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.periods import WEEKS, Closing, closing_of
from evalsys.scoring import actions
from tests.builders import a_clerk, a_window
from tests.conftest import Inside
from tests.dashboards.offices import an_account, signed_in
from tests.pages import PageClient
from tests.scoring.halls import summed, tagged


def last_week() -> Closing:
    return closing_of(WEEKS, clock.today() - timedelta(days=7))


@pytest.fixture
def token(committed: Inside) -> str:
    """Last week 40 ratings at the own window, 4 at another, 50 in another unit; this week 1000 more."""

    def make(session: Session) -> str:
        window, clerk = a_window(session), a_clerk(session)
        summed(session, window, 36, 0, 0, 2, 2, day=last_week().starts, staff_id=clerk)
        summed(session, a_window(session, "27"), 4, day=last_week().starts)
        summed(session, a_window(session, "25", "SOC"), 50, day=last_week().starts)
        summed(session, window, 0, 0, 0, 0, 1000, day=clock.today())
        tagged(session, window, "517", 6, day=last_week().starts)
        tagged(session, window, "115", 3, day=last_week().starts)
        actions.release_periods(session, clock.now())
        return an_account(session, "window-manager", window.unit_id)

    return str(committed(make))


def as_json(client: PageClient, token: str, query: str = "", subject: str = "windows"):
    return client.get(f"/api/v1/rankings/{subject}{query}", headers={"Authorization": f"Bearer {token}"})


def test_a_manager_sees_the_latest_released_week_of_the_own_windows(client: PageClient, token: str) -> None:
    said = as_json(client, token, f"?period={last_week().name}").get_json()
    assert [(row["code"], row["n"]) for row in said["rows"]] == [("C-24", 40)]
    assert (said["from"], said["to"]) == (
        last_week().period.first.isoformat(),
        last_week().period.last.isoformat(),
    )
    assert said["rows"][0]["channels"]["on-the-go"] == {"n": 40, "good": 36}


def test_a_managers_numbers_are_never_live(client: PageClient, token: str) -> None:
    for subject in ("windows", "staff", "departments"):
        said = as_json(client, token, f"?period={last_week().name}", subject).get_json()
        assert said["total"]["n"] == 40
        assert as_json(client, token, "", subject).get_json()["total"]["n"] in (0, 40)


def test_any_other_days_are_refused(client: PageClient, token: str) -> None:
    week = last_week().period
    exact = f"?from={week.first}&to={week.last}"
    assert as_json(client, token, exact).get_json()["total"]["n"] == 40
    answer = as_json(client, token, f"?from={week.first}&to={week.last - timedelta(days=1)}")
    assert answer.status_code == 422
    assert "整周" in answer.get_json()["error"]["message"]
    assert as_json(client, token, "?entry=tablet").status_code == 422
    assert as_json(client, token, "?department=SOC").status_code == 422
    assert as_json(client, token, "?period=2026-W99").status_code == 422


@pytest.mark.parametrize("subject", ["windows", "staff", "departments"])
def test_pages_and_files_are_released_ones_too(client: PageClient, token: str, subject: str) -> None:
    signed_in(client, "window-manager")
    page = client.get(f"/rankings/{subject}?period={last_week().name}").get_data(as_text=True)
    assert "窗口一侧只看已结束的整周" in page
    assert "1,0" not in page
    assert "暂缓计入" not in page
    text = client.get(f"/rankings/{subject}.csv?period={last_week().name}").text
    assert "40" in text
    assert "1000" not in text


def test_the_console_shows_the_own_windows(client: PageClient, token: str) -> None:
    signed_in(client, "window-manager")
    assert client.get("/", follow_redirects=True).request.path == "/console"
    page = client.get(f"/console?period={last_week().name}").get_data(as_text=True)
    assert "24号窗口" in page
    assert "25号窗口" not in page
    assert "另有1个在用窗口本期没有公布的数据" in page
    assert re.search(r"人员</th><td class=\"figures\">6</td>", page)
    assert ">3<" not in page.split("原因指向哪里")[1]
    assert client.get("/console/trend").get_json()["data"][2]["y"] == [91.5]


def test_a_console_without_anything_says_when_there_will_be(client: PageClient, committed: Inside) -> None:
    committed(lambda session: an_account(session, "clerk", a_window(session).unit_id))
    signed_in(client, "clerk")
    for address in ("/console", "/rankings/windows", "/rankings/staff", "/rankings/departments"):
        assert "每周一公布上一周" in client.get(address).get_data(as_text=True)
    assert client.get("/rankings/windows.csv").status_code == 200


def test_others_have_no_business_here(client: PageClient, committed: Inside) -> None:
    committed(lambda session: an_account(session, "data-steward", a_window(session).unit_id))
    signed_in(client, "data-steward")
    for address in ("/console", "/rankings/windows", "/rankings/windows.xlsx", "/rankings/staff/figure"):
        assert client.get(address).status_code == 403
