"""People of the loop for tests, and a case walked along its moves."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.identity.queries.accounts import account_by_name
from evalsys.kernel.access import EVERYTHING, Actor, Scope
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.models import Case
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State
from tests.builders import a_unit, an_account

# A Monday morning inside office hours.
MONDAY = datetime(2026, 10, 19, 1, 30, tzinfo=UTC)
HEARD: Mapping[str, FieldValue] = {
    "reached": "yes",
    "solved": "yes",
    "satisfied": "satisfied",
    "pressed": "no",
}


def somebody(session: Session, role: str, unit: str = "GOV", staff_id: int | None = None) -> Actor:
    """The actor of an account of one role in one unit."""
    account = account_by_name(session, an_account(session, role, unit))
    assert account is not None
    unit_id = a_unit(session, unit)
    sees_all = role not in ("owner", "head", "clerk", "window-manager", "department-lead")
    scope = EVERYTHING if sees_all else Scope(units=frozenset({unit_id}))
    return Actor(account.id, account.name, role, frozenset({role}), unit_id, staff_id, scope)


def present(session: Session, case_id: int) -> Case:
    """The case as it stands now."""
    session.expire_all()
    return session.execute(select(Case).where(Case.id == case_id)).scalar_one()


def walk(session: Session, case_id: int, target: State, *, owner: str = "TAX", at: datetime = MONDAY) -> None:
    """Bring a new case along the straight way to a state."""
    owner_id = a_unit(session, owner)
    way: list[tuple[State, str, str, dict[str, FieldValue]]] = [
        (State.TRIAGED, "supervisor", "GOV", {"class": "at-once"}),
        (State.DISPATCHED, "dispatcher", "GOV", {"owner": owner_id, "reason": "窗口归该单位管"}),
        (State.ACCEPTED, "owner", owner, {}),
        (State.CONTACTED, "owner", owner, {"how": "phone", "when": at, "summary": "已致歉"}),
        (State.RECTIFYING, "owner", owner, {}),
        (
            State.SUBMITTED,
            "owner",
            owner,
            {"finding": "true", "cause": "person", "measures": "已培训", "reply": "已改,谢谢您"},
        ),
        (State.ACCEPTANCE, "head", owner, {}),
        (State.CALLBACK, "supervisor", "GOV", {"true": "yes", "reasonable": "yes", "complete": "yes"}),
        (State.CLOSED, "callback-officer", "CALL", dict(HEARD)),
    ]
    for state, role, unit, given in way:
        actor = somebody(session, role, unit)
        move_case(session.connection(), case_id, state, actor, given, now=at)
        if state is target:
            return
    raise AssertionError(f"{target} does not lie on the straight way")
