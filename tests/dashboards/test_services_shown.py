"""Services on the rankings: numbers and shares for those who see live sums, a dash where none are known."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from tests.builders import a_clerk, a_window
from tests.conftest import Inside
from tests.dashboards.offices import an_account, signed_in
from tests.pages import PageClient
from tests.scoring.halls import served, summed


@pytest.fixture
def token(committed: Inside) -> str:
    """A window with 200 noted services, 80 rated; another one without any."""

    def make(session: Session) -> str:
        window, clerk = a_window(session), a_clerk(session)
        yesterday = clock.today() - timedelta(days=1)
        summed(session, window, 90, 10, day=yesterday, staff_id=clerk, bound=80)
        summed(session, a_window(session, "25", "SOC"), 40, day=yesterday)
        served(session, window, 200, 150, staff_id=clerk, day=yesterday)
        an_account(session, "window-manager", window.unit_id)
        return an_account(session, "leadership", window.unit_id)

    return str(committed(make))


def cells(page: str, name: str) -> list[str]:
    """The words of a row's cells in the table of services."""
    row = re.search(
        rf"<tr><th scope=\"row\">{name}</th>(.*?)</tr>", page.rsplit("services-title", 1)[-1], re.S
    )
    assert row
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row[1], re.S)]


def test_the_page_says_how_many_were_asked_and_rated(client: PageClient, token: str) -> None:
    page = signed_in(client, "leadership").get("/rankings/windows").get_data(as_text=True)
    assert cells(page, "24号窗口") == ["200", "150", "75.0%", "80", "40.0%", "120", "60.0%", "20"]
    assert cells(page, "25号窗口") == ["—", "—", "—", "0", "—", "—", "—", "40"]
    assert cells(page, "合计") == ["200", "150", "75.0%", "80", "40.0%", "120", "60.0%", "60"]
    assert "可核对服务200件,已评80件" in page
    assert page.count("是什么意思") >= 10


def test_the_json_and_the_files_carry_the_services(client: PageClient, token: str) -> None:
    said = client.get("/api/v1/rankings/windows", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert [(row["code"], row["services"]) for row in said["rows"]] == [("C-24", 200), ("C-25", None)]
    assert said["total"]["services"] == 200
    signed_in(client, "leadership")
    assert client.get("/rankings/windows.csv").status_code == 200


def test_by_channel_there_are_no_services(client: PageClient, token: str) -> None:
    page = signed_in(client, "leadership").get("/rankings/windows?channel=on-the-go").get_data(as_text=True)
    assert "services-title" not in page
    assert "评价率记“—”" in page


def test_the_clerks_side_learns_nothing_of_them(client: PageClient, token: str) -> None:
    signed_in(client, "window-manager")
    for address in ("/rankings/windows", "/rankings/staff", "/console"):
        assert "services-title" not in client.get(address).get_data(as_text=True)
