"""What an owner handed in last, with the hints on what it may still lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.organisation.queries import directory
from evalsys.rectification.queries.duplicates import words_of
from evalsys.rectification.queries.steps import StepTaken
from evalsys.rectification.queries.story import Story
from evalsys.rectification.rules.completeness import Hint, Submitted, hints
from evalsys.rectification.rules.states import State

_JUDGING = frozenset({State.SUBMITTED, State.ACCEPTANCE})


@dataclass(frozen=True)
class HandedIn:
    """The step that handed in the result; hints only for those who judge it now."""

    step: StepTaken
    hints: Sequence[Hint]


def submitted(session: Session | Connection, found: Story, now: datetime) -> HandedIn | None:
    """The last result of the present owner; None where there is none or it is not for the reader."""
    step = found.last_given(State.SUBMITTED)
    if step is None or found.is_clerks_side:
        return None
    if found.line.state not in _JUDGING or not found.moves:
        return HandedIn(step, ())
    said = step.facts
    looked_at = Submitted(
        finding=str(said.get("finding", "")),
        measures=str(said.get("measures", "")),
        reply=str(said.get("reply", "")),
        files=len(step.files),
        asked=[tag.plain for tag in found.line.tags]
        + [text for text in [words_of(session, [found.line.id]).get(found.line.id, "")] if text],
        names=[person.name for person in directory.staff_on(session, clock.day_of(now)).values()],
    )
    return HandedIn(step, hints(looked_at))
