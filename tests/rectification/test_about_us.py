"""What the rated side sees of a case: from the next working day, without words, time or contact."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Attribution
from evalsys.identity.models import Account
from evalsys.kernel import clock
from evalsys.kernel.models import JournalEntry
from evalsys.rectification.models import Case, CaseRating
from evalsys.rectification.queries import queue, story
from evalsys.rectification.queries.queue import UnknownFilter
from evalsys.rectification.rules.lights import Light
from evalsys.rectification.rules.states import State
from tests.builders import a_clerk, a_rating, a_token, a_window, an_account, around, on_duty, signed_in
from tests.pages import PageClient
from tests.rectification.desks import DISPATCHER, MANAGER, SUPERVISOR, cases_standing
from tests.rectification.people import MONDAY, somebody, walk

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

    no = committed(stand)
    for address in (f"/cases/{no}", f"/cases/all?no={no}", "/cases?mine=0"):
        assert "工作时间" in signed_in(app, *SUPERVISOR).get(address).text
        assert "工作时间" not in signed_in(app, *MANAGER).get(address, follow_redirects=True).text


def test_the_light_tells_the_rated_side_no_minute(
    app: Flask, client: PageClient, committed: Committed
) -> None:
    def stand(session: Session) -> str:
        (made,) = cases_standing(session, None)
        past = clock.now() - timedelta(minutes=1)
        later = clock.now() + timedelta(days=9)
        times = {"yellow_at": past, "due_at": past, "red2_at": later, "red3_at": later, "finish_by": later}
        session.execute(update(Case).values(visible_from=clock.today(), **times))
        return made

    no = committed(stand)
    lights = {
        role: [
            (client.get(f"/api/v1/cases/{no}", headers=token).json or {})["light"],
            (client.get("/api/v1/cases", headers=token).json or {})["cases"][0]["light"],
        ]
        for role, token in (("supervisor", a_token(app, *SUPERVISOR)), ("manager", a_token(app, *MANAGER)))
    }
    assert lights == {"supervisor": ["red"] * 2, "manager": ["green"] * 2}
    assert "超期" not in signed_in(app, *MANAGER).get(f"/cases/{no}").text
    refused = client.get("/api/v1/cases?light=red", headers=a_token(app, *MANAGER))
    assert refused.status_code == UnknownFilter.status
    assert "不能按时限筛选" in refused.text
    assert (
        "light"
        not in signed_in(app, *MANAGER).get("/cases/all").text.partition("<form")[2].split("</form")[0]
    )


def test_whoever_is_rated_sees_their_own_case_as_the_rated_side_does(session: Session) -> None:
    window = a_window(session)
    clerk = a_clerk(session)
    on_duty(session, window, clerk, *around(MONDAY))
    a_rating(session, window, 1, at=MONDAY, entry="ticket", evidence="B")
    case = session.execute(select(Case)).scalar_one()
    walk(session, case.id, State.ACCEPTED)
    for staff, is_rated in ((None, False), (clerk, True)):
        owner = somebody(session, "owner", "TAX", staff)
        found = story.story(session, case.no, owner, MONDAY)
        assert found is not None
        assert found.is_clerks_side is is_rated
        (line,) = queue.cases(session, queue.Asked(), owner, MONDAY).lines
        assert line.is_bare is is_rated
        by_light = [queue.cases(session, queue.Asked(light=light), owner, MONDAY).lines for light in Light]
        assert any(by_light) is not is_rated
        assert bool(queue.queue_length(session, queue.Asked(light="green"), owner, MONDAY)) is not is_rated
    both = replace(owner, roles=owner.roles | {"clerk"})
    assert queue.cases(session, queue.Asked(), both, MONDAY).lines == []


def test_a_rated_owner_is_offered_no_appeal_that_is_not_theirs_to_file(
    app: Flask, committed: Committed, no: str
) -> None:
    def rate_the_owner(session: Session) -> None:
        clerk = a_clerk(session)
        root = session.execute(select(CaseRating.root)).scalar_one()
        row = {"rating_id": root, "seq": 2, "staff_id": clerk, "how": "queue", "at": clock.now()}
        session.execute(insert(Attribution).values(**row))
        session.execute(update(Account).where(Account.name == "owner.TAX").values(staff_id=clerk))

    committed(lambda session: an_account(session, "owner", "TAX"))
    committed(rate_the_owner)
    page = signed_in(app, "owner", "TAX").get(f"/cases/{no}").text
    assert "经过" not in page
    assert "/appeal" not in page
    assert f'href="/cases/{no}/appeal"' in signed_in(app, *MANAGER).get(f"/cases/{no}").text
