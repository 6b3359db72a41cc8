"""Sheets beside the rankings: page, CSV, workbook and JSON say the same, and numbers lead to their rows."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.dashboards.rules.answers import BLAMED, DONE, TAGS, blamed_sheet
from evalsys.dashboards.rules.besides import COMPARED, PARTICIPATION
from evalsys.dashboards.rules.sheets import difference
from evalsys.evaluation.actions.findings import note_finding
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.rules import Explanation
from evalsys.kernel import clock
from evalsys.kernel.proportions import rate_of
from evalsys.organisation.models import Unit, Window, WindowUnit
from evalsys.scoring.rules.answers import Blamed
from evalsys.scoring.rules.indicators import INDICATORS
from evalsys.scoring.rules.ranking import UNMATCHED, Named
from tests.builders import BuiltWindow, a_clerk, a_rating, a_unit, a_window, an_item, around, on_duty
from tests.conftest import Inside
from tests.dashboards.offices import an_account, signed_in
from tests.pages import PageClient
from tests.scoring.halls import served, summed

SHEETS = ("tags", "participation", "done", "items", "own", "compared")


def told(session: Session, window: BuiltWindow, level: int, said: Explanation, cause: str = "") -> None:
    """A rating with its reasons, and what its closed case found."""
    receipt = uuid4().hex
    root = a_rating(session, window, level, receipt_hash=receipt).root
    explain_rating(session.connection(), receipt, said, clock.now())
    if cause:
        note_finding(session.connection(), [root], cause, clock.now())


@pytest.fixture
def token(committed: Inside) -> str:
    """Real ratings of one window with a clerk, and sums beside them; the leadership's token."""

    def make(session: Session) -> str:
        window, now = a_window(session), clock.now()
        on_duty(session, window, a_clerk(session), *around(now))
        item = an_item(session, window)
        told(session, window, 5, Explanation(done="yes", item_id=item, item_type="07"))
        told(session, window, 4, Explanation(done="asking", item_id=item, item_type="07"))
        told(session, window, 2, Explanation(done="no", tags=("207",), item_id=item, item_type="07"))
        told(session, window, 2, Explanation(done="yes", tags=("213",)))
        told(session, window, 1, Explanation())
        told(session, window, 1, Explanation(tags=()), cause="process")
        return an_account(session, "leadership", window.unit_id)

    return str(committed(make))


def lines_of(client: PageClient, name: str, query: str = "") -> list[dict[str, str]]:
    text = client.get(f"/indicators/{name}.csv{query}").text.lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", SHEETS)
