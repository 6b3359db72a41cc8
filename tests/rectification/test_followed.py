"""What raters do later finds its case: a level that turns, a second word, what two cases share."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.ratings import correct_rating
from evalsys.evaluation.queries import behind
from evalsys.rectification.actions import confirming
from evalsys.rectification.actions.linking import link_same
from evalsys.rectification.actions.moving import add_assistants, move_by_system, move_case, note, undo
from evalsys.rectification.models import Case, CaseAssistant, CaseTag
from evalsys.rectification.queries import chasing, facts, joining
from evalsys.rectification.queries.chasing import Chased
from evalsys.rectification.rules import NotAllowed, NotYours
from evalsys.rectification.rules.states import State
from tests.builders import BuiltWindow, a_clerk, a_rating, a_unit, a_window, an_item, around, on_duty
from tests.rectification.people import MONDAY, present, somebody, walk


def case_of(session: Session, root: int) -> int:
    found = facts.case_of_rating(session, root)
    assert found is not None
    return found


def bad(session: Session, window: BuiltWindow | None = None, level: int = 1) -> int:
    """A bad rating with a service behind it; its root."""
    at_window = window or a_window(session)
    rating = a_rating(session, at_window, level, entry="ticket", evidence="B", at=MONDAY, receipt_hash="r")
    return rating.root


def turned(session: Session, level: int, minutes: int) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    correct_rating(session.connection(), "r", level, f"key-of-the-turn-{minutes:05}", now=now)


def test_a_rating_that_turns_bad_again_has_a_case_again(session: Session) -> None:
    root = bad(session)
    first = case_of(session, root)
    turned(session, 5, 1)
    assert present(session, first).state == "CANCELLED"
    turned(session, 2, 2)
    case = present(session, case_of(session, root))
    assert (case.id != first, case.state, case.level) == (True, "NEW", 2)


def test_the_level_of_a_case_follows_its_rating(session: Session) -> None:
    case_id = case_of(session, bad(session, level=2))
    turned(session, 1, 1)
    assert present(session, case_id).level == 1
    turned(session, 2, 2)
    assert present(session, case_id).level == 2


def test_a_good_level_says_nothing_to_a_case_that_has_ended(session: Session) -> None:
    case_id = case_of(session, bad(session))
    walk(session, case_id, State.CLOSED)
    version = present(session, case_id).version
    turned(session, 5, 1)
    assert present(session, case_id).version == version


def test_a_second_not_solved_takes_the_case_up_a_second_time(session: Session) -> None:
    root = bad(session)
    case_id, connection = case_of(session, root), session.connection()
    walk(session, case_id, State.CLOSED)
    confirming.confirm(connection, root, "no", None, MONDAY)
    confirming.confirm(connection, root, "no", None, MONDAY)
    assert present(session, case_id).redo_count == 1
    session.execute(update(Case).values(state="CLOSED", closed_at=MONDAY))
    confirming.confirm(connection, root, "no", None, MONDAY)
    assert present(session, case_id).state == "REDO"


def test_what_joins_a_confirmed_mistake_was_not_confirmed_as_one(session: Session) -> None:
    window = a_window(session)
    case_id = case_of(session, a_rating(session, window, 2, at=MONDAY).root)
    session.execute(update(Case).values(is_mistake_confirmed=True))
    a_rating(session, window, 1, at=MONDAY)
    case = present(session, case_id)
    assert (case.is_mistake_confirmed, case.level) == (False, 1)


def test_one_item_in_two_units_makes_two_cases(session: Session) -> None:
    window = a_window(session)
    root = bad(session, window)
    item = an_item(session, window)
    session.execute(update(Case).values(item_id=item))
    session.execute(insert(CaseTag).values(case_id=case_of(session, root), tag="108"))
    connection = session.connection()
    found = behind.behind(connection, root)
    assert found is not None
    rating = replace(found, item_id=item, tags=("108",))
    assert joining.case_about_the_same(connection, rating, MONDAY) == case_of(session, root)
    elsewhere = replace(rating, unit_id=a_unit(session, "GOV", "督查科"))
    assert joining.case_about_the_same(connection, elsewhere, MONDAY) is None


def test_a_passed_end_named_by_the_sender_ends_nothing_done_again(session: Session) -> None:
    case_id, connection = case_of(session, bad(session)), session.connection()
    walk(session, case_id, State.CLOSED)
    session.execute(update(Case).values(not_after=MONDAY))
    later = MONDAY + timedelta(days=1)
    move_by_system(connection, case_id, State.REDO, "没有解决", now=later)
    given = {"owner": a_unit(session), "reason": "重办"}
    move_case(connection, case_id, State.DISPATCHED, somebody(session, "dispatcher"), given, now=later)
    case = present(session, case_id)
    assert case.not_after is None
    assert case.finish_by is not None
    assert case.finish_by > later


def test_who_helps_by_a_dispatch_taken_back_helps_no_more(session: Session) -> None:
    case_id, connection = case_of(session, bad(session)), session.connection()
    walk(session, case_id, State.TRIAGED)
    dispatcher, helper = somebody(session, "dispatcher"), a_unit(session, "GOV", "督查科")
    given = {"owner": a_unit(session), "reason": "误派", "assisting": (str(helper),)}
    move_case(connection, case_id, State.DISPATCHED, dispatcher, given, now=MONDAY)
    assert session.scalars(select(CaseAssistant.unit_id)).all() == [helper]
    undo(connection, case_id, dispatcher, now=MONDAY)
    assert session.scalars(select(CaseAssistant.unit_id)).all() == []


def test_the_rated_person_adds_nothing_to_their_own_case(session: Session) -> None:
    window, clerk = a_window(session), a_clerk(session)
    on_duty(session, window, clerk, *around(MONDAY))
    case_id, connection = case_of(session, bad(session, window)), session.connection()
    walk(session, case_id, State.DISPATCHED)
    rated = somebody(session, "supervisor", staff_id=clerk)
    with pytest.raises(NotYours, match="本人"):
        note(connection, case_id, rated, "不是我", now=MONDAY)
    with pytest.raises(NotYours, match="本人"):
        add_assistants(connection, case_id, rated, (a_unit(session, "GOV"),), "帮忙", now=MONDAY)
    with pytest.raises(NotYours, match="本人"):
        link_same(connection, case_id, "20261019-0001", rated, now=MONDAY)


@pytest.mark.parametrize("when", [MONDAY + timedelta(minutes=1), MONDAY - timedelta(days=1)])
def test_a_contact_is_neither_to_come_nor_before_the_dispatch(session: Session, when: datetime) -> None:
    case_id, connection = case_of(session, bad(session)), session.connection()
    walk(session, case_id, State.ACCEPTED)
    given = {"how": "phone", "when": when, "summary": "已致歉"}
    with pytest.raises(NotAllowed, match="联系时间"):
        move_case(connection, case_id, State.CONTACTED, somebody(session, "owner", "TAX"), given, now=MONDAY)


def test_no_two_sheets_of_a_workbook_have_one_name() -> None:
    codes = ["A/B", "A_B", "a*b", "U" * 40, "U" * 41, "全部", ""]
    names = list(chasing.sheets_of([Chased(code, "某单位", []) for code in codes]))
    assert len(names) == len({name.lower() for name in names}) == len(codes) + 1
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
