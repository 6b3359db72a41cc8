"""Bulletins: frozen, passed by two people, with the same numbers on the page, in PDF and in Word."""

import io
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import time_machine
from docx import Document
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from evalsys.assurance.actions.seals import seal_piece
from evalsys.assurance.queries.seals import last_seal
from evalsys.assurance.rules.seals import SealedDay
from evalsys.dashboards.actions import bulletins as actions
from evalsys.dashboards.actions.opened import open_periods
from evalsys.dashboards.models import Bulletin
from evalsys.dashboards.queries.opened import Opened, Place, opened
from evalsys.dashboards.rules.bulletins import canonical, sha256_of
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.models import Notice
from evalsys.kernel.periods import DAY, MONTHS, closing_of
from evalsys.kernel.settings import Settings
from evalsys.organisation.models import Hall
from evalsys.scoring import actions as scoring
from evalsys.scoring.queries import funnels
from evalsys.scoring.rules.funnels import Lists
from evalsys.scoring.rules.ranking import WINDOWS
from tests.builders import BuiltWindow, a_rating, a_window
from tests.conftest import Inside
from tests.dashboards.offices import an_account, signed_in
from tests.pages import PageClient
from tests.scoring.halls import served, summed

NOW = datetime(2026, 3, 18, 10, tzinfo=clock.SHANGHAI)
MONTH = closing_of(MONTHS, closing_of(MONTHS, NOW.date()).starts - DAY)
SECOND_DAY = MONTH.starts + timedelta(days=1)


@pytest.fixture(autouse=True)
def in_march() -> Iterator[None]:
    """A working day some while after the month's end."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def hall(committed: Inside) -> BuiltWindow:
    """A month of thirteen windows, one of them far worse than the others and one with seven; the worst."""

    def make(session: Session) -> BuiltWindow:
        for nth in range(12):
            window = a_window(session, str(30 + nth), "SOC" if nth % 3 else "TAX")
            summed(session, window, 180 + nth, 8, 2, 1, 0, day=SECOND_DAY)
        bad = a_window(session, "60")
        summed(session, bad, 100, 0, 0, 40, 60, day=SECOND_DAY)
        summed(session, bad, 90, 0, 0, 40, 60, day=MONTH.starts - 20 * DAY)
        summed(session, a_window(session, "61"), 0, 0, 0, 0, 7, day=SECOND_DAY)
        served(session, bad, 400, 300, day=SECOND_DAY)
        scoring.release_periods(session, clock.now())
        open_periods(session, clock.now())
        for role in ("supervisor", "leadership", "auditor"):
            an_account(session, role, bad.unit_id)
        return bad

    return cast(BuiltWindow, committed(make))


def token_on(client: PageClient, address: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert found
    return found[1]


def drafted(client: PageClient, place: str = "all:") -> str:
    """A draft by the supervisor; its address on the staff's side."""
    signed_in(client, "supervisor")
    form = {"place": place, "month": MONTH.name, "csrf_token": token_on(client, "/admin/bulletins")}
    answer = client.post("/admin/bulletins", data=form)
    assert answer.status_code == 302
    return str(answer.location)


def step(client: PageClient, address: str, act: str, **more: str) -> int:
    return client.post(f"{address}/{act}", data={"csrf_token": token_on(client, address), **more}).status_code


def published(client: PageClient, place: str = "all:") -> str:
    """A published bulletin's public address."""
    address = drafted(client, place)
    leader = client.application.test_client()
    assert isinstance(leader, PageClient)
    assert step(signed_in(leader, "leadership"), address, "approve") == 302
    assert step(client, address, "publish") == 302
    return address.replace("/admin", "")


def test_a_bulletin_is_passed_by_two_people_and_then_open_to_all(
    client: PageClient, hall: BuiltWindow
) -> None:
    address = drafted(client)
    anybody = client.application.test_client()
    public = address.replace("/admin", "")
    assert step(client, address, "approve") == 403
    assert step(client, address, "publish") == 409
    assert anybody.get(public).status_code == 404
    assert anybody.get(f"{public}.pdf").status_code == 404
    leader = client.application.test_client()
    assert isinstance(leader, PageClient)
    signed_in(leader, "leadership")
    assert step(leader, address, "approve") == 302
    assert step(leader, address, "publish") == 403
    assert step(client, address, "publish") == 302
    assert anybody.get(public).status_code == 200
    assert public in anybody.get("/bulletins").get_data(as_text=True)
    assert step(leader, address, "drop", reason="写错了") == 409


