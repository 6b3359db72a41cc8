"""The page of 督办单: what was written, to whom, and whether the case has moved since."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.actions.supervising import supervise
from evalsys.rectification.queries import facts, supervision
from evalsys.rectification.queries.supervision import AskedNotices
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_unit, a_window, signed_in
from tests.rectification.people import MONDAY, somebody, walk

Committed = Callable[[Callable[[Session], object]], object]
LATE = MONDAY + timedelta(days=2)


def overdue(session: Session) -> int:
    """A case that its owner signed for and then left lying."""
    a_unit(session, "GOV", "督查科")
    rating = a_rating(session, a_window(session), 1, entry="ticket", evidence="B", at=MONDAY)
    case_id = facts.case_of_rating(session, rating.root)
    assert case_id is not None
    walk(session, case_id, State.ACCEPTED)
    supervise(session, LATE)
    return case_id


def test_a_notice_stands_until_its_case_moves(session: Session) -> None:
    case_id = overdue(session)
    (notice,) = supervision.notices(session, AskedNotices(), LATE).notices
    assert (notice.unit, notice.state, notice.light.value, notice.stands) == (
        "税务局",
        State.ACCEPTED,
        "red",
        True,
    )
    given: dict[str, FieldValue] = {"how": "phone", "when": LATE, "summary": "已致歉"}
    owner = somebody(session, "owner", "TAX")
    move_case(session.connection(), case_id, State.CONTACTED, owner, given, now=LATE)
    assert supervision.notices(session, AskedNotices(), LATE).notices == []
    (moved,) = supervision.notices(session, AskedNotices(standing=False), LATE).notices
    assert not moved.stands


def test_notices_are_found_by_unit_and_light(session: Session) -> None:
    overdue(session)
    assert len(supervision.notices(session, AskedNotices(unit="TAX", light="red"), LATE).notices) == 1
    assert supervision.notices(session, AskedNotices(unit="GOV"), LATE).notices == []
    assert supervision.notices(session, AskedNotices(light="red-2"), LATE).notices == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_page_names_case_unit_and_light(app: Flask, committed: Committed) -> None:
    committed(overdue)
    client = signed_in(app, "supervisor", "GOV")
    page = client.get("/cases/notices")
    assert page.status_code == 200
    assert "税务局" in page.text
    assert "超期" in page.text
    assert "还没办" in page.text


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("address", ["/cases/notices?light=blue", "/cases/notices?unit=NOBODY"])
def test_an_unknown_filter_is_refused_with_a_sentence(app: Flask, committed: Committed, address: str) -> None:
    committed(overdue)
    refused = signed_in(app, "supervisor", "GOV").get(address)
    assert refused.status_code == 422
    assert "没有" in refused.text