def test_page_csv_workbook_and_json_say_the_same(client: PageClient, token: str, name: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    rows = client.get(f"/api/v1/indicators/{name}", headers=headers).get_json()["rows"]
    signed_in(client, "leadership")
    lines = lines_of(client, name)
    book = load_workbook(io.BytesIO(client.get(f"/indicators/{name}.xlsx").data))
    head, *sheet = [list(line) for line in book["figures"].iter_rows(values_only=True)]
    assert list(lines[0]) == head
    assert len(lines) == len(sheet) == len(rows) > 0
    numbers = [column for column in lines[0] if isinstance(rows[0].get(column), int)]
    for line, cells, row in zip(lines, sheet, rows, strict=True):
        for column in numbers:
            assert line[column] == str(row[column]) == str(cells[head.index(column)])
    page = client.get(f"/indicators/{name}").get_data(as_text=True)
    assert "<table" in page


@pytest.mark.parametrize(
    ("name", "first"), [("tags", 1), ("participation", 0.5), ("done", 0.6), ("own", 1), ("compared", -0.1)]
)
def test_the_figure_draws_what_the_table_says(
    client: PageClient, committed: Inside, token: str, name: str, first: float
) -> None:
    def make(session: Session) -> None:
        window = session.scalars(select(Window)).one()
        built = BuiltWindow(window.id, window.hall_id, session.scalars(select(WindowUnit.unit_id)).one())
        other = a_window(session, "25", "SOC")
        clerk = a_clerk(session, "2002", "李静", "SOC")
        today = clock.today()
        summed(session, other, 100, 0, 0, 0, 0, day=today - timedelta(days=100), staff_id=clerk)
        answers = {"bound": 90, "done_yes": 60, "done_no": 40}
        summed(session, other, 90, 0, 0, 10, 0, day=today, staff_id=clerk, **answers)
        served(session, other, 180, 150, day=today)
        summed(session, a_window(session, "26", "HRS"), 100, day=today, done_yes=90, done_no=10)
        served(session, built, 4, 4, day=today)

    committed(make)
    signed_in(client, "leadership")
    figure = client.get(f"/indicators/{name}/figure").get_json()
    page = client.get(f"/indicators/{name}").get_data(as_text=True)
    (trace,) = figure["data"]
    assert trace["x"][0] == first
    assert f'data-figure="/indicators/{name}/figure"' in page
    assert len(figure["layout"]["yaxis"]["ticktext"]) == len(trace["x"])
    if name == "own":
        # Whose they are in all, of nobody by name.
        assert (trace["x"], figure["layout"]["yaxis"]["ticktext"]) == (
            [1, 2, 1],
            ["与本人有关", "与本人无关", "未说明"],
        )
    if name == "done":
        assert trace["x"] == [0.6, 0.9]
        assert trace["error_x"]["array"][0] > 0.05 < trace["error_x"]["arrayminus"][0]


def test_too_few_for_a_rate_are_not_drawn(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    assert client.get("/indicators/done/figure").get_json()["data"] == []
    assert "data-figure" not in client.get("/indicators/done").get_data(as_text=True)


def test_the_workbook_brings_its_definitions(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    book = load_workbook(io.BytesIO(client.get("/indicators/done.xlsx").data))
    said = [line[0] for line in book["definitions"].iter_rows(min_row=2, values_only=True)]
    assert said == ["done", "counted"]


def test_who_only_came_to_ask_is_no_part_of_what_got_done(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    (window,) = lines_of(client, "done")
    assert (window["yes"], window["no"], window["asking"], window["n"]) == ("2", "1", "1", "6")
    assert (window["done.numerator"], window["done.denominator"], window["done.enough"]) == (
        "2",
        "3",
        "false",
    )
    (item,) = lines_of(client, "items")
    assert (item["yes"], item["no"], item["asking"], item["n"]) == ("1", "1", "1", "3")


def test_a_bad_review_is_told_apart_by_finding_then_by_tag_else_unsaid(
    client: PageClient, token: str
) -> None:
    signed_in(client, "leadership")
    clerk, *nobody = lines_of(client, "own")
    assert nobody == []
    assert (clerk["code"], clerk["n"], clerk["bad"]) == ("1001", "6", "4")
    assert (clerk["own"], clerk["beyond"], clerk["unsaid"]) == ("1", "2", "1")
    assert (clerk["own_bad.numerator"], clerk["own_bad.denominator"]) == ("1", "5")


def test_what_was_found_beyond_the_clerk_leaves_numerator_and_denominator() -> None:
    clerk = Blamed(Named("1001", "王敏", "税务局"), 40, 28, own=2, beyond=12)
    sheet = blamed_sheet([clerk, Blamed(UNMATCHED, 10, 9, beyond=1)], least=30)
    assert sheet.total is not None
    assert [line.cells["own_bad"] for line in (*sheet.lines[:1], sheet.total)] == [
        rate_of(2, 28, 30),
        rate_of(2, 37, 30),
    ]


def test_a_tag_points_to_the_items_it_was_chosen_for(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    by_code = {line["code"]: line for line in lines_of(client, "tags")}
    assert by_code["207"]["items"] == "开具完税证明 1/3"
    assert (by_code["213"]["items"], by_code["213"]["times"]) == ("", "1")


def bound_rating(session: Session) -> None:
    """One more rating of the clerk, of a service there is."""
    window = session.scalars(select(Window)).one()
    built = BuiltWindow(window.id, window.hall_id, session.scalars(select(WindowUnit.unit_id)).one())
    a_rating(session, built, 3, entry="ticket", evidence="B")


@pytest.mark.parametrize(
    ("name", "many"),
    [
        # Each line and the total: every number that is not nought.
        ("done", 8),
        ("items", 8),
        ("own", 10),
        ("tags", 2),
        ("compared?by=staff", 2),
        ("compared?by=windows", 2),
        ("participation?by=staff", 5),
        ("participation?by=windows", 6),
    ],
)
def test_every_number_leads_to_as_many_rows(
    client: PageClient, committed: Inside, token: str, name: str, many: int
) -> None:
    committed(bound_rating)
    signed_in(client, "leadership")
    page = client.get(f"/indicators/{name}").get_data(as_text=True)
    links = re.findall(r'<a href="(/comments\?[^"]*)">([\d,]+)</a>', page)
    assert len(links) == many
    for link, number in links:
        rows = client.get(link.replace("&amp;", "&")).get_data(as_text=True)
        assert re.search(rf"符合条件的评价{number}条", rows), (link, number)
        assert "standing=counted" in link
        assert "by" not in parse_qs(urlsplit(link).query)


@pytest.mark.parametrize("name", ["participation", "compared"])
def test_a_unit_above_others_leads_to_no_more_rows_than_it_has(
    client: PageClient, committed: Inside, token: str, name: str
) -> None:
    def make(session: Session) -> None:
        window = a_window(session, "41", "TAX-1")
        below = session.get(Unit, window.unit_id)
        assert below is not None
        below.parent_id = a_unit(session, "TAX")
        a_rating(session, window, 3, entry="ticket", evidence="B")

    committed(make)
    signed_in(client, "leadership")
    page = client.get(f"/indicators/{name}").get_data(as_text=True)
    links = re.findall(r'<a href="(/comments\?[^"]*)">([\d,]+)</a>', page)
    assert any("department=TAX-1" in link for link, _number in links)
    for link, number in links:
        rows = client.get(link.replace("&amp;", "&")).get_data(as_text=True)
        assert re.search(rf"符合条件的评价{number}条", rows), (link, number)


def test_a_tag_that_was_taken_back_leads_to_no_rows(client: PageClient, committed: Inside) -> None:
    def make(session: Session) -> None:
        window = a_window(session)
        a_rating(session, window, 5, receipt_hash="twice")
        for tag in ("510", "517"):
            explain_rating(session.connection(), "twice", Explanation(tags=(tag,)), clock.now())
        told(session, window, 4, Explanation())
        an_account(session, "leadership", window.unit_id)

    committed(make)
    signed_in(client, "leadership")
    assert "符合条件的评价0条" in client.get("/comments?tag=510").get_data(as_text=True)
    assert "符合条件的评价1条" in client.get("/comments?tag=517").get_data(as_text=True)


def test_where_no_services_are_known_nothing_is_said_of_taking_part(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    (row,) = lines_of(client, "participation", "?by=windows")
    assert (row["services"], row["given.rate"], row["unrated"], row["prompted"]) == ("", "", "", "")
    assert row["n"] == "6"
    assert "100.0%" not in client.get("/indicators/participation").get_data(as_text=True)


def test_taking_part_counts_services(client: PageClient, committed: Inside) -> None:
    def make(session: Session) -> None:
        window, day = a_window(session), clock.today()
        served(session, window, 80, 60, day=day)
        summed(session, window, 40, day=day, bound=30)
        an_account(session, "auditor", window.unit_id)

    committed(make)
    signed_in(client, "auditor")
    (row,) = lines_of(client, "participation")
    assert [row[name] for name in ("services", "prompted", "rated", "unrated", "unbound")] == [
        *("80", "60", "30", "50", "10")
    ]
    assert float(row["given.rate"]) == 30 / 80
    assert float(row["asked.rate"]) == 60 / 80


def test_a_change_is_called_one_only_where_it_is_more_than_chance(
    client: PageClient, committed: Inside
) -> None:
    def make(session: Session) -> None:
        day = clock.today() - timedelta(days=10)
        for number, good in (("24", 200), ("25", 290)):
            window = a_window(session, number)
            summed(session, window, good, 0, 0, 0, 300 - good, day=day)
            summed(session, window, 292, 0, 0, 0, 8, day=day - timedelta(days=90))
        an_account(session, "leadership", window.unit_id)

    committed(make)
    signed_in(client, "leadership")
    fell, same = sorted(lines_of(client, "compared", "?by=windows"), key=lambda line: line["code"])
    assert (fell["change.significant"], same["change.significant"]) == ("true", "false")
    assert float(fell["change.difference"]) == pytest.approx(200 / 300 - 292 / 300)
    page = client.get("/indicators/compared?by=windows").get_data(as_text=True)
    assert page.count("变化不显著</span>") == 2
    assert "30.7个百分点" in page


def test_too_few_are_not_compared() -> None:
    assert difference(rate_of(20, 29, 30), rate_of(30, 30, 30)) is None
    # Newcombe 1998, table II, example (a): 56/70 less 48/80.
    found = difference(rate_of(56, 70, 30), rate_of(48, 80, 30))
    assert found is not None
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize("query", ["by=rooms", "from=2026-13-01", "department=NO"])
def test_what_cannot_be_asked_is_refused_in_words(client: PageClient, token: str, query: str) -> None:
    signed_in(client, "leadership")
    for address in ("/indicators/compared", "/indicators/compared.csv"):
        assert client.get(f"{address}?{query}").status_code == 422
    assert "去掉全部条件" in client.get(f"/indicators/compared?{query}").get_data(as_text=True)


def test_the_clerks_side_sees_definitions_and_no_sheet(client: PageClient, committed: Inside) -> None:
    committed(lambda session: an_account(session, "window-manager", a_window(session).unit_id) and None)
    signed_in(client, "window-manager")
    assert "一次办成率" in client.get("/indicators").get_data(as_text=True)
    for name in SHEETS:
        assert client.get(f"/indicators/{name}").status_code == 403
        assert client.get(f"/indicators/{name}.csv").status_code == 403


def test_the_json_lists_every_definition(client: PageClient, token: str) -> None:
    answer = client.get("/api/v1/indicators", headers={"Authorization": f"Bearer {token}"})
    said = {one["code"]: one for one in answer.get_json()["indicators"]}
    assert list(said) == list(INDICATORS)
    assert said["given"]["formula"] == "Es/V"


def test_every_column_explains_itself_by_an_indicator_there_is() -> None:
    columns = (*PARTICIPATION, *COMPARED, *DONE, *BLAMED, *TAGS)
    assert {column.indicator for column in columns} - {""} <= set(INDICATORS)