def test_a_dropped_draft_is_kept_and_another_may_be_written(client: PageClient, hall: BuiltWindow) -> None:
    address = drafted(client)
    form = {"place": "all:", "month": MONTH.name, "csrf_token": token_on(client, "/admin/bulletins")}
    assert client.post("/admin/bulletins", data=form).status_code == 422
    assert step(client, address, "drop") == 422
    assert step(client, address, "drop", reason="漏了一个部门") == 302
    assert client.post("/admin/bulletins", data=form).status_code == 302
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_auditor_reads_drafts_and_writes_none(client: PageClient, hall: BuiltWindow) -> None:
    address = drafted(client)
    auditor = client.application.test_client()
    assert isinstance(auditor, PageClient)
    signed_in(auditor, "auditor")
    assert auditor.get(address).status_code == 200
    form = {"place": "all:", "month": MONTH.name, "csrf_token": token_on(auditor, address)}
    assert auditor.post("/admin/bulletins", data=form).status_code == 403


def test_what_is_frozen_stays_and_has_its_hash(
    client: PageClient, committed: Inside, hall: BuiltWindow
) -> None:
    content = client.get(f"{published(client)}.json")
    assert canonical(content.get_json()) == content.get_data(as_text=True)
    kept = committed(lambda session: session.execute(select(Bulletin.sha256)).scalar_one())
    assert kept == sha256_of(content.get_data(as_text=True))
    with pytest.raises(DatabaseError):
        committed(lambda session: session.execute(text("UPDATE bulletins SET content = '{}'")))
    with pytest.raises(DatabaseError):
        committed(lambda session: session.execute(text("DELETE FROM bulletin_steps")))


def test_a_bulletin_says_what_the_json_interface_says(
    client: PageClient, committed: Inside, hall: BuiltWindow
) -> None:
    content = client.get(f"{published(client)}.json").get_json()
    days = f"?from={MONTH.period.first}&to={MONTH.period.last}"
    rows = client.get(f"/api/v1/rankings/windows{days}").get_json()["rows"]
    live = {row["code"]: row for row in rows}
    assert set(live) - {row["code"] for row in content["windows"]} == {"C-61"}
    for row in content["windows"]:
        same = live[row["code"]]
        for name in ("n", "levels", "good", "very_satisfied", "bad", "score", "enough_rate"):
            assert row[name] == same[name], (row["code"], name)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_seven_ratings_are_in_no_table(client: PageClient, hall: BuiltWindow) -> None:
    content = client.get(f"{published(client)}.json").get_json()
    assert "C-61" not in {row["code"] for row in content["windows"]}
    assert content["hidden"] == 1
    assert content["total"]["n"] == sum(row["n"] for row in content["windows"])
    assert content["total"]["n"] == sum(row["n"] for row in content["departments"])
    assert (content["volumes"]["services"], content["volumes"]["held"]) == (400, 0)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_who_is_twice_outside_stands_on_a_list(client: PageClient, hall: BuiltWindow) -> None:
    content = client.get(f"{published(client)}.json").get_json()
    sides = {point["code"]: point["side"] for point in content["funnel"]["points"]}
    assert sides["C-60"] == "far-below"
    # The month before, there was nobody to compare with: no funnel, no list.
    assert content["lists"] == {"red": [], "black": []}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_lists_are_those_of_the_overview(client: PageClient, committed: Inside) -> None:
    """Of good ratings nobody has too many; of very satisfied ones a window has, in both months."""
    earlier = closing_of(MONTHS, MONTH.starts - DAY)
    days = (earlier.starts + DAY, SECOND_DAY)

    def make(session: Session) -> Lists:
        for nth in range(12):
            window = a_window(session, str(60 + nth))
            for day in days:
                summed(session, window, 100 + nth, 90, 5, 3, 2, day=day)
        best = a_window(session, "80")
        worst = a_window(session, "81")
        for day in days:
            summed(session, best, 195, 3, 1, 1, 0, day=day)
            summed(session, worst, 100, 40, 0, 30, 30, day=day)
        scoring.release_periods(session, clock.now())
        open_periods(session, clock.now())
        for role in ("supervisor", "leadership"):
            an_account(session, role, best.unit_id)
        return funnels.lists(session, WINDOWS, EVERYTHING, Settings(), clock.today())

    overview = cast(Lists, committed(make))
    address = published(client)
    lists = client.get(f"{address}.json").get_json()["lists"]
    assert [one.named.code for one in overview.red] == ["C-80"]
    assert [one.named.code for one in overview.black] == ["C-81"]
    assert lists["red"] == [{"code": "C-80", "name": "80号窗口", "n": 200, "very_satisfied": 195}]
    assert [row["code"] for row in lists["black"]] == ["C-81"]
    assert re.search(
        r"C-80</th><td>非常满意率</td>.*200</td>.*195</td>", client.get(address).get_data(as_text=True)
    )


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_bad_window_that_is_no_longer_open_makes_nobody_better(committed: Inside) -> None:
    """Periods are compared where the same windows are open in both."""
    earlier = closing_of(MONTHS, MONTH.starts - DAY)

    def found(session: Session) -> Opened:
        for number, unit in (("30", "TAX"), ("31", "TAX"), ("40", "SOC")):
            window = a_window(session, number, unit)
            for day in (earlier.starts + DAY, SECOND_DAY):
                summed(session, window, 200, 40, 5, 3, 2, day=day)
        weak = a_window(session, "32")
        summed(session, weak, 0, 0, 0, 100, 200, day=earlier.starts + DAY)
        summed(session, weak, 0, 0, 0, 0, 8, day=SECOND_DAY)
        scoring.release_periods(session, clock.now())
        open_periods(session, clock.now())
        return opened(session, MONTH, Place(), Settings())

    of_month = cast(Opened, committed(found))
    assert of_month.total.change is None
    moved = {row.named.code: row.change and row.change.score_moved for row in of_month.departments}
    assert moved == {"SOC": False, "TAX": None}


