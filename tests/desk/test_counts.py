"""Orders of a month, counted: every way out says the same."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.desk.actions.intake import take_order
from evalsys.desk.queries import counts
from evalsys.desk.rules import NewOrder, Source
from evalsys.kernel.proportions import rate_of
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.models import Case
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.figures import THREE_RATES, three_together
from evalsys.rectification.rules.states import State
from tests.builders import a_token, a_unit, signed_in
from tests.conftest import Inside
from tests.pages import PageClient
from tests.rectification.people import HEARD, MONDAY, somebody


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def orders(committed: Inside) -> None:
    """Two about noise, one of them closed as heard; one about property."""

    def make(session: Session) -> None:
        a_unit(session, "TAX")
        noise = NewOrder(Source.PHONE, "noise", "夜里施工", MONDAY)
        dispatcher = somebody(session, "dispatcher", "GOV")
        for order in (noise, noise, replace(noise, category="property")):
            take_order(session.connection(), order, dispatcher, now=MONDAY)
        first = session.execute(select(Case.id).order_by(Case.id).limit(1)).scalar_one()
        finish(session, first)

    committed(make)


def finish(session: Session, case_id: int, contacted: datetime = MONDAY) -> None:
    owner = a_unit(session, "TAX")
    way: list[tuple[State, str, str, dict[str, FieldValue]]] = [
        (State.DISPATCHED, "dispatcher", "GOV", {"owner": owner, "reason": "归该单位"}),
        (State.ACCEPTED, "owner", "TAX", {}),
        (State.CONTACTED, "owner", "TAX", {"how": "phone", "when": contacted, "summary": "已联系"}),
        (State.RECTIFYING, "owner", "TAX", {}),
        (
            State.SUBMITTED,
            "owner",
            "TAX",
            {"finding": "true", "cause": "process", "measures": "已改", "reply": "已改"},
        ),
        (State.ACCEPTANCE, "head", "TAX", {}),
        (State.CALLBACK, "supervisor", "GOV", {"true": "yes", "reasonable": "yes", "complete": "yes"}),
        (State.CLOSED, "callback-officer", "CALL", dict(HEARD)),
    ]
    for state, role, unit, given in way:
        at = MONDAY if state in (State.DISPATCHED, State.ACCEPTED) else contacted
        move_case(session.connection(), case_id, state, somebody(session, role, unit), given, now=at)


def test_every_way_out_says_the_same(app: Flask, orders: None) -> None:
    client = signed_in(app, "supervisor", "GOV")
    found = client.get("/orders/counts.json?month=2026-10").json
    assert found is not None
    rows = {(one["category"], one["unit"], one["state"]): one["orders"] for one in found["counts"]}
    assert rows == {
        ("噪音扰民", "税务局", "CLOSED"): 1,
        ("噪音扰民", "", "TRIAGED"): 1,
        ("物业管理", "", "TRIAGED"): 1,
    }
    assert [(one["numerator"], one["denominator"]) for one in found["rates"]] == [(1, 1)] * 3
    assert found["together"] == pytest.approx(100)
    token = a_token(app, "supervisor", "GOV")
    assert client.get("/api/v1/orders/counts?month=2026-10", headers=token).json == found
    text = client.get("/orders/counts.csv?month=2026-10").data.decode("utf-8-sig")
    assert {tuple(row[1:4]): int(row[4]) for row in list(csv.reader(io.StringIO(text)))[1:]} == rows
    book = openpyxl.load_workbook(io.BytesIO(client.get("/orders/counts.xlsx?month=2026-10").data))
    assert book["counts"].max_row == 4
    page = client.get("/orders/counts?month=2026-10").text
    assert "噪音扰民" in page
    assert "样本不足" in page.partition("综合得分")[2].partition("按类别")[0]


def test_a_month_without_orders_has_no_rates(app: Flask, orders: None) -> None:
    client = signed_in(app, "supervisor", "GOV")
    found = client.get("/orders/counts.json?month=2026-09").json
    assert found is not None
    assert (found["counts"], found["together"]) == ([], None)
    assert "这个月没有工单" in client.get("/orders/counts?month=2026-09").text
    assert client.get("/orders/counts?month=soon").status_code == 422
    assert client.get("/orders/counts?month=9999-12").status_code == 422


def test_the_interface_s_document_knows_the_counts(client: PageClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    assert "/api/v1/orders/counts" in document["paths"]


def test_the_figures_of_orders_are_the_month_s(app: Flask, orders: None) -> None:
    """Page, files and interface of the figures, and the month's counts, weigh the same three rates."""
    client, asked = signed_in(app, "supervisor", "GOV"), "from=2026-10-01&to=2026-10-31&kind=order"
    said = client.get(f"/api/v1/cases/figures?{asked}", headers=a_token(app, "supervisor", "GOV")).json
    assert said is not None
    assert said["total"]["three_rates"] == said["units"][0]["three_rates"] == 100
    rows = list(
        csv.DictReader(io.StringIO(client.get(f"/cases/figures.csv?{asked}").data.decode("utf-8-sig")))
    )
    assert [row["three-rates"] for row in rows] == ["100.0"]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/cases/figures.xlsx?{asked}").data))
    header, first = list(book["figures"].values)[:2]
    assert dict(zip(header, first, strict=True))["three-rates"] == 100
    page = client.get(f"/cases/figures?{asked}").text
    assert "样本不足" in page.partition("三率综合")[2].partition("平均停留")[0]
    assert "三率综合" not in client.get("/cases/figures?from=2026-10-01&to=2026-10-31").text


def test_a_late_contact_takes_its_weight_from_the_unit(app: Flask, session: Session) -> None:
    noise = NewOrder(Source.PHONE, "noise", "夜里施工", MONDAY)
    take_order(session.connection(), noise, somebody(session, "dispatcher", "GOV"), now=MONDAY)
    finish(session, session.execute(select(Case.id)).scalar_one(), contacted=MONDAY + timedelta(days=2))
    month = counts.month(session, date(2026, 10, 1), date(2026, 11, 1), 30, MONDAY)
    assert [row[2:4] for row in month.rate_rows()] == [(0, 1), (1, 1), (1, 1)]
    assert month.figures.together == pytest.approx(70)


def test_the_three_rates_weigh_thirty_and_twice_thirty_five() -> None:
    def together(
        contacted: tuple[int, int], solved: tuple[int, int], satisfied: tuple[int, int]
    ) -> float | None:
        parts = zip(THREE_RATES, (contacted, solved, satisfied), strict=True)
        return three_together({figure: rate_of(*part, 1) for figure, part in parts})

    assert together((10, 10), (2, 4), (0, 4)) == pytest.approx(30 + 17.5)
    assert together((10, 10), (0, 0), (4, 4)) is None
