"""Rankings on the screen, as files and as JSON: one query, the same figures everywhere."""

import csv
import io
import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from evalsys.dashboards.exports import PATHS, line_of
from evalsys.kernel import clock
from evalsys.kernel.tables import neutral
from evalsys.scoring.rules.formulas import Formulas
from evalsys.scoring.rules.ranking import Named, Row, Tally
from evalsys.scoring.rules.rates import Split
from tests.builders import a_clerk, a_window
from tests.conftest import Inside
from tests.dashboards.offices import an_account, signed_in
from tests.pages import PageClient
from tests.scoring.halls import summed

SUBJECTS = ("windows", "staff", "departments")
LEVELS = {"5": 300, "4": 40, "3": 20, "2": 10, "1": 5}


@pytest.fixture
def token(committed: Inside) -> str:
    """All five levels, a clerk, ratings for nobody, held and excluded ones; the leadership's token."""

    def make(session: Session) -> str:
        window, other = a_window(session), a_window(session, "25", "SOC")
        clerk, day = a_clerk(session), clock.today() - timedelta(days=2)
        summed(session, window, 200, 30, 15, 8, 4, day=day, staff_id=clerk, held5=2, excluded1=1)
        summed(session, window, 90, 10, 5, 2, 1, day=day, channel="face-to-face", entry="tablet")
        summed(session, other, 10, day=day, channel="back-to-back", entry="kiosk")
        summed(session, a_window(session, "26", "SOC"), held1=1, day=day)
        return an_account(session, "leadership", window.unit_id)

    return str(committed(make))


