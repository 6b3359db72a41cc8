"""The pages of signals and of the standing desk, as a supervisor, an auditor and the public use them."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.assurance.actions.signals import find_signals
from evalsys.assurance.models import SignalHit, StandingProposal
from evalsys.evaluation.queries.counted import counted_ratings
from evalsys.kernel.models import JournalEntry
from tests.assurance.test_signals_job import NIGHT, one_phone
from tests.builders import signed_in
from tests.conftest import Inside
from tests.pages import PageClient

PROPOSAL = {"standing": "excluded", "ground": "no-service", "words": "核对了叫号记录,没有对应的办件"}


@pytest.fixture
def hit(committed: Inside) -> int:
    """A hit of twelve ratings from one telephone."""

    def make(session: Session) -> int:
        one_phone(session)
        find_signals(session, NIGHT)
        return session.execute(select(SignalHit.id)).scalar_one()

    return int(str(committed(make)))


def page(client: PageClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def token(text: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found
    return found[1]


def proposed(client: PageClient, hit: int, **changed: object) -> tuple[int, str]:
    """The answer to a proposal about all of a hit's ratings: its status and where it leads."""
    text = page(client, f"/signals/{hit}")
    roots = re.findall(r'name="roots"[^>]*value="(\d+)"', text)
    assert len(roots) == 12
    form = {**PROPOSAL, "roots": roots, "csrf_token": token(text), **changed}
    answer = client.post(f"/signals/{hit}", data=form)
    return answer.status_code, answer.headers.get("Location", "")


def standing_counts(committed: Inside) -> dict[str, int]:
    def count(session: Session) -> dict[str, int]:
        rating = counted_ratings().subquery()
        rows = session.execute(select(rating.c.standing, func.count()).group_by(rating.c.standing))
        return {standing: n for standing, n in rows}

    found = committed(count)
    assert isinstance(found, dict)
    return found


def test_a_hit_is_listed_with_its_numbers_in_a_sentence(app: Flask, hit: int) -> None:
    text = page(signed_in(app, "supervisor", "GOV"), "/signals")
    assert "一部手机连续评多个窗口" in text
    assert "在11分钟里评了8个窗口,共12条" in text
    assert "只标记" in text


def test_one_proposes_and_another_decides(app: Flask, hit: int, committed: Inside) -> None:
    supervisor, auditor = signed_in(app, "supervisor", "GOV"), signed_in(app, "auditor", "GOV")
    status, waiting = proposed(supervisor, hit)
    assert status == 303
    assert "由另一位同事决定" in page(supervisor, waiting)
    assert standing_counts(committed) == {"counted": 12}
    assert "等另一位决定" in page(auditor, "/standing")
    form = {"verdict": "agree", "csrf_token": token(page(auditor, waiting))}
    assert auditor.post(waiting, data=form).status_code == 303
    assert standing_counts(committed) == {"excluded": 12}
    log = page(auditor, "/standing")
    assert log.count("当时没有对应的办事:核对了叫号记录") == 12
    assert "已提出" in page(supervisor, "/signals")


def test_ones_own_proposal_cannot_be_agreed_to(app: Flask, hit: int, committed: Inside) -> None:
    supervisor = signed_in(app, "supervisor", "GOV")
    _status, waiting = proposed(supervisor, hit)
    form = {"verdict": "agree", "csrf_token": token(page(supervisor, "/account"))}
    answer = supervisor.post(waiting, data=form)
    assert answer.status_code == 403
    assert "必须是两个人" in answer.get_data(as_text=True)
    assert standing_counts(committed) == {"counted": 12}


def test_what_is_missing_is_said_and_nothing_is_proposed(app: Flask, hit: int, committed: Inside) -> None:
    supervisor = signed_in(app, "supervisor", "GOV")
    assert proposed(supervisor, hit, words="")[0] == 422
    assert proposed(supervisor, hit, ground="genuine")[0] == 422
    assert proposed(supervisor, hit, roots=[])[0] == 422
    assert proposed(supervisor, hit, roots=["1"])[0] == 422
    assert committed(lambda session: session.scalar(select(func.count()).select_from(StandingProposal))) == 0


def test_a_single_rating_is_proposed_from_its_own_page(app: Flask, hit: int) -> None:
    auditor = signed_in(app, "auditor", "GOV")
    link = re.search(r'href="(/standing/ratings/\d+)"', page(auditor, f"/signals/{hit}"))
    assert link
    text = page(auditor, link[1])
    assert "没有决定过,照常计入" in text
    roots = re.findall(r'name="roots"[^>]*value="(\d+)"', text)
    form = {**PROPOSAL, "standing": "held", "ground": "checking", "roots": roots, "csrf_token": token(text)}
    answer = auditor.post(link[1], data=form)
    assert answer.status_code == 303
    assert "正在核实" in page(auditor, answer.headers["Location"])


def test_reading_the_ratings_of_a_hit_is_in_the_journal(app: Flask, hit: int, committed: Inside) -> None:
    page(signed_in(app, "auditor", "GOV"), f"/signals/{hit}")
    last = select(JournalEntry.object).where(JournalEntry.verb == "read-ratings")
    assert committed(lambda session: session.scalars(last).all()) == [f"signal={hit}"]


def test_ratings_shown_again_because_something_was_missing_are_in_the_journal_again(
    app: Flask, hit: int, committed: Inside
) -> None:
    supervisor, auditor = signed_in(app, "supervisor", "GOV"), signed_in(app, "auditor", "GOV")
    _status, waiting = proposed(supervisor, hit)
    form = {"csrf_token": token(page(supervisor, "/account"))}
    link = re.search(r"/standing/ratings/(\d+)", page(auditor, f"/signals/{hit}"))
    assert link
    agree = form | {"verdict": "agree"}
    theirs = {"csrf_token": token(page(auditor, "/account"))}
    asked = (
        (supervisor, f"/signals/{hit}", form),
        (supervisor, link[0], form),
        (auditor, waiting, theirs),
        (supervisor, waiting, agree),
    )
    answers = [client.post(address, data=given) for client, address, given in asked]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 403]
    assert all(link[1] in answer.get_data(as_text=True) for answer in answers)
    marks = [f"signal={hit}", f"standing={link[1]}", *[waiting.replace("/standing/", "proposal=")] * 2]
    read = select(JournalEntry.object).where(JournalEntry.verb == "read-ratings").order_by(JournalEntry.id)
    # The first two are those of the pages from which the forms were taken.
    assert committed(lambda session: session.scalars(read).all()[2:]) == marks


def test_what_is_not_there_is_said(app: Flask) -> None:
    auditor = signed_in(app, "auditor", "GOV")
    for address in ("signals/99", "standing/99", "standing/ratings/99", f"standing/ratings/{10**19}"):
        assert auditor.get(f"/{address}").status_code == 404, address


def test_a_mark_that_leads_nowhere_shows_a_page(app: Flask, hit: int) -> None:
    auditor = signed_in(app, "auditor", "GOV")
    for mark in ("", "x", "1.2", "-1.5", "2026-03-04.1", f"{10**19}.1"):
        page(auditor, f"/signals?before={mark}&kind=x")
        page(auditor, f"/standing?before={mark}")


def test_the_public_page_needs_nobody_and_names_no_count_under_ten(client: PageClient, hit: int) -> None:
    text = page(client, "/left-out")
    assert text.count("不满10条或没有") == 24
