"""Two people at one case in the same moment: whoever comes second finds what the first has left."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from evalsys.desk.actions.reports import take_report
from evalsys.desk.models import NotDoneReport
from evalsys.desk.rules.reports import NewReport, ReportType
from evalsys.kernel import clock
from evalsys.kernel.database import db, transaction
from evalsys.rectification.actions.contacts import give_contact, withdraw_contact
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.actions.steps import locked
from evalsys.rectification.models import Case, CaseRating, CaseStep, Contact
from evalsys.rectification.queries import facts
from evalsys.rectification.rules.citizens import GivenContact
from evalsys.rectification.rules.states import State
from tests.builders import BuiltWindow, a_rating, a_window
from tests.conftest import Inside
from tests.rectification.people import somebody

Work = Callable[[Session], object]
WAITS_WITHIN = 30.0  # seconds
NUMBER, OTHER = GivenContact("19900001234", "王先生"), GivenContact("19900005678", "")


def overlapping(app: Flask, first: Work, second: Work, then: Work = lambda _session: None) -> tuple[Any, Any]:
    """Let the second wait while the first is at work, then finish the first; what both return."""

    def inside() -> object:
        with app.app_context(), transaction() as session:
            return second(session)

    with ThreadPoolExecutor(1) as pool:
        with app.app_context(), transaction() as session:
            done = first(session)
            following = pool.submit(inside)
            let_wait()
            then(session)
        return done, following.result(WAITS_WITHIN)


def let_wait() -> None:
    """Return once somebody waits for a lock; on SQLite nobody else can even begin."""
    if db.engine.dialect.name == "sqlite":
        return
    engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT")
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    patience_ends = time.monotonic() + WAITS_WITHIN
    with engine.connect() as connection:
        while not connection.execute(waiting).scalar_one():
            assert time.monotonic() < patience_ends
            time.sleep(0.02)
    engine.dispose()


@pytest.fixture
def window(committed: Inside) -> BuiltWindow:
    made = committed(a_window)
    assert isinstance(made, BuiltWindow)
    return made


def test_a_rating_does_not_join_a_case_that_is_just_being_closed(
    app: Flask, committed: Inside, window: BuiltWindow
) -> None:
    committed(lambda session: a_rating(session, window, 1))
    committed(lambda session: move(session, State.TRIAGED, {"class": "unverifiable"}))
    overlapping(
        app,
        lambda session: move(session, State.CLOSED, {"reason": "无法核实,已提醒窗口"}),
        lambda session: a_rating(session, window, 2),
    )

    def standing(session: Session) -> list[tuple[str, int]]:
        ratings = select(func.count()).where(CaseRating.case_id == Case.id).scalar_subquery()
        return [(state, n) for state, n in session.execute(select(Case.state, ratings).order_by(Case.id))]

    assert committed(standing) == [("CLOSED", 1), ("NEW", 1)]


def move(session: Session, target: State, given: dict[str, Any]) -> None:
    case_id = session.execute(select(Case.id).order_by(Case.id).limit(1)).scalar_one()
    supervisor = somebody(session, "supervisor")
    move_case(session.connection(), case_id, target, supervisor, given, now=clock.now())


def test_one_report_sent_twice_at_once_is_one(app: Flask, committed: Inside, window: BuiltWindow) -> None:
    new = NewReport(ReportType.NO, "窗口只说不行", window.hall_id, "a-key-of-the-page", window.window_id)

    def send(session: Session) -> str:
        return take_report(session.connection(), new, None, clock.now())

    first, second = overlapping(app, send, send)
    assert first == second

    def kept(session: Session) -> tuple[int, int, int]:
        counted = (select(func.count()).select_from(model) for model in (Case, CaseStep, NotDoneReport))
        cases, steps, reports = (session.execute(count).scalar_one() for count in counted)
        return cases, steps, reports

    assert committed(kept) == (1, 1, 1)


@pytest.fixture
def root(committed: Inside, window: BuiltWindow) -> int:
    """A bad rating whose rater left a number."""

    def leave(session: Session) -> int:
        rating = a_rating(session, window, 1, tags=("111",))
        give_contact(session.connection(), rating.root, NUMBER, clock.now())
        return rating.root

    made = committed(leave)
    assert isinstance(made, int)
    return made


def notes(session: Session) -> list[str]:
    said = select(CaseStep.reason).where(CaseStep.act == "note").order_by(CaseStep.seq)
    return list(session.scalars(said))


def withdraw(root: int) -> Work:
    return lambda session: withdraw_contact(session.connection(), root, clock.now())


def test_a_contact_withdrawn_twice_at_once_is_withdrawn_once(
    app: Flask, committed: Inside, root: int
) -> None:
    overlapping(app, withdraw(root), withdraw(root))
    assert committed(notes) == ["评价人留了联系方式", "评价人删除了联系方式"]


def test_a_contact_given_anew_while_it_is_withdrawn_keeps_nobody_waiting_for_ever(
    app: Flask, committed: Inside, root: int
) -> None:
    def hold(session: Session) -> None:
        case_id = facts.case_of_rating(session, root)
        assert case_id is not None
        locked(session.connection(), case_id)

    overlapping(
        app,
        hold,
        withdraw(root),
        then=lambda session: give_contact(session.connection(), root, OTHER, clock.now()),
    )
    assert committed(notes) == ["评价人留了联系方式"] * 2 + ["评价人删除了联系方式"]
    assert committed(lambda session: session.execute(select(Contact.sealed)).scalar_one()) is None
    assert committed(lambda session: session.execute(select(Case.is_reachable)).scalar_one()) is False
