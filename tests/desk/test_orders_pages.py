"""The dispatcher types in an order."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.rectification.models import Case, Contact
from tests.builders import a_window, signed_in
from tests.conftest import Inside
from tests.rectification.desks import posted
from tests.rectification.people import MONDAY

TYPED = {
    "source": "phone",
    "window": "",
    "category": "noise",
    "text": "夜里施工",
    "received_at": "2026-10-19T09:20",
}


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def window(committed: Inside) -> str:
    found: list[int] = []
    committed(lambda session: found.append(a_window(session).window_id))
    return str(found[0])


def test_a_typed_order_stands_on_its_case(app: Flask, session: Session, window: str) -> None:
    client = signed_in(app, "dispatcher", "GOV")
    assert "还没有受理过工单" in client.get("/orders").text
    made = posted(client, "/orders", **(TYPED | {"window": window}), phone="138 0000 1234", name="王敏")
    assert made.status_code == 303
    case = session.execute(select(Case)).scalar_one()
    assert (case.profile, case.state, case.window_id) == ("general", "TRIAGED", int(window))
    assert session.execute(select(Contact.masked)).scalar_one() == "王** 138****1234"
    page = client.get(made.headers["Location"]).text
    assert "夜里施工" in page
    assert case.no in client.get("/orders").text


def test_a_faulty_order_keeps_what_was_typed(app: Flask, session: Session) -> None:
    client = signed_in(app, "dispatcher", "GOV")
    for wrong in (
        {"category": ""},
        {"phone": "12"},
        {"received_at": "2026-10-20T09:20"},
        {"received_at": "x"},
    ):
        answer = posted(client, "/orders", **(TYPED | wrong))
        assert answer.status_code == 422
        assert "夜里施工" in answer.text
    assert session.scalars(select(Case.id)).all() == []


def test_a_number_used_for_something_else_is_refused(app: Flask) -> None:
    client = signed_in(app, "dispatcher", "GOV")
    assert posted(client, "/orders", **TYPED, upstream_no="7").status_code == 303
    assert posted(client, "/orders", **TYPED, upstream_no="7").status_code == 303
    answer = posted(client, "/orders", **(TYPED | {"text": "别的事"}), upstream_no="7")
    assert (answer.status_code, "已收过一件" in answer.text) == (409, True)