LINE = re.compile(r"^\s*(C-\d+)\s+(\S+)\s+([\d,]+)\s+([\d,]+)\s+\S+\s+\S+\s+\S+\s*$", re.MULTILINE)


def test_the_numbers_in_the_pdf_are_those_of_the_content(
    client: PageClient, hall: BuiltWindow, tmp_path: Path
) -> None:
    address = published(client)
    content = client.get(f"{address}.json").get_json()
    file = tmp_path / "bulletin.pdf"
    file.write_bytes(client.get(f"{address}.pdf").get_data())
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    words = done.stdout.decode()
    of_windows = words.partition("表3")[2].partition("表4")[0]
    read = {
        code: (int(n.replace(",", "")), int(bad)) for code, _department, n, bad in LINE.findall(of_windows)
    }
    assert read == {row["code"]: (row["n"], row["bad"]["numerator"]) for row in content["windows"]}
    by_level = {
        level: int(n.replace(",", ""))
        for level, n in re.findall(
            r"^\s*(非常满意|满意|基本满意|不满意|非常不满意)\s+([\d,]+)\s*$", words, re.MULTILINE
        )
    }
    assert list(by_level.values()) == [content["total"]["levels"][level] for level in "54321"]
    for finding in content["findings"]:
        assert finding.replace(",", ",") in words.replace("\n", "").replace(" ", "")
    assert sha256_of(canonical(content)) in words.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_pdf_is_tagged_and_brings_its_font(client: PageClient, hall: BuiltWindow) -> None:
    file = PdfReader(io.BytesIO(client.get(f"{published(client)}.pdf").get_data()))
    root: Any = file.trailer["/Root"].get_object()
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("zh")
    page: Any = file.pages[0]
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    assert (round(width), round(height)) == (595, 842)
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert descriptors
    assert all(any(name.startswith("/FontFile") for name in one) for one in descriptors)
    assert f"共{len(file.pages)}页" in page.extract_text().replace(" ", "")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_word_and_the_page_say_the_same_as_the_content(client: PageClient, hall: BuiltWindow) -> None:
    address = published(client)
    content = client.get(f"{address}.json").get_json()
    paper = Document(io.BytesIO(client.get(f"{address}.docx").get_data()))
    windows = next(table for table in paper.tables if table.rows[0].cells[0].text == "窗口")
    read = {row.cells[0].text: int(row.cells[2].text.replace(",", "")) for row in windows.rows[1:]}
    assert read == {row["code"]: row["n"] for row in content["windows"]}
    page = client.get(address).get_data(as_text=True)
    for row in content["windows"]:
        assert re.search(rf"{row['code']}</th><td>[^<]*</td><td class=\"figures\">{row['n']}</td>", page)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_latest_seal_is_printed(client: PageClient, hall: BuiltWindow, committed: Inside) -> None:
    """Who has the paper holds what everything sealed before it is compared with."""

    def sealed(session: Session) -> SealedDay:
        a_rating(session, hall, 5, at=clock.at(SECOND_DAY, time(9)))
        while not seal_piece(session, clock.now()).is_last:
            continue
        last = last_seal(session)
        assert last
        return last

    seal = cast(SealedDay, committed(sealed))
    address = published(client)
    content = client.get(f"{address}.json").get_json()
    assert content["seal"] == {"day": seal.day.isoformat(), "seal": seal.seal.hex()}
    assert seal.seal.hex() in client.get(address).get_data(as_text=True).replace(" ", "")


