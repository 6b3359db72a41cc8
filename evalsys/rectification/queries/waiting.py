"""Cases nobody has looked at yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.rectification.models import Case
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import Kind


@dataclass(frozen=True)
class Waiting:
    """A new case: when its clocks began, the unit it is about, and whether its ratings say nothing."""

    case_id: int
    no: str
    opened_at: datetime
    unit_id: int
    says_nothing: bool


def new_cases(session: Session | Connection) -> Sequence[Waiting]:
    """Every case still to be triaged that is about a unit, the longest waiting first."""
    rows = session.execute(
        select(Case.id, Case.no, Case.counted_from, Case.unit_id, Case.kind)
        .where(Case.state == State.NEW.value, Case.unit_id.is_not(None))
        .order_by(Case.opened_at, Case.id)
    )
    return [
        Waiting(case_id, no, begun, unit_id, kind == Kind.PATTERN.value)
        for case_id, no, begun, unit_id, kind in rows
        if unit_id is not None
    ]
