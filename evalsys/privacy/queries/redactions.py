"""Proposals to put words out of sight: those that wait, and those decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.privacy.models import RedactionProposal

MOST_SHOWN = 100


@dataclass(frozen=True)
class Proposed:
    """One proposal; `agreed` None: nobody has decided yet."""

    id: int
    root: int
    reason: str
    proposed_by: int
    proposed_at: datetime
    decided_by: int | None
    agreed: bool | None
    decided_at: datetime | None


_columns = RedactionProposal.__table__.c
_PROPOSALS = select(*(_columns[name] for name in Proposed.__dataclass_fields__))


def waiting(session: Session | Connection) -> Sequence[Proposed]:
    """What waits for a second person, the oldest first; at most MOST_SHOWN."""
    rows = _PROPOSALS.where(_columns.decided_at.is_(None)).order_by(_columns.id).limit(MOST_SHOWN)
    return [Proposed(*row) for row in session.execute(rows)]


def decided(session: Session | Connection) -> Sequence[Proposed]:
    """What was decided last, the latest first; at most MOST_SHOWN. The journal has all."""
    rows = _PROPOSALS.where(_columns.decided_at.is_not(None))
    rows = rows.order_by(_columns.decided_at.desc(), _columns.id.desc()).limit(MOST_SHOWN)
    return [Proposed(*row) for row in session.execute(rows)]


def proposal(session: Session | Connection, proposal_id: int) -> Proposed | None:
    """One proposal by its number."""
    row = session.execute(_PROPOSALS.where(_columns.id == proposal_id)).first()
    return None if row is None else Proposed(*row)


def waiting_on(session: Session | Connection, root: int) -> int | None:
    """The number of the proposal that waits on a rating."""
    this = select(_columns.id).where(_columns.root == root, _columns.decided_at.is_(None))
    return session.execute(this.limit(1)).scalar()
