"""Overview, funnels and channel gaps: page, figure and files say the same, to those who see live sums."""

import csv
import io
import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from evalsys.identity.actions.accounts import create_token
from evalsys.identity.queries.accounts import account_by_name
from evalsys.kernel import clock
from evalsys.scoring import actions
from tests.builders import a_window
from tests.conftest import Inside
from tests.dashboards.offices import an_account, signed_in
from tests.dashboards.test_rankings import flat
from tests.pages import PageClient
from tests.scoring.halls import summed

TABLET = {"channel": "face-to-face", "entry": "tablet"}


@pytest.fixture
def hall(committed: Inside) -> None:
    """Six windows alike, one far worse, one with few; a tablet that hears better than the links."""

    def make(session: Session) -> None:
        day = clock.today() - timedelta(days=3)
        built = [a_window(session, str(number)) for number in range(21, 29)]
        for window in built[:6]:
            summed(session, window, 900, 96, 0, 2, 2, day=day)
        summed(session, built[6], 900, 60, 0, 20, 20, day=day)
        summed(session, built[7], 20, day=day)
        summed(session, built[0], 500, day=day, **TABLET)
        summed(session, built[0], 80, 0, 0, 0, 20, day=day, entry="link")
        for role in ("leadership", "window-manager"):
            an_account(session, role, built[0].unit_id)

    committed(make)


@pytest.fixture
def leader(client: PageClient, hall: None) -> PageClient:
    return signed_in(client, "leadership")


def lines_of(client: PageClient, address: str) -> list[dict[str, str]]:
    text = client.get(address).text.lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_overview_says_its_findings_in_sentences(leader: PageClient, committed: Inside) -> None:
    committed(lambda session: actions.place_rows(session, clock.now()))
    page = leader.get("/overview").text
    assert "窗口:差评率上1个与其余不同,6个看不出差别。" in page
    assert "部门:够数的太少,不比较。" in page
    assert "渠道差:1个可比的窗口中,1个当面评的明显高于离柜评的,最大的是21号窗口(高20.0分)。" in page
    assert "窗口得分最多分得出2档" in page
    assert "红榜:没有。" in page
    assert "黑榜:没有。" in page


def test_a_window_long_bad_is_not_said_to_have_got_worse(leader: PageClient, committed: Inside) -> None:
    def long_bad(session: Session) -> None:
        window, worse, group = (a_window(session, number) for number in ("31", "32", "33"))
        today = clock.today()
        for ago in range(180, 0, -1):
            recent = ago <= 20
            summed(session, group, 195, 0, 0, 0, 0, day=today - timedelta(days=ago))
            summed(session, window, 57, 0, 0, 3, 0, day=today - timedelta(days=ago))
            summed(session, worse, 57, 0, 0, 3 if recent else 0, 0, day=today - timedelta(days=ago))

    committed(long_bad)
    page = " ".join(leader.get("/overview").text.split())
    assert "预警:1个窗口的差评近来多起来,已超出偶然。另有2个高于本组,看不出是新变化。" in page.replace(
        " ", ""
    )
    said = dict(re.findall(r'window=[^"]+">(\d+)号窗口.*?data-label="说明">([^<]+)<', page))
    assert said == {"27": "没有以前可比", "31": "一直偏高", "32": "变差"}


def test_warnings_and_lists_are_files_and_json_too(leader: PageClient, committed: Inside) -> None:
    def make(session: Session) -> str:
        account = account_by_name(session, "leadership")
        assert account is not None
        return create_token(session, account, "another", None, clock.now())

    headers = {"Authorization": f"Bearer {committed(make)}"}
    (line,) = lines_of(leader, "/overview/warnings.csv")
    (row,) = leader.get("/api/v1/overview/warnings", headers=headers).get_json()["rows"]
    assert (line["code"], line["says"], line["bad"], line["n"]) == ("C-27", "no-past", "40", "1000")
    assert {name: str(value) if value is not None else "" for name, value in row.items()} == line
    assert float(line["ewma"]) > float(line["ewma_limit"])
    assert lines_of(leader, "/overview/lists.csv") == []
    assert leader.get("/api/v1/overview/lists", headers=headers).get_json()["rows"] == []
    book = load_workbook(io.BytesIO(leader.get("/overview/warnings.xlsx").data))
    assert [cell.value for cell in book["figures"][2]][:1] == ["C-27"]


def test_an_overview_of_nothing_says_so(leader: PageClient) -> None:
    assert "这段时间没有计入的评价" in leader.get("/overview?from=2001-01-01&to=2001-02-01").text


def test_the_funnel_names_who_lies_outside_and_draws_the_same(leader: PageClient) -> None:
    page = leader.get("/funnels/windows").text
    assert "7个中,1个高出99.8%限,0个低于99.8%限" in page
    assert "另有1个评价不足或不比较" in page
    lines = lines_of(leader, "/funnels/windows.csv")
    assert [line["code"] for line in lines if line["side"] == "far-above"] == ["C-27"]
    figure = leader.get("/funnels/windows/figure").get_json()
    dots = [trace for trace in figure["data"] if trace["mode"] == "markers"]
    drawn = sorted((x, y) for trace in dots for x, y in zip(trace["x"], trace["y"], strict=True))
    said = sorted((int(line["rate.denominator"]), round(float(line["rate.rate"]), 5)) for line in lines)
    assert drawn == said
    limits = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    assert len(limits) == 5
    assert all(len(trace["x"]) == len(trace["y"]) > 20 for trace in limits)


