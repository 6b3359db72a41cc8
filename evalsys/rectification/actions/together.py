"""The same move for several cases: each is a step of its own, and what is refused stops no other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from evalsys.kernel.access import Actor
from evalsys.kernel.refusals import Refused
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.queries.story import Story
from evalsys.rectification.rules import Changed, NotAllowed, NotYours
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.hands import check_move
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.states import STATE_WORDS, State
from evalsys.rectification.rules.together import may_go_together


@dataclass(frozen=True)
class Outcome:
    """What will become, or became, of one case; `refusal` is None where the move goes through."""

    story: Story
    move: Move | None
    refusal: Refused | None


def move_of(found: Story, target: State) -> Move | None:
    """The move to a state that is open to the person and may be made for several cases at once."""
    for move in found.moves:
        if move.target is target and may_go_together(move):
            return move
    return None


def outcomes(
    stories: Sequence[Story], target: State, actor: Actor, given: Mapping[str, FieldValue], now: datetime
) -> Sequence[Outcome]:
    """What would become of each case; raises Missing where a field is wanting, which is wanting for all."""
    return [_outcome(found, target, actor, given, now) for found in stories]


def _outcome(
    found: Story, target: State, actor: Actor, given: Mapping[str, FieldValue], now: datetime
) -> Outcome:
    move = move_of(found, target)
    if move is None:
        blocked = [refusal for blocked, refusal in found.blocked if blocked.target is target]
        return Outcome(found, None, blocked[0] if blocked else not_open(found))
    try:
        check_move(move, found.case, actor, given, now)
    except (NotAllowed, NotYours) as refusal:
        return Outcome(found, move, refusal)
    return Outcome(found, move, None)


def not_open(found: Story) -> NotAllowed:
    """The refusal of a move that is not open to this person in this state."""
    return NotAllowed("现在是“{state}”,这一步不能由您一起办。", state=STATE_WORDS[found.line.state])


def move_together(
    connection: Connection,
    planned: Sequence[Outcome],
    versions: Mapping[str, int],
    actor: Actor,
    given: Mapping[str, FieldValue],
    *,
    now: datetime,
) -> Sequence[Outcome]:
    """Make each planned move that was not refused; `versions` are those the person has seen, by number."""
    # In one order, whoever asks: two people with the same cases would wait for each other for ever.
    in_order = sorted(planned, key=lambda plan: plan.story.line.id)
    made = {
        plan.story.line.id: _moved(connection, plan, versions, actor, given, now=now) for plan in in_order
    }
    return [made[plan.story.line.id] for plan in planned]


def _moved(
    connection: Connection,
    plan: Outcome,
    versions: Mapping[str, int],
    actor: Actor,
    given: Mapping[str, FieldValue],
    *,
    now: datetime,
) -> Outcome:
    if plan.move is None or plan.refusal is not None:
        return plan
    line = plan.story.line
    seen = versions.get(line.no, line.version)
    try:
        move_case(connection, line.id, plan.move.target, actor, given, now=now, version=seen)
    except (NotAllowed, NotYours, Changed) as refusal:
        return Outcome(plan.story, plan.move, refusal)
    return plan
