"""Moving a case along the table of moves, by people and by the system."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from evalsys.kernel import reactions
from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once
from evalsys.rectification.actions import clocks, effects
from evalsys.rectification.actions.steps import Step, add_step, columns_before, locked
from evalsys.rectification.events import CaseMoved, CauseEstablished
from evalsys.rectification.models import CaseAssistant, CaseStep
from evalsys.rectification.queries import facts
from evalsys.rectification.rules import NotAllowed, NotYours
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.hands import check_move, check_not_rated, is_of_unit
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.moves import move_to
from evalsys.rectification.rules.states import STATE_WORDS, WITH_THE_OWNER, State
from evalsys.rectification.rules.terms import REDOS_BEFORE_LEADERSHIP, UNDO_MINUTES


def move_case(
    connection: Connection,
    case_id: int,
    target: State,
    actor: Actor,
    given: Mapping[str, FieldValue],
    *,
    now: datetime,
    version: int | None = None,
    files: tuple[tuple[str, str], ...] = (),
) -> int:
    """Let a person make one move; returns the number of its step.

    `given` holds the move's fields, units as ids; `files` the stored ones as (sha256, name). Raises NotYours,
    Missing, NotAllowed, or Changed where `version` is not the case's any more.
    """
    row = locked(connection, case_id, version)
    case = facts.as_is(connection, row, now)
    move = move_to(case.state, target)
    kept = check_move(move, case, actor, given, now)
    step = Step("move", now, actor, str(kept.get("reason", "")), kept, files)
    seq = _make(connection, row, move, step)
    if target is State.REDO and row.redo_count + 1 > REDOS_BEFORE_LEADERSHIP:
        move_by_system(connection, case_id, State.LEADERSHIP, "已经重办两次,转领导督办", now=now)
    return seq


def move_by_system(
    connection: Connection,
    case_id: int,
    target: State,
    reason: str,
    *,
    now: datetime,
    given: Mapping[str, FieldValue] | None = None,
    by: Actor | None = None,
) -> int:
    """Make a move that follows from what somebody else did: a correction, an appeal, the citizen's word.

    `by`: whose act at another desk it follows from, where that is to stand on the step.
    """
    row = locked(connection, case_id)
    move = move_to(State(row.state), target, by_system=True)
    seq = _make(connection, row, move, Step("move", now, by, reason, given or {}))
    if target is State.REDO and row.redo_count + 1 > REDOS_BEFORE_LEADERSHIP:
        move_by_system(connection, case_id, State.LEADERSHIP, "已经重办两次,转领导督办", now=now)
    return seq


def _make(connection: Connection, row: Row[Any], move: Move, step: Step) -> int:
    changes = _changes(connection, row, move, step)
    seq = add_step(connection, row, step, changes)
    for unit in _units(step.facts.get("assisting")):
        connection.execute(insert_once(connection, CaseAssistant), {"case_id": row.id, "unit_id": unit})
    owner = changes.get("owner_unit_id", row.owner_unit_id)
    actor_id = None if step.actor is None else step.actor.account_id
    reactions.publish(
        connection,
        CaseMoved(row.id, seq, move.source, move.target, actor_id, owner, step.facts, step.at),
    )
    if move.target is State.CLOSED or move.source is State.CLOSED:
        cause = changes.get("cause", row.cause) if move.target is State.CLOSED else None
        reactions.publish(
            connection, CauseEstablished(row.id, facts.roots_of(connection, row.id), cause, step.at)
        )
    return seq


def _units(given: FieldValue) -> tuple[int, ...]:
    return tuple(int(unit) for unit in given) if isinstance(given, tuple) else ()


def _changes(connection: Connection, row: Row[Any], move: Move, step: Step) -> dict[str, Any]:
    """Every column a move changes, the clocks last, since they follow from the others."""
    changes: dict[str, Any] = {"state": move.target.value}
    changes |= effects.of(row, move, step.facts, step.actor, step.at)
    case = dict(row._mapping) | changes
    review_on = step.facts.get("review_on")
    calendar = clocks.calendar_from(connection, case["counted_from"], case["dispatched_at"], step.at)
    if effects.recounts(move):
        case["finish_by"] = changes["finish_by"] = clocks.finish_by(case, calendar)
    elif move.source is State.SUSPENDED:
        case["not_before"] = changes["not_before"] = clocks.after_suspension(step.at, calendar)
        case["finish_by"] = changes["finish_by"] = clocks.finish_by(case, calendar)
    if move.target is State.SUSPENDED and isinstance(review_on, date):
        return changes | clocks.until_review(review_on, step.at, calendar)
    return changes | clocks.wound(case, step.at, calendar)


def undo(connection: Connection, case_id: int, actor: Actor, *, now: datetime) -> int:
    """Take back one's own last move within ten minutes; that is a step too.

    Raises NotYours for another's step, NotAllowed when it is too late or something followed from it.
    """
    row = locked(connection, case_id)
    last = connection.execute(
        select(*CaseStep.__table__.c).where(CaseStep.case_id == case_id, CaseStep.seq == row.version)
    ).one()
    check_undo(last, actor, now)
    before = columns_before(last)
    facts_of_undo: dict[str, FieldValue] = {"undone": last.seq}
    step = Step("undo", now, actor, f"撤回“{STATE_WORDS[State(last.to_state)]}”", facts_of_undo)
    seq = add_step(connection, row, step, before)
    _stop_assisting(connection, last)
    source, target = State(row.state), State(last.from_state)
    owner = before.get("owner_unit_id", row.owner_unit_id)
    reactions.publish(
        connection, CaseMoved(row.id, seq, source, target, actor.account_id, owner, facts_of_undo, now)
    )
    if source is State.CLOSED:
        reactions.publish(connection, CauseEstablished(row.id, facts.roots_of(connection, row.id), None, now))
    return seq


def _stop_assisting(connection: Connection, undone: Row[Any]) -> None:
    """Take out the assisting units that came with a step and with no other that stands."""
    units = set(_assisting_of(undone.facts))
    if not units:
        return
    of_case = CaseStep.case_id == undone.case_id
    steps = connection.execute(select(CaseStep.seq, CaseStep.facts).where(of_case)).all()
    taken_back = {json.loads(step.facts).get("undone") for step in steps}
    for step in steps:
        if step.seq not in taken_back:
            units.difference_update(_assisting_of(step.facts))
    gone = delete(CaseAssistant).where(
        CaseAssistant.case_id == undone.case_id, CaseAssistant.unit_id.in_(units)
    )
    connection.execute(gone)


def _assisting_of(facts_of_step: str) -> tuple[int, ...]:
    return _units(tuple(json.loads(facts_of_step).get("assisting", ())))


def check_undo(last: Row[Any], actor: Actor, now: datetime) -> None:
    """Refuse to take back what is not one's own last move of the last ten minutes."""
    if last.act != "move" or last.actor_id is None:
        raise NotAllowed("最近一步不是人工办理的,不能撤回。")
    if last.actor_id != actor.account_id:
        raise NotYours("只能撤回自己刚办的一步。")
    if (now - last.at).total_seconds() > UNDO_MINUTES * 60:
        raise NotAllowed("办理已超过{n}分钟,不能撤回。", n=UNDO_MINUTES)