def test_another_measure_and_other_subjects_have_their_own_funnels(leader: PageClient) -> None:
    assert "非常满意率" in leader.get("/funnels/windows?measure=very-satisfied").text
    assert "没有可比的" in leader.get("/funnels/departments").text
    assert leader.get("/funnels/departments/figure").get_json()["data"] == []
    refused = leader.get("/funnels/windows?measure=luck")
    assert refused.status_code == 422
    assert "没有“luck”这一项" in refused.text


@pytest.mark.parametrize("page", ["funnels/windows", "gaps/departments"])
def test_the_workbook_holds_what_the_csv_holds(leader: PageClient, page: str) -> None:
    text = leader.get(f"/{page}.csv").text.lstrip("\ufeff")
    book = load_workbook(io.BytesIO(leader.get(f"/{page}.xlsx").data))
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    words = list(csv.reader(io.StringIO(text)))
    assert len(words) == len(rows)
    for line, row in zip(words, rows, strict=True):
        for word, value in zip(line, row, strict=True):
            if isinstance(value, bool):
                assert word == str(value).lower()
            elif isinstance(value, int | float):
                assert float(word) == pytest.approx(value)
            else:
                assert word == (value or "")


def test_the_gap_stands_with_both_sides_and_its_interval(leader: PageClient) -> None:
    page = leader.get("/gaps/windows").text
    assert "两边都够数的1个中,1个柜台得分明显高于离柜" in page
    (line,) = (line for line in lines_of(leader, "/gaps/windows.csv") if line["proven"] == "1")
    assert (line["code"], line["tablet.numerator"], line["freer.denominator"]) == ("C-21", "500", "100")
    assert float(line["score_gap"]) == pytest.approx(20)
    assert float(line["score_gap.0"]) < 20 < float(line["score_gap.1"])
    figure = leader.get("/gaps/windows/figure").get_json()
    assert [trace["y"] for trace in figure["data"]] == [[20.0]]


def test_the_ranking_shows_where_each_row_could_stand_stored_or_not(
    leader: PageClient, committed: Inside
) -> None:
    page = leader.get("/rankings/windows").text
    assert "收缩得分" in page
    assert "第2档" in page
    rows = lines_of(leader, "/rankings/windows.csv")
    committed(lambda session: actions.place_rows(session, clock.now()))
    assert lines_of(leader, "/rankings/windows.csv") == rows
    (worst,) = (row for row in rows if row["code"] == "C-27")
    assert (worst["rank"], worst["rank_interval.0"], worst["rank_interval.1"]) == ("7", "7", "7")
    assert float(worst["score"]) < float(worst["shrunk"]) < 97


def test_the_clerks_side_sees_none_of_it(client: PageClient, hall: None) -> None:
    manager = signed_in(client, "window-manager")
    for address in (
        "/overview",
        "/funnels/windows",
        "/funnels/windows.csv",
        "/overview/warnings.csv",
        "/gaps/staff",
        "/gaps/staff/figure",
    ):
        assert manager.get(address).status_code == 403


@pytest.mark.parametrize("page", ["funnels/windows?measure=very-satisfied", "gaps/windows"])
def test_the_json_says_what_the_files_say(leader: PageClient, committed: Inside, page: str) -> None:
    def make(session: Session) -> str:
        account = account_by_name(session, "leadership")
        assert account is not None
        return create_token(session, account, "another", None, clock.now())

    headers = {"Authorization": f"Bearer {committed(make)}"}
    said = leader.get(f"/api/v1/{page}", headers=headers).get_json()
    lines = lines_of(leader, page.replace("windows", "windows.csv"))
    assert len(said["rows"]) == len(lines) >= 7
    for row, line in zip(said["rows"], lines, strict=True):
        words = {path: "" if value is None else str(value) for path, value in flat(row).items()}
        assert {path: word.lower() for path, word in words.items() if path in line} == {
            path: word.lower() for path, word in line.items() if path in words
        }
        assert {path.split(".")[0] for path in words} == {path.split(".")[0] for path in line}


def test_the_ranking_and_the_overview_say_one_thing_of_the_bands(leader: PageClient) -> None:
    said = re.search(r"窗口得分(最多分得出\d+档|分不出档)", leader.get("/overview").text)
    assert said
    page = leader.get("/rankings/windows").text
    assert said[0] in page
    assert "分不出高下" not in page
    # Today has no closed day yet, so that nothing can be placed.
    today = clock.today()
    assert said[0] not in leader.get(f"/rankings/windows?from={today}&to={today}").text
    # What is filtered is a part of its group.
    assert said[0] not in leader.get("/rankings/windows?hall=C").text
