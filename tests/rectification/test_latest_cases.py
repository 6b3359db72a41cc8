"""The list of all cases: the latest first, a page at a time, narrowed by state and unit."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.rectification.models import Case
from evalsys.rectification.queries import queue
from evalsys.rectification.queries.queue import Asked
from evalsys.rectification.rules.states import State
from tests.builders import a_unit
from tests.rectification.desks import cases_standing
from tests.rectification.people import MONDAY, somebody


@pytest.fixture
def numbers(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Five cases about TAX, two to a page: the first owned by SOC, the last about SOC and owned by TAX."""
    monkeypatch.setattr(queue, "PAGE", 2)
    states = (State.DISPATCHED, State.CLOSED, None, State.CLOSED, State.DISPATCHED)
    made = cases_standing(session, *states)
    social = a_unit(session, "SOC")
    ids = session.scalars(select(Case.id).order_by(Case.id)).all()
    session.execute(update(Case).where(Case.id == ids[0]).values(owner_unit_id=social))
    session.execute(update(Case).where(Case.id == ids[-1]).values(unit_id=social))
    return made


def pages(session: Session, asked: Asked, role: str = "supervisor", unit: str = "GOV") -> list[list[str]]:
    """Every page of a list, each with its numbers."""
    actor, cursor, found = somebody(session, role, unit), None, []
    while True:
        page = queue.cases(session, asked, actor, MONDAY, cursor)
        found.append([line.no for line in page.lines])
        if page.next is None:
            return found
        cursor = int(page.next)


def test_every_case_stands_on_one_page_the_latest_first(session: Session, numbers: list[str]) -> None:
    one, two, three, four, five = numbers
    assert pages(session, Asked()) == [[five, four], [three, two], [one]]


def test_a_unit_s_cases_are_those_about_it_and_those_it_owns_each_once(
    session: Session, numbers: list[str]
) -> None:
    one, two, three, four, five = numbers
    assert pages(session, Asked(department="TAX")) == [[five, four], [three, two], [one]]
    assert pages(session, Asked(department="SOC")) == [[five, one]]


def test_states_and_units_narrow_together(session: Session, numbers: list[str]) -> None:
    one, two, three, four, five = numbers
    assert pages(session, Asked(state="CLOSED")) == [[four, two]]
    assert pages(session, Asked(state="open")) == [[five, three], [one]]
    assert pages(session, Asked(state="DISPATCHED", department="SOC")) == [[five, one]]
    assert pages(session, Asked(state="NEW", department="SOC")) == [[]]


def test_an_owner_sees_its_own_alone(session: Session, numbers: list[str]) -> None:
    one, two, _, four, _ = numbers
    assert pages(session, Asked(), "owner", "SOC") == [[one]]
    assert pages(session, Asked(department="TAX"), "owner", "SOC") == [[one]]
    assert pages(session, Asked(state="CLOSED"), "owner", "TAX") == [[four, two]]