def note_try(
    connection: Connection, case_id: int, actor: Actor, *, how: str, outcome: str, now: datetime
) -> int:
    """Note that somebody tried to reach the person, by the owner or at the call-back desk."""
    row = locked(connection, case_id)
    case = facts.as_is(connection, row, now)
    check_not_rated(case.rated_staff, actor)
    by_owner = "owner" in actor.roles and is_of_unit(actor, row.owner_unit_id)
    by_caller = "callback-officer" in actor.roles and not is_of_unit(actor, row.owner_unit_id)
    if case.state is State.CALLBACK:
        if not by_caller:
            raise NotYours("回访由承办单位以外的回访员记录。")
    elif case.state not in WITH_THE_OWNER:
        raise NotAllowed("“{state}”的单子现在不用联系评价人。", state=STATE_WORDS[case.state])
    elif not by_owner:
        raise NotYours("联系情况由承办单位承办人记录。")
    return add_step(connection, row, Step("try", now, actor, outcome, {"how": how}), {})


def note(connection: Connection, case_id: int, actor: Actor | None, words: str, *, now: datetime) -> int:
    """Add a note to a case that moves nothing."""
    row = locked(connection, case_id)
    if actor is not None:
        check_not_rated(facts.rated_staff(connection, case_id), actor)
    return add_step(connection, row, Step("note", now, actor, words), {})


def add_assistants(
    connection: Connection, case_id: int, actor: Actor, units: tuple[int, ...], reason: str, *, now: datetime
) -> int:
    """Let other units help the owner, who stays responsible; by the owner unit, dispatcher or supervisor."""
    row = locked(connection, case_id)
    check_not_rated(facts.rated_staff(connection, case_id), actor)
    is_owner = "owner" in actor.roles and is_of_unit(actor, row.owner_unit_id)
    if not is_owner and not actor.roles & {"dispatcher", "supervisor"}:
        raise NotYours("协办单位由承办人、派单员或督查员添加。")
    if row.owner_unit_id is None or row.owner_unit_id in units:
        raise NotAllowed("协办单位不能是承办单位自己,也要先派单。")
    seq = add_step(
        connection,
        row,
        Step("assist", now, actor, reason, {"assisting": tuple(str(unit) for unit in units)}),
        {},
    )
    for unit in units:
        connection.execute(insert_once(connection, CaseAssistant), {"case_id": case_id, "unit_id": unit})
    return seq
