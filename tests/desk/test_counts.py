"""Orders of a month, counted: every way out says the same."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.desk.actions.intake import take_order
from evalsys.desk.rules import NewOrder, Source
from evalsys.desk.rules.counts import rates_of
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.models import Case
from evalsys.rectification.rules.states import State
from tests.builders import a_unit, signed_in
from tests.conftest import Inside
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


def finish(session: Session, case_id: int) -> None:
    owner = a_unit(session, "TAX")
    way = [
        (State.DISPATCHED, "dispatcher", "GOV", {"owner": owner, "reason": "归该单位"}),
        (State.ACCEPTED, "owner", "TAX", {}),
        (State.CONTACTED, "owner", "TAX", {"how": "phone", "when": MONDAY, "summary": "已联系"}),
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
        move_case(session.connection(), case_id, state, somebody(session, role, unit), given, now=MONDAY)


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
    text = client.get("/orders/counts.csv?month=2026-10").data.decode("utf-8-sig")
    assert {tuple(row[1:4]): int(row[4]) for row in list(csv.reader(io.StringIO(text)))[1:]} == rows
    book = openpyxl.load_workbook(io.BytesIO(client.get("/orders/counts.xlsx?month=2026-10").data))
    assert book["counts"].max_row == 4
    assert "噪音扰民" in client.get("/orders/counts?month=2026-10").text


def test_a_month_without_orders_has_no_rates(app: Flask, orders: None) -> None:
    client = signed_in(app, "supervisor", "GOV")
    found = client.get("/orders/counts.json?month=2026-09").json
    assert found is not None
    assert (found["counts"], found["together"]) == ([], None)
    assert "这个月没有工单" in client.get("/orders/counts?month=2026-09").text
    assert client.get("/orders/counts?month=soon").status_code == 422
    assert client.get("/orders/counts?month=9999-12").status_code == 422


def test_the_three_rates_weigh_thirty_and_twice_thirty_five() -> None:
    assert rates_of((10, 10), (2, 4), (0, 4)).together == pytest.approx(30 + 17.5)
    assert rates_of((10, 10), (0, 0), (4, 4)).together is None