@pytest.mark.parametrize("place", ["hall:C", "unit:SOC"])
def test_a_hall_and_a_department_have_bulletins_of_their_own(
    client: PageClient, hall: BuiltWindow, place: str
) -> None:
    content = client.get(f"{published(client, place)}.json").get_json()
    codes = {row["code"] for row in content["windows"]}
    assert ("C-60" in codes) == (place == "hall:C")
    assert content["total"]["n"] == sum(row["n"] for row in content["windows"])


def test_a_later_bulletin_lists_what_changed_of_an_earlier_one(
    client: PageClient, committed: Inside, hall: BuiltWindow
) -> None:
    earlier = published(client).rpartition("/")[2]
    later = closing_of(MONTHS, NOW.date())

    def come_late(session: Session) -> None:
        summed(session, hall, 12, day=SECOND_DAY, entry="link")
        summed(session, a_window(session, "62"), 15, day=SECOND_DAY, entry="link")
        summed(session, hall, 30, day=later.starts)

    committed(come_late)
    with time_machine.travel(datetime.combine(later.period.last + 2 * DAY, NOW.timetz())):
        committed(lambda session: scoring.release_periods(session, clock.now()))
        committed(lambda session: open_periods(session, clock.now()))
        signed_in(client, "supervisor")
        form = {"place": "all:", "month": later.name, "csrf_token": token_on(client, "/admin/bulletins")}
        address = client.post("/admin/bulletins", data=form).location
        content = client.get(f"{address}.json").get_json()
    assert content["corrections"] == [
        {
            "bulletin": earlier,
            "period": MONTH.name,
            "code": "C-60",
            "name": "60号窗口",
            "was": 200,
            "now": 212,
        },
        # Not open yet when it was published.
        {
            "bulletin": earlier,
            "period": MONTH.name,
            "code": "C-62",
            "name": "62号窗口",
            "was": 0,
            "now": 15,
        },
    ]


def drafts_by_the_clock(committed: Inside) -> list[tuple[str, str, date]]:
    """What the clock drafts, one bulletin a minute, until it has nothing left to draft."""
    while committed(lambda session: actions.draft_months(session, clock.now())):
        pass
    drafts = select(Bulletin.place, Bulletin.code, Bulletin.starts).order_by(Bulletin.id)
    found: Any = committed(lambda session: [tuple(row) for row in session.execute(drafts)])
    return cast(list[tuple[str, str, date]], found)


