"""Refusals noted at windows that wait for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.desk.models import RefusalDraft

MOST_SHOWN = 100


@dataclass(frozen=True)
class Draft:
    """A refusal as it was noted at a window."""

    id: int
    hall_id: int
    window_id: int
    matter: str
    words: str
    noted_at: datetime


_DRAFTS = select(
    RefusalDraft.id,
    RefusalDraft.hall_id,
    RefusalDraft.window_id,
    RefusalDraft.matter,
    RefusalDraft.words,
    RefusalDraft.noted_at,
).where(RefusalDraft.settled_at.is_(None))


def drafts(session: Session | Connection, hall_id: int) -> Sequence[Draft]:
    """The drafts of a hall nobody has dealt with, the oldest first; at most MOST_SHOWN."""
    found = session.execute(
        _DRAFTS.where(RefusalDraft.hall_id == hall_id).order_by(RefusalDraft.id).limit(MOST_SHOWN)
    )
    return [Draft(*row) for row in found]


def draft_by_id(session: Session | Connection, hall_id: int, draft_id: int) -> Draft | None:
    """A draft of a hall that waits; None where there is none, or it has been dealt with."""
    row = session.execute(_DRAFTS.where(RefusalDraft.hall_id == hall_id, RefusalDraft.id == draft_id)).first()
    return None if row is None else Draft(*row)
