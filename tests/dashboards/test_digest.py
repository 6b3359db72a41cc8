"""The weekly digest: told once to leaders and supervisors, also after the clock stood still."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.dashboards.actions.digest import send_digest, weekly
from evalsys.kernel import clock, jobs
from evalsys.kernel.models import Notice, OutboxMessage
from tests.builders import a_window
from tests.conftest import Inside
from tests.dashboards.offices import an_account, signed_in
from tests.pages import PageClient
from tests.scoring.halls import summed

WEDNESDAY = datetime(2026, 3, 18, 10, tzinfo=clock.SHANGHAI)
LAST_WEEK = WEDNESDAY.date() - timedelta(days=7)
JOB = jobs.Timed("weekly-digest", weekly, send_digest)


@pytest.fixture(autouse=True)
def in_march() -> Iterator[None]:
    """A Wednesday: on Monday the machine was switched off."""
    with time_machine.travel(WEDNESDAY):
        yield


@pytest.fixture
def week(committed: Inside) -> None:
    """Sixty ratings last week, five of them bad, and many this week."""

    def make(session: Session) -> None:
        window = a_window(session)
        summed(session, window, 55, 0, 0, 2, 3, day=LAST_WEEK)
        summed(session, window, 0, 0, 0, 0, 500, day=WEDNESDAY.date())
        an_account(session, "leadership", window.unit_id)

    committed(make)


def said(session: Session) -> tuple[list[Notice], list[OutboxMessage]]:
    messages = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "digest.week"))
    return list(session.scalars(select(Notice))), list(messages)


def test_it_is_told_once_in_a_week_and_again_in_the_next(committed: Inside, week: None) -> None:
    assert committed(lambda session: jobs.perform(session, JOB, clock.now())) is True
    assert committed(lambda session: jobs.perform(session, JOB, clock.now())) is False
    assert committed(lambda session: [len(kind) for kind in said(session)]) == [2, 1]
    with time_machine.travel(WEDNESDAY + timedelta(days=5)):
        assert committed(lambda session: jobs.perform(session, JOB, clock.now())) is True
    assert committed(lambda session: [len(kind) for kind in said(session)]) == [4, 2]


def test_it_tells_of_the_week_that_is_over(client: PageClient, committed: Inside, week: None) -> None:
    committed(lambda session: send_digest(session, clock.now()))
    payload = committed(lambda session: json.loads(said(session)[1][0].payload))
    assert isinstance(payload, dict)
    assert payload["week"] == "2026-W11"
    assert "群众评价60条,好评率91.7%,差评5条。" in payload["body"]
    assert "没有超期未办结" in payload["body"]
    signed_in(client, "leadership")
    page = client.get("/notices").get_data(as_text=True)
    assert "2026年第11周摘要:群众评价60条,差评5条,超期未办结0件。" in page


def test_sending_twice_tells_once(committed: Inside, week: None) -> None:
    committed(lambda session: send_digest(session, clock.now()))
    committed(lambda session: send_digest(session, clock.now() + timedelta(hours=3)))
    assert committed(lambda session: [len(kind) for kind in said(session)]) == [2, 1]