def test_the_clock_drafts_each_month_and_place_once_also_after_it_stood_still(
    committed: Inside, hall: BuiltWindow
) -> None:
    # Two months hold something: the last one, and of the one before a single window.
    before = closing_of(MONTHS, MONTH.starts - DAY).starts
    assert drafts_by_the_clock(committed) == [
        ("all", "", MONTH.starts),
        ("all", "", before),
        ("unit", "SOC", MONTH.starts),
        ("unit", "TAX", MONTH.starts),
        ("unit", "TAX", before),
    ]
    assert committed(lambda session: actions.draft_months(session, clock.now())) == 0
    told: Any = committed(
        lambda session: [tuple(row) for row in session.execute(select(Notice.role, Notice.link))]
    )
    of_parts = [role for role, link in told if link == "/admin/bulletins"]
    # Of each month as a whole, and of its parts together.
    assert len(told) == 8
    assert sorted(of_parts) == ["leadership", "leadership", "supervisor", "supervisor"]


def test_where_there_are_several_halls_each_gets_its_own(committed: Inside, hall: BuiltWindow) -> None:
    committed(lambda session: session.add(Hall(code="D", name="分中心", address="")))
    of_halls = [code for place, code, _day in drafts_by_the_clock(committed) if place == "hall"]
    # Nothing is open of the other.
    assert of_halls == ["C", "C"]


def test_a_site_with_nothing_open_gets_no_draft(committed: Inside) -> None:
    assert committed(lambda session: actions.draft_months(session, clock.now())) == 0
    assert json.loads(canonical({"b": 1, "a": "通报"})) == {"a": "通报", "b": 1}


def test_staff_read_the_exact_numbers_under_the_same_filter(client: PageClient, hall: BuiltWindow) -> None:
    page = client.get(drafted(client, "unit:SOC")).get_data(as_text=True)
    found = re.search(r'href="(/indicators/participation[^"]+)"', page)
    assert found
    exact = client.get(found[1].replace("&amp;", "&").replace("participation?", "participation.csv?")).text
    assert exact.count("\n") == 2
    assert str(sum(191 + nth for nth in range(12) if nth % 3)) in exact


def test_the_funnels_points_stand_in_a_table_beside_it(client: PageClient, hall: BuiltWindow) -> None:
    page = client.get(drafted(client)).get_data(as_text=True)
    table = page.partition("<summary>漏斗图各点的数据</summary>")[2].partition("</table>")[0]
    worst = table.partition('<th scope="row">C-60</th>')[2].partition("</tr>")[0]
    assert table.count('<th scope="row">C-') == 13
    assert re.findall(r">([^<>\n]+)</td>", worst)[:3] == ["200", "100", "50.0%"]
    assert "明显偏低" in worst


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_unit_is_the_total_of_the_handling_less_the_others(
    client: PageClient, committed: Inside, hall: BuiltWindow
) -> None:
    def make(session: Session) -> None:
        for number, unit, n in (("71", "TAX", 12), ("72", "SOC", 4)):
            window = a_window(session, number, unit)
            for nth in range(n):
                a_rating(
                    session,
                    window,
                    1,
                    entry="ticket",
                    evidence="B",
                    at=clock.at(SECOND_DAY + nth * DAY, time(9)),
                )

    committed(make)
    address = published(client)
    handling = client.get(f"{address}.json").get_json()["handling"]
    said = {unit["code"]: unit["rates"]["appealed"] for unit in handling}
    assert said == {"": {"numerator": 0, "denominator": 16, "rate": 0}, "SOC": None, "TAX": None}
    assert client.get(address).get_data(as_text=True).count('<td class="figures">未列</td>') >= 2


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_few_overdue_are_those_of_all_less_those_of_a_department(
    client: PageClient, committed: Inside, hall: BuiltWindow
) -> None:
    def make(session: Session) -> None:
        for number, unit, n in (("71", "TAX", 16), ("72", "SOC", 9)):
            window = a_window(session, number, unit)
            for minute in range(n):
                at = clock.at(SECOND_DAY, time(9, minute))
                a_rating(session, window, 1, entry="ticket", evidence="B", at=at)

    committed(make)
    said = {}
    for place in ("all:", "unit:TAX", "unit:SOC"):
        (desk,) = client.get(f"{published(client, place)}.json").get_json()["overdue"]
        said[place] = (desk["n"], desk["worst"])
    assert said == {"all:": (20, 20), "unit:TAX": (10, 10), "unit:SOC": (None, None)}
