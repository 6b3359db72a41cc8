"""A changed calendar moves every open deadline, keeps both values, and leaves what has ended alone."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.actions.recomputing import follow_calendar
from evalsys.rectification.models import CaseStep
from evalsys.rectification.queries import facts
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State
from evalsys.worktime import actions as worktime
from evalsys.worktime import queries as calendars
from evalsys.worktime.events import CalendarChanged
from evalsys.worktime.plan import Change, Day, Plan
from tests.builders import a_rating, a_window
from tests.rectification.people import MONDAY, present, somebody, walk

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# The Thursday after the Monday on which the cases begin.
FREE = date(2026, 10, 22)


def a_case(session: Session, number: str = "24") -> int:
    rating = a_rating(session, a_window(session, number), 1, entry="ticket", evidence="B", at=MONDAY)
    found = facts.case_of_rating(session, rating.root)
    assert found is not None
    return found


def turn(session: Session, day: date = FREE, *, working: bool = False) -> None:
    """Change a day of the calendar as loading a notice does."""
    before = calendars.days_between(session, day, day)[day]
    after = Day(day, working, False, "临时调整")
    worktime.load_notice(session, Plan(day.year, (Change(before, after),), ()), None)


def recomputed(session: Session, case_id: int) -> list[Any]:
    wanted = select(*CaseStep.__table__.c).where(CaseStep.case_id == case_id, CaseStep.act == "recompute")
    return list(session.execute(wanted.order_by(CaseStep.seq)))


def owner_asks(session: Session, case_id: int) -> None:
    """Five working days more, asked for and granted."""
    connection = session.connection()
    asked: dict[str, FieldValue] = {"days": 5, "reason": "要等设备"}
    owner, supervisor = somebody(session, "owner", "TAX"), somebody(session, "supervisor")
    move_case(connection, case_id, State.EXTENSION_REQUESTED, owner, asked, now=MONDAY)
    granted: dict[str, FieldValue] = {"granted": "yes", "reason": "情况属实"}
    move_case(connection, case_id, State.RECTIFYING, supervisor, granted, now=MONDAY)


def test_a_day_off_moves_the_open_deadlines_by_one_and_keeps_both(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.RECTIFYING)
    before = present(session, case_id)
    due, finish = before.due_at, before.finish_by
    assert due is not None
    # Five working days after the Monday: the next Monday, then the Tuesday.
    turn(session)
    after = present(session, case_id)
    assert (after.due_at, after.finish_by) == (due + DAY, due + DAY)
    assert due == finish
    (step,) = recomputed(session, case_id)
    assert (step.due_before, step.due_after) == (due, due + DAY)
    kept = json.loads(step.facts)
    assert datetime.fromisoformat(kept["finish_before"]) == due
    assert datetime.fromisoformat(kept["finish_after"]) == due + DAY
    assert (step.from_state, step.to_state, step.actor_id) == ("RECTIFYING", "RECTIFYING", None)


def test_a_second_run_changes_nothing(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.RECTIFYING)
    turn(session)
    version = present(session, case_id).version
    follow_calendar(session.connection(), CalendarChanged(FREE, FREE))
    assert present(session, case_id).version == version
    assert len(recomputed(session, case_id)) == 1


def test_the_day_worked_after_all_moves_the_deadline_back(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.RECTIFYING)
    due = present(session, case_id).due_at
    turn(session)
    turn(session, working=True)
    assert present(session, case_id).due_at == due
    first, second = recomputed(session, case_id)
    assert (second.due_before, second.due_after) == (first.due_after, first.due_before)


def test_a_case_that_has_ended_is_left_alone(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.CLOSED)
    version = present(session, case_id).version
    turn(session)
    case = present(session, case_id)
    assert (case.version, recomputed(session, case_id)) == (version, [])


def test_a_granted_extension_counts_on_the_new_calendar(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.RECTIFYING)
    owner_asks(session, case_id)
    extended = present(session, case_id).finish_by
    assert extended is not None
    turn(session)
    case = present(session, case_id)
    assert (case.extended_days, case.finish_by, case.due_at) == (5, extended + DAY, extended + DAY)


def test_a_suspended_case_keeps_the_day_of_its_next_look(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.RECTIFYING)
    review: dict[str, FieldValue] = {"rule": "省里的规定", "review_on": FREE + 8 * DAY}
    leader = somebody(session, "leadership")
    move_case(session.connection(), case_id, State.SUSPENDED, leader, review, now=MONDAY)
    before = present(session, case_id)
    look, finish = before.due_at, before.finish_by
    assert finish is not None
    turn(session)
    case = present(session, case_id)
    assert (case.state, case.due_at, case.finish_by) == ("SUSPENDED", look, finish + DAY)


def test_a_clock_of_working_hours_moves_too(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.TRIAGED, at=MONDAY + 7 * HOUR)
    before = present(session, case_id)
    assert before.due_at is not None
    # Four working hours from Monday 16:30: Tuesday 13:30 and more; without Tuesday it is Wednesday's.
    assert clock.day_of(before.due_at) == date(2026, 10, 20)
    due = before.due_at
    turn(session, date(2026, 10, 20))
    assert present(session, case_id).due_at == due + DAY


def test_every_open_case_is_wound_anew(session: Session) -> None:
    cases = [a_case(session, number) for number in ("24", "25", "26")]
    for case_id in cases:
        walk(session, case_id, State.RECTIFYING)
    turn(session)
    assert [len(recomputed(session, case_id)) for case_id in cases] == [1, 1, 1]
