"""Orders as other platforms send them: classified at once, taken once, due when their sender says."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.desk.models import Order
from evalsys.kernel.models import JournalEntry
from evalsys.rectification.models import Case, CaseStep, Contact
from tests.builders import a_clerk, a_token, a_window, around, on_duty, signed_in
from tests.conftest import Inside
from tests.pages import PageClient
from tests.rectification.people import MONDAY

AT = MONDAY + timedelta(minutes=5)
SENT: dict[str, Any] = {
    "source": "city-platform",
    "category": "property",
    "text": "小区电梯坏了三天",
    "place": "南门",
    "upstream_no": "2026-77",
    "received_at": "2026-10-19T09:30:00",
}


def send(app: Flask, client: PageClient, role: str = "business-system", **other: Any) -> tuple[int, Any]:
    answer = client.post("/api/v1/orders", json=SENT | other, headers=a_token(app, role, "GOV"))
    return answer.status_code, answer.json


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def hall(committed: Inside) -> None:
    def make(session: Session) -> None:
        window = a_window(session)
        on_duty(session, window, a_clerk(session), *around(MONDAY))

    committed(make)


def test_an_order_is_classified_by_its_category(app: Flask, client: PageClient, session: Session) -> None:
    status, taken = send(app, client)
    assert (status, taken["profile"]) == (201, "general")
    # Five working days after Monday the 19th, to the end of the day in the hall.
    assert taken["finish_by"].startswith("2026-10-26T16:00:00")
    case = session.execute(select(Case)).scalar_one()
    assert (case.kind, case.state, case.case_class) == ("order", "TRIAGED", None)
    reasons = session.scalars(select(CaseStep.reason).order_by(CaseStep.seq)).all()
    assert reasons == ["", "类别“物业管理”"]


@pytest.mark.parametrize(
    ("category", "finish_by"), [("waterlogging", "2026-10-19T03:30"), ("utilities", "2026-10-20T01:30")]
)
def test_an_urgent_order_runs_on_the_plain_clock(
    app: Flask, client: PageClient, category: str, finish_by: str
) -> None:
    assert send(app, client, category=category)[1]["finish_by"].startswith(finish_by)


def test_the_sender_s_end_comes_first_only_where_it_is_earlier(app: Flask, client: PageClient) -> None:
    early = send(app, client, upstream_no="a", upstream_due="2026-10-21T12:00:00+08:00")[1]
    late = send(app, client, upstream_no="b", upstream_due="2026-12-21T12:00:00+08:00")[1]
    assert early["finish_by"].startswith("2026-10-21T04:00")
    assert late["finish_by"].startswith("2026-10-26T16:00")


def test_the_same_number_again_is_the_same_order(app: Flask, client: PageClient, session: Session) -> None:
    first = send(app, client)
    assert first[0] == 201
    assert send(app, client) == (200, first[1])
    # The same instant, written with its offset.
    assert send(app, client, received_at="2026-10-19T01:30:00Z") == (200, first[1])
    assert send(app, client, text="别的事")[0] == 409
    assert send(app, client, source="phone", text="别的事")[0] == 201
    assert len(session.scalars(select(Order.case_id)).all()) == 2


def test_orders_without_a_number_are_each_an_order(app: Flask, client: PageClient) -> None:
    numbers = {send(app, client, upstream_no=None)[1]["no"] for _ in range(2)}
    assert len(numbers) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "weather"},
        {"source": "rumour"},
        {"text": ""},
        {"text": "   "},
        {"window": "C-99"},
        {"contact": {"phone": "12"}},
        {"received_at": "2126-01-01T00:00:00"},
        {"upstream_due": "2026-10-18T00:00:00"},
    ],
)
def test_what_cannot_be_taken_in_is_refused(
    app: Flask, client: PageClient, session: Session, hall: None, wrong: dict[str, Any]
) -> None:
    assert send(app, client, **wrong)[0] == 422
    assert session.scalars(select(Case.id)).all() == []


def test_only_the_desk_and_other_systems_take_in_orders(app: Flask, client: PageClient) -> None:
    assert send(app, client, "dispatcher")[0] == 201
    assert send(app, client, "owner", upstream_no="x")[0] == 403
    assert client.post("/api/v1/orders", json=SENT).status_code == 401


def test_a_contact_is_sealed(app: Flask, client: PageClient, session: Session) -> None:
    send(app, client, contact={"phone": "13800001234", "name": "王敏"})
    kept = session.execute(select(Contact)).scalar_one()
    assert kept.masked == "王** 138****1234"
    assert kept.sealed is not None
    assert b"13800001234" not in kept.sealed
    assert session.execute(select(Case.is_reachable)).scalar_one()


def test_the_case_s_page_shows_what_the_order_brought(app: Flask, client: PageClient, hall: None) -> None:
    no = send(app, client, window="C-24")[1]["no"]
    page = signed_in(app, "dispatcher", "GOV").get(f"/cases/{no}").text
    for words in ("小区电梯坏了三天", "市级平台", "物业管理", "南门", "2026-77", "王敏"):
        assert words in page


def test_whoever_reads_an_order_s_case_leaves_a_mark(
    app: Flask, client: PageClient, hall: None, committed: Inside
) -> None:
    no = send(app, client, window="C-24")[1]["no"]
    assert signed_in(app, "dispatcher", "GOV").get(f"/cases/{no}").status_code == 200
    marks = select(JournalEntry.object).where(JournalEntry.verb == "read-case")
    assert committed(lambda session: session.execute(marks).scalars().all()) == [f"case {no}"]
