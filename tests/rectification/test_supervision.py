"""Clocks that run out make their 督办单 by themselves, each light once, also after days of downtime."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel import notices
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.actions.supervising import supervise
from evalsys.rectification.models import SupervisionNotice
from evalsys.rectification.queries import facts
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_unit, a_window
from tests.rectification.people import MONDAY, somebody, walk


def a_case(session: Session, number: str = "24") -> int:
    rating = a_rating(session, a_window(session, number), 1, entry="ticket", evidence="B", at=MONDAY)
    found = facts.case_of_rating(session, rating.root)
    assert found is not None
    return found


def lights(session: Session) -> list[str]:
    made = select(SupervisionNotice.light).order_by(SupervisionNotice.changed_at, SupervisionNotice.case_id)
    return list(session.execute(made).scalars())


def test_a_clock_in_time_makes_nothing(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.RECTIFYING)
    assert supervise(session, MONDAY + timedelta(hours=1)) == 0


def test_each_light_is_told_once(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.ACCEPTED)
    overdue = MONDAY + timedelta(days=2)
    assert supervise(session, overdue) == 1
    assert supervise(session, overdue + timedelta(minutes=1)) == 0
    assert lights(session) == ["red"]
    told = notices.notices_of(session, somebody(session, "owner", "TAX"), 10, overdue)
    assert any("督办" in notice.sentence for notice in told)


def test_after_downtime_every_case_escalates_once_for_each_light_in_order(session: Session) -> None:
    first, second = a_case(session), a_case(session, "25")
    walk(session, first, State.ACCEPTED)
    walk(session, second, State.TRIAGED)
    late = MONDAY + timedelta(days=14)
    assert supervise(session, late) == 6
    assert lights(session) == ["red", "red", "red-2", "red-2", "red-3", "red-3"]
    made = session.execute(select(SupervisionNotice.changed_at, SupervisionNotice.made_at)).all()
    assert all(changed < written for changed, written in made)
    assert supervise(session, late) == 0


def test_a_new_clock_can_run_out_again(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.TRIAGED)
    late = MONDAY + timedelta(days=1)
    assert supervise(session, late) == 1
    given: dict[str, FieldValue] = {"owner": a_unit(session, "TAX"), "reason": "窗口归该单位"}
    dispatcher = somebody(session, "dispatcher")
    move_case(session.connection(), case_id, State.DISPATCHED, dispatcher, given, now=late)
    assert supervise(session, late + timedelta(minutes=1)) == 0
    assert supervise(session, late + timedelta(days=1)) == 1
    assert lights(session) == ["red", "red"]