def as_json(client: PageClient, token: str, subject: str, query: str = "") -> dict:
    answer = client.get(f"/api/v1/rankings/{subject}{query}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def flat(value: object, path: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    else:
        return {path: value}
    found: dict[str, object] = {}
    for name, inner in parts:
        found |= flat(inner, f"{path}.{name}" if path else str(name))
    return found


def test_the_json_has_the_agreed_shape_and_all_five_levels(client: PageClient, token: str) -> None:
    said = as_json(client, token, "departments")
    assert set(said) == {"from", "to", "channel", "formulas", "rows", "unmatched", "total"}
    assert said["from"] == (clock.today() - timedelta(days=89)).isoformat()
    assert said["to"] == clock.today().isoformat()
    assert said["total"]["levels"] == LEVELS
    assert said["total"]["n"] == 375
    assert said["unmatched"] is None
    row = next(row for row in said["rows"] if row["code"] == "TAX")
    assert set(row) == {
        *("rank", "group", "code", "name", "department", "n", "levels", "channels", "services"),
        *("good", "very_satisfied", "bad", "score", "shrunk", "rank_interval", "band"),
        *("top_tenth", "bottom_tenth"),
        *("enough_rate", "enough_rank"),
    }
    assert set(row["channels"]) == {"face-to-face", "back-to-back", "on-the-go"}
    assert set(row["good"]) == {"numerator", "denominator", "rate", "interval"}
    assert row["rank"] == 1


def in_csv(value: object) -> str:
    """A value of the JSON as a CSV cell says it: null is a blank, true and false are words."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def in_sheet(value: object) -> object:
    """A value as a workbook keeps it: no empty words, 15 digits, which is all spreadsheets have."""
    if isinstance(value, float):
        return float(f"{value:.15g}")
    return None if value == "" else value


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(
    "query", ["", "?channel=face-to-face", "?department=SOC", "?from=2001-01-01&to=2001-02-01"]
)
def test_screen_files_and_json_say_the_same(client: PageClient, token: str, subject: str, query: str) -> None:
    said = as_json(client, token, subject, query)
    rows = said["rows"] + ([said["unmatched"]] if said["unmatched"] else [])
    signed_in(client, "leadership")
    text = client.get(f"/rankings/{subject}.csv{query}").text.lstrip("\ufeff")
    head, *lines = list(csv.reader(io.StringIO(text)))
    book = load_workbook(io.BytesIO(client.get(f"/rankings/{subject}.xlsx{query}").data))
    sheet_head, *sheet_lines = [list(line) for line in book.worksheets[0].iter_rows(values_only=True)]
    assert tuple(head) == tuple(sheet_head) == PATHS
    expected = [[flat(row).get(path) for path in PATHS] for row in rows]
    assert lines == [[in_csv(value) for value in line] for line in expected]
    assert [[in_sheet(value) for value in line] for line in sheet_lines] == [
        [in_sheet(value) for value in line] for line in expected
    ]
    page = client.get(f"/rankings/{subject}{query}").get_data(as_text=True)
    for row in rows:
        if row["n"]:
            split = '[^"]*? '.join(f"{n}" for n in (row["levels"][level] for level in "54321"))
            assert re.search(f'>{row["n"]:,}</td>\\s*<td[^>]*>\\s*<svg[^>]*aria-label="[^"]*{split}', page)


def test_nought_is_not_blank(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    text = client.get("/rankings/windows.csv?channel=back-to-back").text
    line = next(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert (line["levels.1"], line["services"], line["rank"], line["shrunk"]) == ("0", "", "", "")
    assert (line["enough_rate"], line["bad.rate"]) == ("false", "0.0")


def test_the_file_begins_with_a_byte_order_mark_and_bears_its_period(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    answer = client.get("/rankings/staff.csv?from=2026-01-01&to=2026-01-31")
    assert answer.data.startswith(b"\xef\xbb\xbfrank,group,code")
    assert "staff-2026-01-01-2026-01-31.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＠x"])
def test_no_cell_of_a_file_becomes_a_formula(words: str) -> None:
    assert neutral(words) == f"'{words}"
    row = Row(Named("C-1", words, words), Tally(Split(1)), Formulas((100, 80, 60, 30, 0), 30, 100))
    assert line_of(row)[3] == f"'{words}"
    assert neutral(-1) == -1
    assert neutral("税务局") == "税务局"


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-13-01",
        "from=2026-03-02&to=2026-03-01",
        "channel=fax",
        "department=NO",
        "window=C-99",
        "hall=9",
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(client: PageClient, token: str, query: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get(f"/api/v1/rankings/windows?{query}", headers=headers)
    assert answer.status_code == 422
    error = answer.get_json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["message"].endswith("。")
    signed_in(client, "leadership")
    page = client.get(f"/rankings/windows?{query}")
    assert page.status_code == 422
    assert error["message"] in page.get_data(as_text=True)
    assert client.get(f"/rankings/windows.csv?{query}").status_code == 422


def test_the_way_down_leads_from_department_to_window_to_staff(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    page = client.get("/rankings/departments?channel=on-the-go").get_data(as_text=True)
    link = re.search(r'href="(/rankings/windows\?[^"]*department=TAX[^"]*)"', page)
    assert link
    page = client.get(link[1].replace("&amp;", "&")).get_data(as_text=True)
    link = re.search(r'href="(/rankings/staff\?[^"]*window=C-24[^"]*)"', page)
    assert link
    assert "channel=on-the-go" in link[1]
    page = client.get(link[1].replace("&amp;", "&")).get_data(as_text=True)
    assert "王敏" in page
    assert "257" in page


def test_the_page_stands_without_its_figure(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    page = client.get("/rankings/departments").get_data(as_text=True)
    assert "95%区间" in page
    assert "样本不足" in page
    assert "n=10" in page
    assert "<script" in page
    assert re.findall(r"<script(?![^>]*\bdefer\b)", page) == []


def test_the_figure_is_plain_json_of_the_same_rows(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    figure = client.get("/rankings/windows/figure").get_json()
    assert [len(trace["y"]) for trace in figure["data"]] == [1, 2]
    score = as_json(client, token, "windows")["rows"][0]["score"]
    assert figure["data"][0]["y"] == [round(score, 2)]


def test_an_empty_period_says_so(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    page = client.get("/rankings/windows?from=2001-01-01&to=2001-02-01").get_data(as_text=True)
    assert "这段时间、这些条件下没有计入的评价" in page
    assert client.get("/rankings/windows/figure?from=2001-01-01&to=2001-02-01").get_json()["data"] == []


def test_one_rating_is_shown_as_too_few(client: PageClient, committed: Inside) -> None:
    def make(session: Session) -> None:
        window = a_window(session)
        summed(session, window, 0, 0, 0, 0, 1, day=clock.today())
        an_account(session, "auditor", window.unit_id)

    committed(make)
    signed_in(client, "auditor")
    for subject in SUBJECTS:
        page = client.get(f"/rankings/{subject}").get_data(as_text=True)
        assert "样本不足(n=1,少于30),不列比率" in page


def test_a_measure_sorts_but_does_not_rank(client: PageClient, token: str) -> None:
    signed_in(client, "leadership")
    page = client.get("/rankings/windows?sort=n").get_data(as_text=True)
    names = re.findall(r">(2\d号窗口)<", page)
    assert names == ["26号窗口", "25号窗口", "24号窗口"]
    assert re.findall(r">(2\d号窗口)<", client.get("/rankings/windows?sort=-n").text) == names[::-1]
    assert client.get("/rankings/windows?sort=nonsense").status_code == 200


def test_a_stranger_is_asked_to_sign_in(client: PageClient, token: str) -> None:
    assert client.get("/rankings/windows").status_code == 302
    answer = client.get("/api/v1/rankings/windows")
    assert answer.status_code == 401
    assert "error" in answer.get_json()
