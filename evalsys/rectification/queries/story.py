"""One case with its whole story, for those who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.organisation.queries import directory
from evalsys.rectification.models import Case, CaseAssistant, CaseLink
from evalsys.rectification.queries import facts, lines, queue, steps
from evalsys.rectification.queries.lines import CaseLine, Sentence
from evalsys.rectification.queries.steps import StepTaken
from evalsys.rectification.rules import NotAllowed
from evalsys.rectification.rules.hands import in_the_way, open_moves
from evalsys.rectification.rules.looking import CaseAsIs, Move
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import UNDO_MINUTES


@dataclass(frozen=True)
class Story:
    """A case, what the rules see of it, how it got there, and what the person who asks may do with it.

    `moves` are open now; `blocked` would be the person's as well, but for what the refusal says.
    """

    line: CaseLine
    row: Row[Any]
    case: CaseAsIs
    roots: tuple[int, ...]
    steps: Sequence[StepTaken]
    moves: tuple[Move, ...]
    blocked: tuple[tuple[Move, NotAllowed], ...]
    assisting: tuple[str, ...]
    same_as: tuple[str, ...]
    is_clerks_side: bool
    undo_until: datetime | None
    finish_left: Sentence | None

    def last_given(self, target: State) -> StepTaken | None:
        """The last step that brought the case to a state by a person's move."""
        made = [step for step in self.steps if step.to_state == target and step.act == "move"]
        return made[-1] if made else None


def visible_id(session: Session | Connection, no: str, actor: Actor, now: datetime) -> int | None:
    """The id of a case by its number, for somebody who may see it; None for all others."""
    return session.execute(
        select(Case.id).where(Case.no == no, queue.visible(actor, clock.day_of(now)))
    ).scalar()


def story(session: Session | Connection, no: str, actor: Actor, now: datetime) -> Story | None:
    """A case with its steps and the moves open to the person who asks; None where it is not theirs to see."""
    case_id = visible_id(session, no, actor, now)
    row = None if case_id is None else facts.case_row(session, case_id)
    if row is None:
        return None
    case = facts.as_is(session, row, now)
    taken = steps.steps(session, row.id, now)
    is_rated = queue.is_clerks_side(actor) or actor.staff_id in case.rated_staff
    line = lines.lines(session, [row], now)[0]
    judged = [(move, in_the_way(move, case, now)) for move in open_moves(case, actor)]
    return Story(
        line=lines.for_the_rated(line, now) if is_rated else line,
        row=row,
        case=case,
        roots=facts.roots_of(session, row.id),
        steps=taken,
        moves=tuple(move for move, refusal in judged if refusal is None),
        blocked=tuple((move, refusal) for move, refusal in judged if refusal is not None),
        assisting=_assisting(session, row.id, now),
        same_as=_same_as(session, row.id),
        is_clerks_side=is_rated,
        undo_until=_undo_until(taken, actor, now),
        finish_left=lines.finish_left(session, row, now),
    )


def _undo_until(taken: Sequence[StepTaken], actor: Actor, now: datetime) -> datetime | None:
    """Until when the person may take back the last step; None where it is not theirs, or too late."""
    last = taken[-1] if taken else None
    if last is None or last.act != "move" or last.actor_id != actor.account_id:
        return None
    until = last.at + timedelta(minutes=UNDO_MINUTES)
    return until if now <= until else None


def _assisting(session: Session | Connection, case_id: int, now: datetime) -> tuple[str, ...]:
    names = directory.units_on(session, clock.day_of(now))
    units = session.execute(select(CaseAssistant.unit_id).where(CaseAssistant.case_id == case_id)).scalars()
    return tuple(sorted(names[unit].name for unit in units))


def _same_as(session: Session | Connection, case_id: int) -> tuple[str, ...]:
    numbers = session.execute(
        select(Case.no).join(CaseLink, CaseLink.same_as == Case.id).where(CaseLink.case_id == case_id)
    )
    return tuple(sorted(numbers.scalars()))
