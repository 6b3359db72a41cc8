"""An urgent order goes to whoever is on call, and to the next person while nobody signs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.desk.actions.intake import take_order
from evalsys.desk.actions.on_call import call_next, put_on_call
from evalsys.desk.models import OnCall, OrderCall
from evalsys.desk.queries.on_call import Turn
from evalsys.desk.rules import NewOrder, Source
from evalsys.kernel.models import Notice
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.models import Case, CaseStep
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State
from tests.builders import an_account, signed_in
from tests.conftest import Inside
from tests.rectification.desks import posted
from tests.rectification.people import MONDAY, somebody

# Two in the morning of a Sunday: nobody is in office.
NIGHT = MONDAY - timedelta(days=1, hours=7, minutes=30)
FLOOD = NewOrder(Source.PHONE, "waterlogging", "地下车库进水", NIGHT)


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def people(session: Session) -> list[int]:
    """Three owners of the same unit, on call one after another; their accounts."""
    dispatcher = somebody(session, "dispatcher", "GOV")
    found = []
    for place, unit in ((2, "TAX"), (1, "TAX"), (3, "TAX")):
        base = somebody(session, "owner", unit)
        account = base.account_id if place == 1 else _another(session, place)
        turn = Turn(0, base.unit_id, account, place, NIGHT - timedelta(hours=1), NIGHT + timedelta(hours=9))
        put_on_call(session, turn, frozenset({"owner"}), dispatcher)
        found.append((place, account))
    return [account for _place, account in sorted(found)]


def _another(session: Session, place: int) -> int:
    """An account with another role stands in for a second person of the unit."""
    return somebody(session, ("", "", "head", "clerk")[place], "TAX").account_id


def flood(session: Session) -> int:
    take_order(session.connection(), FLOOD, somebody(session, "dispatcher", "GOV"), now=NIGHT)
    return session.execute(select(Case.id)).scalar_one()


def called(session: Session) -> list[int]:
    return list(session.scalars(select(OrderCall.account_id).order_by(OrderCall.seq)))


def test_the_first_person_on_call_is_told_at_once(session: Session, people: list[int]) -> None:
    case_id = flood(session)
    case = session.execute(select(Case).where(Case.id == case_id)).scalar_one()
    assert case.state == "DISPATCHED"
    assert case.due_at == NIGHT + timedelta(minutes=2)
    assert called(session) == people[:1]
    told = select(Notice.account_id).where(Notice.account_id.is_not(None))
    assert session.scalars(told).all() == people[:1]


def test_the_next_is_called_each_two_minutes(session: Session, people: list[int]) -> None:
    flood(session)
    for seconds, expected in ((119, 1), (120, 2), (150, 2), (240, 3), (300, 3)):
        call_next(session, NIGHT + timedelta(seconds=seconds))
        assert called(session) == people[:expected]
    reasons = session.scalars(select(CaseStep.reason).where(CaseStep.act == "note").order_by(CaseStep.seq))
    assert list(reasons) == [f"通知第{place}位值班人员签收" for place in (1, 2, 3)]


def told_above(session: Session) -> list[str | None]:
    """The roles above the list that were told that nobody signs, in order."""
    ended = Notice.dedupe_key.like("on-call-ended:%")
    return list(session.scalars(select(Notice.role).where(ended).order_by(Notice.id)))


def test_after_the_last_on_the_list_the_supervisor_and_the_leadership_are_told(
    session: Session, people: list[int]
) -> None:
    flood(session)
    for seconds, expected in ((359, 0), (360, 1), (390, 1), (480, 2), (900, 2)):
        call_next(session, NIGHT + timedelta(seconds=seconds))
        assert told_above(session) == ["supervisor", "leadership"][:expected], seconds
    reasons = list(session.scalars(select(CaseStep.reason).where(CaseStep.act == "note")))
    assert reasons[3:] == ["值班表上没有人可再通知,已报督查员", "仍没有人签收,已报领导"]


def test_with_nobody_on_call_those_above_are_told_at_once(session: Session) -> None:
    flood(session)
    for seconds, expected in ((30, 1), (60, 1), (120, 2), (600, 2)):
        call_next(session, NIGHT + timedelta(seconds=seconds))
        assert told_above(session) == ["supervisor", "leadership"][:expected], seconds


def test_after_downtime_all_that_were_missed_are_called_in_order(session: Session, people: list[int]) -> None:
    flood(session)
    assert call_next(session, NIGHT + timedelta(hours=1)) == 4
    assert called(session) == people
    assert told_above(session) == ["supervisor", "leadership"]
    assert call_next(session, NIGHT + timedelta(hours=1)) == 0


def test_an_order_nobody_on_call_could_take_is_the_dispatcher_s_to_give(session: Session) -> None:
    case_id = flood(session)
    dispatcher, owner = somebody(session, "dispatcher", "GOV"), somebody(session, "owner", "TAX")
    given: dict[str, FieldValue] = {"owner": owner.unit_id, "reason": "归该单位"}
    at = NIGHT + timedelta(minutes=1)
    move_case(session.connection(), case_id, State.DISPATCHED, dispatcher, given, now=at)
    move_case(session.connection(), case_id, State.ACCEPTED, owner, {}, now=at)
    assert call_next(session, NIGHT + timedelta(hours=1)) == 0


def test_once_signed_nobody_else_is_called(session: Session, people: list[int]) -> None:
    case_id = flood(session)
    owner = somebody(session, "owner", "TAX")
    move_case(session.connection(), case_id, State.ACCEPTED, owner, {}, now=NIGHT + timedelta(minutes=1))
    assert call_next(session, NIGHT + timedelta(minutes=9)) == 0


def test_with_nobody_on_call_the_dispatchers_have_it(session: Session) -> None:
    flood(session)
    case = session.execute(select(Case)).scalar_one()
    assert (case.state, case.due_at) == ("TRIAGED", NIGHT + timedelta(minutes=2))


def test_the_list_is_kept_on_its_page(app: Flask, session: Session, committed: Inside) -> None:
    committed(lambda s: [an_account(s, role, "TAX") for role in ("owner", "auditor")])
    client = signed_in(app, "dispatcher", "GOV")
    assert "没有人值班" in client.get("/on-call").text
    sent = {
        "account": "owner.TAX",
        "place": "1",
        "starts_at": "2026-10-18T00:00",
        "ends_at": "2026-10-19T00:00",
    }
    assert posted(client, "/on-call", **(sent | {"account": "auditor.TAX"})).status_code == 422
    assert posted(client, "/on-call", **(sent | {"account": "nobody"})).status_code == 422
    assert posted(client, "/on-call", **(sent | {"ends_at": "2026-10-17T00:00"})).status_code == 422
    assert posted(client, "/on-call", **sent).status_code == 303
    assert "正在值班" in client.get("/on-call").text
    turn = session.execute(select(OnCall.id)).scalar_one()
    session.rollback()
    assert posted(client, f"/on-call/{turn}/off").status_code == 303
    assert session.scalars(select(OnCall.id)).all() == []
