"""Calling whoever is on call for an urgent order, and the next person where nobody signs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert
from sqlalchemy.orm import Session

from evalsys.desk.models import OnCall, OrderCall
from evalsys.desk.queries import on_call
from evalsys.desk.queries.on_call import Turn, Unsigned
from evalsys.desk.rules.on_call import ABOVE_THE_LIST, ESCALATED, calls_due, check_turn
from evalsys.kernel import journal, notices
from evalsys.kernel.access import Actor
from evalsys.kernel.words import N_
from evalsys.rectification.actions.moving import move_by_system
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.actions.telling import News, tell
from evalsys.rectification.queries import steps
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import PROFILES

_CALL = N_("紧急工单{no}等您签收。")
_NOBODY = N_("紧急工单{no}没有人签收,值班表上的人都已通知。请马上处理。")


def put_on_call(session: Session, turn: Turn, roles: frozenset[str], actor: Actor) -> None:
    """Write a turn into the on-call list; raises UnfitOnCall. Its id is given by the list."""
    check_turn(turn.starts_at, turn.ends_at, roles)
    session.execute(
        insert(OnCall).values(
            unit_id=turn.unit_id,
            account_id=turn.account_id,
            place=turn.place,
            starts_at=turn.starts_at,
            ends_at=turn.ends_at,
        )
    )
    journal.record(session, actor, "put-on-call", f"account {turn.account_id}")


def take_off_call(session: Session, turn_id: int, actor: Actor) -> None:
    """Take a turn out of the on-call list."""
    session.execute(delete(OnCall).where(OnCall.id == turn_id))
    journal.record(session, actor, "take-off-call", f"turn {turn_id}")


def dispatch_to_on_call(connection: Connection, case_id: int, *, now: datetime) -> None:
    """Dispatch an urgent order to the unit on call and call its first person.

    The unit the order is about comes first where it has somebody on call. With nobody on call the order
    stays with the dispatchers, who were told of it.
    """
    row = locked(connection, case_id)
    turns = on_call.on_call(connection, now)
    chosen = next((turn for turn in turns if turn.unit_id == row.unit_id), turns[0] if turns else None)
    if not PROFILES[row.profile].on_call or chosen is None:
        return
    reason = "紧急工单,派给正在值班的单位"
    given: dict[str, FieldValue] = {"owner": chosen.unit_id, "reason": reason}
    move_by_system(connection, case_id, State.DISPATCHED, reason, now=now, given=given)
    _call(
        connection, Unsigned(case_id, row.no, row.profile, State.DISPATCHED, chosen.unit_id, now), chosen, now
    )


def call_next(session: Session, now: datetime) -> int:
    """Call the next people for urgent orders nobody has signed for, in order; says how many were called.

    After the last on the list, or where there is no list, the supervisors are told, and then the leadership.
    After downtime each order catches up with as many as should have been called.
    """
    connection, turns, made = session.connection(), on_call.on_call(session, now), 0
    for order in on_call.unsigned(session):
        due, waiting = _due(connection, order, turns, now)
        for turn in waiting[:due]:
            made += _call(connection, order, turn, now)
        for role in ABOVE_THE_LIST[: max(0, due - len(waiting))]:
            made += _escalate(connection, order, role, now)
    return made


def _due(
    connection: Connection, order: Unsigned, turns: Sequence[Turn], now: datetime
) -> tuple[int, Sequence[Turn]]:
    """How many more calls of an order are due, and who on the list has not been called for it."""
    called = on_call.called(connection, order.case_id, order.since)
    sign_within = timedelta(minutes=PROFILES[order.profile].sign.amount)
    left = calls_due(order.since, sign_within, now) - len(called)
    waiting = [turn for turn in turns if turn.unit_id == order.unit_id and turn.account_id not in called]
    return max(0, left), waiting


def _escalate(connection: Connection, order: Unsigned, role: str, now: datetime) -> bool:
    """Tell a role above the list, once; False where it was told, or somebody has acted in the meantime."""
    row = locked(connection, order.case_id)
    taken = steps.steps(connection, order.case_id, now)
    if row.state != order.state or any(
        one.facts.get("escalated") == role and one.at >= order.since for one in taken
    ):
        return False
    seq = add_step(connection, row, Step("note", now, None, ESCALATED[role], {"escalated": role}), {})
    key = f"on-call-ended:{order.case_id}:{seq}"
    tell(connection, [role], None, News(order.no, _NOBODY, {"no": order.no}, key, now))
    return True


def _call(connection: Connection, order: Unsigned, turn: Turn, now: datetime) -> bool:
    """Call one person; False where somebody has signed in the meantime."""
    row = locked(connection, order.case_id)
    if row.state != State.DISPATCHED:
        return False
    facts: dict[str, FieldValue] = {"called": turn.account_id, "place": turn.place}
    seq = add_step(connection, row, Step("note", now, None, f"通知第{turn.place}位值班人员签收", facts), {})
    connection.execute(
        insert(OrderCall).values(case_id=order.case_id, seq=seq, account_id=turn.account_id, at=now)
    )
    notices.notify(
        connection,
        to_account=turn.account_id,
        sentence=_CALL,
        values={"no": order.no},
        link=f"/cases/{order.no}",
        dedupe_key=f"on-call:{order.case_id}:{seq}",
        at=now,
    )
    return True
