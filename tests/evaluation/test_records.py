"""Who reads what citizens said, and how much of it."""

import re
from datetime import date, time, timedelta
from html import unescape
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.queries import records
from evalsys.evaluation.rules import Explanation
from evalsys.kernel import clock
from evalsys.kernel.masking import masked
from evalsys.kernel.models import JournalEntry
from tests.builders import a_rating, a_token, a_window, code_of, signed_in
from tests.conftest import Inside


def then() -> date:
    """A Thursday among the days read where none are asked for, of a week released long ago."""
    return clock.today() - timedelta(days=clock.today().weekday() + 4 + 21)


def a_week_of_words(session: Session, number: str, ratings: int) -> None:
    window = a_window(session, number)
    at = clock.at(then(), time(10))
    for place in range(ratings):
        receipt = uuid4().hex
        a_rating(session, window, 2, at=at, receipt_hash=receipt)
        words = Explanation(tags=("214",), text=f"{number}号第{place}条,电话13812345678")
        explain_rating(session.connection(), receipt, words, at)


@pytest.fixture
def said(committed: Inside) -> None:
    def make(session: Session) -> None:
        a_week_of_words(session, "24", 5)
        a_week_of_words(session, "25", 4)

    committed(make)


def test_leadership_reads_every_row_and_leaves_a_mark(app: Flask, said: None, committed: Inside) -> None:
    page = signed_in(app, "leadership").get("/comments?words=1").get_data(as_text=True)
    assert "评价9条" in page
    assert "13812345678" in page
    marks = select(func.count()).where(JournalEntry.verb == "read-ratings").select_from(JournalEntry)
    assert committed(lambda session: session.scalar(marks)) == 1


def test_the_clerks_side_reads_words_by_the_week_masked_and_only_of_enough(app: Flask, said: None) -> None:
    page = signed_in(app, "window-manager").get(f"/comments?week={then():%G-W%V}").get_data(as_text=True)
    assert page.count("态度生硬") == 5
    assert "13812345678" not in page
    assert "[已隐去]" in page
    assert "25号" not in page
    assert "不满意" not in page


def test_the_clerks_side_cannot_read_the_present_week(app: Flask, said: None) -> None:
    client = signed_in(app, "window-manager")
    year, week, _ = clock.today().isocalendar()
    answer = client.get(f"/comments?week={year}-W{week:02d}")
    assert answer.status_code == 422
    assert "还可以补充" in answer.get_data(as_text=True)


def test_a_manager_of_another_department_reads_nothing(app: Flask, said: None) -> None:
    manager = signed_in(app, "window-manager", unit="HRSS")
    page = manager.get(f"/comments?week={then():%G-W%V}").get_data(as_text=True)
    assert "态度生硬" not in page


def test_the_auditor_pages_through_ratings_as_json(app: Flask, said: None) -> None:
    headers = a_token(app, "auditor")
    answer = app.test_client().get("/api/v1/ratings", headers=headers).get_json()
    assert len(answer["ratings"]) == 9
    assert answer["next"] is None
    row = answer["ratings"][0]
    assert row["level"] == 2
    assert "text" not in row
    assert "staff" not in row


def ids(app: Flask, query: str = "") -> list[str]:
    """The ids of all rows, read from mark to mark."""
    headers, found, cursor = a_token(app, "auditor"), [], ""
    while cursor is not None:
        address = f"/api/v1/ratings?cursor={cursor}&{query}"
        answer = app.test_client().get(address, headers=headers).get_json()
        found += [row["id"] for row in answer["ratings"]]
        cursor = answer["next"]
    return found


def test_every_row_is_read_once_however_short_the_looks(
    app: Flask, said: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = ids(app)
    assert len(everything) == 9
    for looked_at, batch in ((1, 1), (2, 50), (4, 3), (9, 9), (50, 2)):
        monkeypatch.setattr(records, "LOOKED_AT", looked_at)
        monkeypatch.setattr(records, "BATCH", batch)
        assert ids(app) == everything, (looked_at, batch)
        assert ids(app, "hall=C&department=TAX") == everything
        assert ids(app, "channel=face-to-face") == []


@pytest.mark.parametrize(("query", "rows"), [("words=1", 9), ("window=C-25", 4), ("hall=C&level=2", 9)])
def test_a_page_leads_on_to_the_next_and_back_to_the_first(
    app: Flask, said: None, monkeypatch: pytest.MonkeyPatch, query: str, rows: int
) -> None:
    monkeypatch.setattr(records, "LOOKED_AT", 3)
    leader = signed_in(app, "leadership")
    page = leader.get(f"/comments?{query}").get_data(as_text=True)
    seen = 0
    while onward := re.search(r'rel="next" href="([^"]+)"', page):
        seen += max(0, page.count("<tr>") - 1)
        page = leader.get(f"/comments{unescape(onward[1])}").get_data(as_text=True)
        assert "回到第一页" in page
    assert seen + max(0, page.count("<tr>") - 1) == rows


def test_windows_as_json_name_their_rating_address(app: Flask, committed: Inside) -> None:
    code = committed(lambda session: code_of(session, a_window(session)))
    rows = app.test_client().get("/api/v1/windows", headers=a_token(app, "business-system")).get_json()
    assert rows == [
        {
            "code": "C-24",
            "number": "24",
            "hall": "C",
            "department": "税务局",
            "rating_url": f"http://127.0.0.1:8000/q/{code}",
        }
    ]


def test_without_a_token_json_answers_401_and_without_the_role_403(app: Flask, said: None) -> None:
    client = app.test_client()
    assert client.get("/api/v1/ratings").status_code == 401
    answer = client.get("/api/v1/ratings", headers=a_token(app, "clerk"))
    assert answer.status_code == 403
    assert set(answer.get_json()["error"]) == {"code", "message", "details"}


def test_the_document_of_the_interface_is_public(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/windows" in document["paths"]


@pytest.mark.parametrize(
    "text",
    [
        "打13812345678找我",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "138.1234.5678",
        "138,1234,5678",
        "身份证110101199003078515",
        "0471-1234567",
        "我的邮箱a.b@qq.com",
    ],
)
def test_numbers_of_persons_are_masked(text: str) -> None:
    assert "已隐去" in masked(text)


def test_ordinary_numbers_stay() -> None:
    assert masked("等了120分钟,排到A0123号,交了3500元") == "等了120分钟,排到A0123号,交了3500元"


def test_a_filter_that_names_nothing_is_refused_by_name(app: Flask, said: None) -> None:
    headers = a_token(app, "auditor")
    for query in (
        "channel=pigeon",
        "department=NONE",
        "hall=X",
        "entry=door",
        "cursor=x",
        "cursor=2026-13-01.7",
    ):
        answer = app.test_client().get(f"/api/v1/ratings?{query}", headers=headers)
        assert answer.status_code == 422, query
    leader = signed_in(app, "leadership")
    assert leader.get("/comments?department=NONE").status_code == 422
    assert leader.get(f"/comments?after=2026-02-01.{10**20}").status_code == 422


def test_words_stay_unread_while_reasons_may_still_be_added(app: Flask, said: None) -> None:
    """Reasons written late about a week cannot be told by looking twice."""
    page = signed_in(app, "window-manager").get("/comments").get_data(as_text=True)
    assert "态度生硬" not in page
