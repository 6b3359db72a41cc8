"""The desks' pages."""

import re
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.rectification.models import Case
from tests.builders import a_rating, a_unit, a_window, signed_in

Sent = Mapping[str, str | list[str]]
Committed = Callable[[Callable[[Session], object]], object]


def test_a_bad_rating_waits_for_the_supervisor(app: Flask, committed: Committed) -> None:
    def rate(session: Session) -> None:
        a_unit(session, "GOV", "督查科")
        a_rating(session, a_window(session), 1, entry="ticket", evidence="B")

    committed(rate)
    page = signed_in(app, "supervisor", "GOV").get("/cases")
    assert page.status_code == 200
    assert "-0001" in page.text
    assert "待研判" in page.text
    assert "现在没有等您办的单子" in signed_in(app, "callback-officer", "GOV").get("/cases").text


@pytest.fixture
def case_no(app: Flask, committed: Committed) -> str:
    """A case of a bad rating that came from a service."""

    def rate(session: Session) -> str:
        a_unit(session, "GOV", "督查科")
        a_rating(session, a_window(session), 1, entry="ticket", evidence="B")
        return session.execute(select(Case.no)).scalar_one()

    return str(committed(rate))


def moved(app: Flask, who: tuple[str, str], no: str, target: str, sent: Sent | None = None) -> TestResponse:
    """One person makes one move by its form."""
    client = signed_in(app, *who)
    page = client.get(f"/cases/{no}")
    version = re.search(rf'name="{target}-version"[^>]*value="(\d+)"', page.text)
    assert version is not None, f"{target} is not offered to {who}"
    token = re.search(rf'name="{target}-csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    given = {f"{target}-{name}": value for name, value in (sent or {}).items()}
    given |= {f"{target}-version": version[1], f"{target}-csrf_token": token[1], "csrf_token": token[1]}
    return client.post(f"/cases/{no}/steps/{target}", data=given)


def test_a_case_goes_round_by_its_pages(app: Flask, case_no: str) -> None:
    owner, head, supervisor = ("owner", "TAX"), ("head", "TAX"), ("supervisor", "GOV")
    way: list[tuple[tuple[str, str], str, Sent]] = [
        (supervisor, "TRIAGED", {"class": "at-once"}),
        (("dispatcher", "GOV"), "DISPATCHED", {"owner": "TAX", "reason": "窗口归该单位"}),
        (owner, "ACCEPTED", {}),
        (owner, "CONTACTED", {"how": "phone", "when": "2026-10-19T10:00", "summary": "已致歉"}),
        (owner, "RECTIFYING", {}),
        (
            owner,
            "SUBMITTED",
            {"finding": "true", "cause": "process", "measures": "已改流程", "reply": "已经改好"},
        ),
        (head, "ACCEPTANCE", {}),
        (supervisor, "CALLBACK", {"true": "yes", "reasonable": "yes", "complete": "yes"}),
        (
            ("callback-officer", "GOV"),
            "CLOSED",
            {"reached": "yes", "solved": "yes", "satisfied": "satisfied", "pressed": "no"},
        ),
    ]
    for who, target, sent in way:
        answer = moved(app, who, case_no, target, sent)
        assert answer.status_code == 303, answer.text
    assert "办结" in signed_in(app, "supervisor", "GOV").get(f"/cases/{case_no}").text


def test_what_is_missing_is_said_beside_the_field_and_the_rest_is_kept(app: Flask, case_no: str) -> None:
    moved(app, ("supervisor", "GOV"), case_no, "TRIAGED", {"class": "at-once"})
    refused = moved(app, ("dispatcher", "GOV"), case_no, "DISPATCHED", {"reason": "窗口归该单位"})
    assert refused.status_code == 422
    assert "请填写“承办单位”" in refused.text
    assert "窗口归该单位" in refused.text


def test_only_open_moves_are_offered(app: Flask, case_no: str) -> None:
    page = signed_in(app, "dispatcher", "GOV").get(f"/cases/{case_no}").text
    assert "TRIAGED-version" not in page
