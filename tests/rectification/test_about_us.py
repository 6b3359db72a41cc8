"""What the rated side sees of a case: from the next working day, without words, time or contact."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.models import JournalEntry
from evalsys.rectification.models import Case
from evalsys.rectification.rules.states import State
from tests.builders import signed_in
from tests.rectification.desks import DISPATCHER, MANAGER, SUPERVISOR, cases_standing

Committed = Callable[[Callable[[Session], object]], object]


@pytest.fixture
def no(committed: Committed) -> str:
    """A case that was given back to its owner to put right, seen for the first time today."""

    def stand(session: Session) -> str:
        (made,) = cases_standing(session, State.RECTIFYING)
        session.execute(update(Case).values(visible_from=clock.today(), opened_at=clock.now()))
        return made

    return str(committed(stand))


def test_the_rated_side_starts_from_its_own_list(app: Flask, no: str) -> None:
    client = signed_in(app, *MANAGER)
    assert client.get("/cases").headers["Location"] == "/cases/about-us"
    page = client.get("/cases/about-us").text
    assert no in page
    assert "24号窗口" in page


def test_nothing_is_seen_before_the_next_working_day(app: Flask, committed: Committed, no: str) -> None:
    def hide(session: Session) -> None:
        session.execute(update(Case).values(visible_from=clock.today() + timedelta(days=1)))

    committed(hide)
    client = signed_in(app, *MANAGER)
    assert no not in client.get("/cases/about-us").text
    assert client.get(f"/cases/{no}").status_code == 404


def test_neither_words_nor_time_nor_story_reach_the_rated_side(app: Flask, no: str) -> None:
    page = signed_in(app, *MANAGER).get(f"/cases/{no}").text
    assert "评价人怎么说" not in page
    assert "经过" not in page
    assert "已致歉" not in page


def test_reading_what_raters_said_leaves_a_mark(app: Flask, committed: Committed, no: str) -> None:
    signed_in(app, *SUPERVISOR).get(f"/cases/{no}")
    signed_in(app, *DISPATCHER).get(f"/cases/dispatch?no={no}")
    signed_in(app, *MANAGER).get(f"/cases/{no}")
    read = select(JournalEntry.object).where(JournalEntry.verb == "read-ratings")
    assert committed(lambda session: session.execute(read).scalars().all()) == [f"case={no}"] * 2


def test_no_minutes_left_tell_when_the_rater_tapped(app: Flask, committed: Committed) -> None:
    def stand(session: Session) -> str:
        (made,) = cases_standing(session, None)
        session.execute(update(Case).values(visible_from=clock.today()))
        return made

    address = f"/cases/{committed(stand)}"
    assert "工作时间" in signed_in(app, *SUPERVISOR).get(address).text
    assert "工作时间" not in signed_in(app, *MANAGER).get(address).text
