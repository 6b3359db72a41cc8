"""Cases as JSON: the same rules and the same eyes as on the pages."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.builders import BuiltWindow, a_rating, a_token, a_unit, a_window
from tests.pages import PageClient

Committed = Callable[[Callable[[Session], object]], object]


@pytest.fixture
def case_no(app: Flask, client: PageClient, committed: Committed) -> str:
    def rate(session: Session) -> None:
        window: BuiltWindow = a_window(session)
        a_unit(session, "GOV", "督查科")
        a_rating(session, window, 1, entry="ticket", evidence="B")

    committed(rate)
    found = client.get("/api/v1/cases", headers=a_token(app, "supervisor", "GOV")).json
    assert found is not None
    return str(found["cases"][0]["no"])


def test_a_case_says_which_moves_are_open(app: Flask, client: PageClient, case_no: str) -> None:
    case = client.get(f"/api/v1/cases/{case_no}", headers=a_token(app, "supervisor", "GOV")).json
    assert case is not None
    assert (case["state"], case["level"], case["window"]) == ("NEW", 1, "C-24")
    triage = next(move for move in case["moves"] if move["to"] == "TRIAGED")
    assert [field["name"] for field in triage["fields"]] == ["class", "clue", "reason"]


def test_a_move_is_made(app: Flask, client: PageClient, case_no: str) -> None:
    token = a_token(app, "supervisor", "GOV")
    made = client.post(
        f"/api/v1/cases/{case_no}/steps", json={"to": "TRIAGED", "class": "at-once"}, headers=token
    )
    assert (made.status_code, made.json and made.json["state"]) == (201, "TRIAGED")
    sent = {"to": "DISPATCHED", "owner": "TAX", "reason": "窗口归该单位"}
    dispatched = client.post(f"/api/v1/cases/{case_no}/steps", json=sent, headers=token)
    assert dispatched.status_code == 201
    owner = client.get("/api/v1/cases?state=DISPATCHED", headers=a_token(app, "owner", "TAX")).json
    assert owner is not None
    assert [case["owner"] for case in owner["cases"]] == ["TAX"]


def test_each_refusal_has_its_status(app: Flask, client: PageClient, case_no: str) -> None:
    token = a_token(app, "supervisor", "GOV")
    steps = f"/api/v1/cases/{case_no}/steps"
    assert client.post(steps, json={"to": "CLOSED"}, headers=token).status_code == 409
    missing = client.post(steps, json={"to": "TRIAGED"}, headers=token)
    assert (missing.status_code, missing.json and list(missing.json["error"]["details"])) == (422, ["class"])
    dispatcher = a_token(app, "dispatcher", "GOV")
    assert (
        client.post(steps, json={"to": "TRIAGED", "class": "explain"}, headers=dispatcher).status_code == 403
    )


def test_the_rated_side_sees_nothing_before_the_next_working_day(
    app: Flask, client: PageClient, case_no: str
) -> None:
    token = a_token(app, "window-manager", "TAX")
    found = client.get("/api/v1/cases", headers=token).json
    assert found is not None
    assert found["cases"] == []
    assert client.get(f"/api/v1/cases/{case_no}", headers=token).status_code == 404
