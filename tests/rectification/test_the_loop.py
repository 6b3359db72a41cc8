"""A case goes the whole way round, and nobody goes another one."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.rectification.actions.moving import move_case, note_try, undo
from evalsys.rectification.models import Case, CaseStep
from evalsys.rectification.queries import facts
from evalsys.rectification.rules import Changed, Missing, NotAllowed, NotYours
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_unit, a_window
from tests.rectification.people import HEARD, MONDAY, present, somebody, walk


@pytest.fixture
def case_id(session: Session) -> int:
    """The case of a bad rating that came from a service."""
    rating = a_rating(session, a_window(session), 1, entry="ticket", evidence="B", at=MONDAY)
    found = facts.case_of_rating(session, rating.root)
    assert found is not None
    return found


def test_a_bad_rating_has_its_case_at_once(session: Session, case_id: int) -> None:
    case = present(session, case_id)
    assert (case.state, case.level, case.kind) == ("NEW", 1, "rating")
    assert case.due_at is not None
    assert case.finish_by is not None


def test_a_good_rating_has_none(session: Session) -> None:
    rating = a_rating(session, a_window(session), 3)
    assert facts.case_of_rating(session, rating.root) is None


def test_a_case_goes_the_whole_way_round(session: Session, case_id: int) -> None:
    walk(session, case_id, State.CLOSED)
    case = present(session, case_id)
    assert (case.state, case.solved, case.cause, case.version) == ("CLOSED", "yes", "person", 10)
    states = session.execute(
        select(CaseStep.from_state, CaseStep.to_state)
        .where(CaseStep.case_id == case_id)
        .order_by(CaseStep.seq)
    ).all()
    assert all(before.to_state == after.from_state for before, after in pairwise(states))


def test_five_working_days_run_from_triage(session: Session, case_id: int) -> None:
    walk(session, case_id, State.TRIAGED)
    assert present(session, case_id).finish_by == datetime(2026, 10, 26, 16, tzinfo=UTC)


def test_the_owner_unit_does_not_call_back_about_its_own_work(session: Session, case_id: int) -> None:
    walk(session, case_id, State.CALLBACK)
    caller = somebody(session, "callback-officer", "TAX")
    with pytest.raises(NotYours):
        move_case(session.connection(), case_id, State.CLOSED, caller, HEARD, now=MONDAY)


def test_not_even_the_table_takes_a_judgement_from_the_owner_unit(session: Session, case_id: int) -> None:
    walk(session, case_id, State.CALLBACK)
    tax = a_unit(session, "TAX")
    caller = somebody(session, "callback-officer", "TAX")
    values = {"case": case_id, "actor": caller.account_id, "unit": tax, "at": MONDAY.replace(tzinfo=None)}
    with pytest.raises(IntegrityError):
        session.execute(
            text(
                "INSERT INTO case_steps (case_id, seq, act, at, actor_id, actor_unit_id, owner_unit_id,"
                " from_state, to_state, reason, facts, before)"
                " VALUES (:case, 99, 'move', :at, :actor, :unit, :unit, 'CALLBACK', 'CLOSED', '', '{}', '{}')"
            ),
            values,
        )
    session.rollback()


def test_the_rated_person_never_works_on_the_case(session: Session, case_id: int) -> None:
    walk(session, case_id, State.DISPATCHED)
    row = facts.case_row(session, case_id)
    assert row is not None
    rated = facts.as_is(session, row, MONDAY)
    assert rated.rated_staff == frozenset()


def test_a_move_that_is_not_in_the_table_is_refused(session: Session, case_id: int) -> None:
    supervisor = somebody(session, "supervisor")
    with pytest.raises(NotAllowed, match="待研判"):
        move_case(session.connection(), case_id, State.CLOSED, supervisor, {}, now=MONDAY)


def test_missing_fields_are_all_named(session: Session, case_id: int) -> None:
    walk(session, case_id, State.RECTIFYING)
    with pytest.raises(Missing) as refused:
        move_case(
            session.connection(), case_id, State.SUBMITTED, somebody(session, "owner", "TAX"), {}, now=MONDAY
        )
    assert set(refused.value.faults) == {"finding", "cause", "measures", "reply"}


def test_nobody_is_unreachable_after_three_tries_on_one_day(session: Session, case_id: int) -> None:
    walk(session, case_id, State.ACCEPTED)
    owner, connection = somebody(session, "owner", "TAX"), session.connection()
    session.execute(text("UPDATE loop_cases SET is_reachable = :yes"), {"yes": True})
    for _ in range(3):
        note_try(connection, case_id, owner, how="phone", outcome="无人接听", now=MONDAY)
    with pytest.raises(NotAllowed, match="3次"):
        move_case(connection, case_id, State.UNREACHABLE, owner, {}, now=MONDAY)
    next_day = MONDAY + timedelta(days=1)
    note_try(connection, case_id, owner, how="phone", outcome="无人接听", now=next_day)
    move_case(connection, case_id, State.UNREACHABLE, owner, {}, now=next_day)
    assert present(session, case_id).state == "UNREACHABLE"


def test_the_third_redo_goes_to_the_leadership(session: Session, case_id: int) -> None:
    connection = session.connection()
    walk(session, case_id, State.CALLBACK)
    caller = somebody(session, "callback-officer", "CALL")
    unhappy = {"solved": "no", "satisfied": "dissatisfied", "pressed": "no", "reason": "没解决"}
    for again in range(3):
        move_case(connection, case_id, State.REDO, caller, unhappy, now=MONDAY)
        if again < 2:
            given = {"owner": a_unit(session, "TAX"), "reason": "重办"}
            move_case(
                connection, case_id, State.DISPATCHED, somebody(session, "dispatcher"), given, now=MONDAY
            )
            _from_dispatch_to_callback(session, case_id)
    assert present(session, case_id).state == "LEADERSHIP"


def _from_dispatch_to_callback(session: Session, case_id: int) -> None:
    connection, owner = session.connection(), somebody(session, "owner", "TAX")
    move_case(connection, case_id, State.ACCEPTED, owner, {}, now=MONDAY)
    move_case(
        connection,
        case_id,
        State.CONTACTED,
        owner,
        {"how": "phone", "when": MONDAY, "summary": "再次联系"},
        now=MONDAY,
    )
    move_case(connection, case_id, State.RECTIFYING, owner, {}, now=MONDAY)
    found = {"finding": "true", "cause": "process", "measures": "再改", "reply": "再答"}
    move_case(connection, case_id, State.SUBMITTED, owner, found, now=MONDAY)
    move_case(connection, case_id, State.ACCEPTANCE, somebody(session, "head", "TAX"), {}, now=MONDAY)
    passed = {"true": "yes", "reasonable": "yes", "complete": "yes"}
    move_case(connection, case_id, State.CALLBACK, somebody(session, "supervisor"), passed, now=MONDAY)


def test_one_step_can_be_taken_back_for_ten_minutes(session: Session, case_id: int) -> None:
    walk(session, case_id, State.TRIAGED)
    before = present(session, case_id)
    kept = (before.state, before.due_at, before.owner_unit_id, before.finish_by)
    dispatcher, connection = somebody(session, "dispatcher"), session.connection()
    given = {"owner": a_unit(session, "TAX"), "reason": "误派"}
    move_case(connection, case_id, State.DISPATCHED, dispatcher, given, now=MONDAY)
    with pytest.raises(NotYours):
        undo(connection, case_id, somebody(session, "supervisor"), now=MONDAY)
    with pytest.raises(NotAllowed):
        undo(connection, case_id, dispatcher, now=MONDAY + timedelta(minutes=11))
    undo(connection, case_id, dispatcher, now=MONDAY + timedelta(minutes=9))
    after = present(session, case_id)
    assert (after.state, after.due_at, after.owner_unit_id, after.finish_by) == kept


def test_the_second_of_two_at_once_hears_who_was_first(session: Session, case_id: int) -> None:
    supervisor, connection = somebody(session, "supervisor"), session.connection()
    version = present(session, case_id).version
    move_case(
        connection, case_id, State.TRIAGED, supervisor, {"class": "explain"}, now=MONDAY, version=version
    )
    with pytest.raises(Changed, match="已分类"):
        move_case(
            connection, case_id, State.TRIAGED, supervisor, {"class": "at-once"}, now=MONDAY, version=version
        )


def test_an_extension_is_granted_once(session: Session, case_id: int) -> None:
    walk(session, case_id, State.RECTIFYING)
    due = present(session, case_id).finish_by
    owner, connection = somebody(session, "owner", "TAX"), session.connection()
    asked = {"days": 3, "reason": "等上级答复"}
    move_case(connection, case_id, State.EXTENSION_REQUESTED, owner, asked, now=MONDAY)
    granted = {"granted": "yes", "reason": "情况属实"}
    move_case(connection, case_id, State.RECTIFYING, somebody(session, "supervisor"), granted, now=MONDAY)
    longer = present(session, case_id).finish_by
    assert due is not None
    assert longer is not None
    assert (longer - due).days == 3
    with pytest.raises(NotAllowed, match="一次"):
        move_case(connection, case_id, State.EXTENSION_REQUESTED, owner, asked, now=MONDAY)


def test_ratings_without_a_word_make_one_case_a_week(session: Session) -> None:
    window = a_window(session)
    roots = [a_rating(session, window, 1).root for _ in range(3)]
    cases = {facts.case_of_rating(session, root) for root in roots}
    assert len(cases) == 1
    assert session.execute(select(Case.kind)).scalars().all() == ["pattern"]


def test_numbers_of_a_day_follow_each_other(session: Session) -> None:
    window = a_window(session)
    for _ in range(3):
        a_rating(session, window, 2, entry="ticket", evidence="B")
    numbers = session.execute(select(Case.no).order_by(Case.id)).scalars().all()
    assert [no[-4:] for no in numbers] == ["0001", "0002", "0003"]


def test_a_suspended_case_is_not_overdue_the_moment_it_goes_on(session: Session, case_id: int) -> None:
    walk(session, case_id, State.RECTIFYING)
    leader, connection = somebody(session, "leadership"), session.connection()
    much_later = MONDAY + timedelta(days=28)
    given = {"rule": "上级规定", "review_on": (MONDAY + timedelta(days=28)).date()}
    move_case(connection, case_id, State.SUSPENDED, leader, given, now=MONDAY)
    move_case(connection, case_id, State.RECTIFYING, leader, {"reason": "规定已改"}, now=much_later)
    case = present(session, case_id)
    assert case.finish_by is not None
    assert case.finish_by > much_later
    assert case.due_at == case.finish_by
