"""Messages between citizens and the desk, as each side may read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select
from sqlalchemy.orm import Session

from evalsys.kernel import masking
from evalsys.rectification.models import Case, CaseMessage


@dataclass(frozen=True)
class Message:
    """One message; `state` is waiting, relayed or withheld."""

    id: int
    case_id: int
    no: str
    root: int | None
    sender: str
    text: str
    at: datetime
    state: str
    is_redacted: bool

    @property
    def suggested(self) -> str:
        """The text with numbers that lead to a person put out of sight: a beginning for a redaction."""
        return masking.masked(self.text)


_kept = CaseMessage.__table__.c
_MESSAGES = select(*_kept, Case.no).join(Case, Case.id == _kept.case_id)
_RELAYED = _kept.relayed_at.is_not(None)


def of_citizen(session: Session | Connection, case_id: int, root: int) -> Sequence[Message]:
    """What one rater wrote, and what was passed on to that rater, in order."""
    to_them = or_(_kept.root == root, _kept.root.is_(None) & (_kept.case_id == case_id))
    seen = or_(_kept.sender == "citizen", _RELAYED)
    return _messages(session, _MESSAGES.where(to_them, seen))


def of_case(session: Session | Connection, case_id: int, *, is_supervisor: bool) -> Sequence[Message]:
    """The messages of a case; all but the supervisor see a citizen's only once it was passed on."""
    wanted = _MESSAGES.where(_kept.case_id == case_id)
    if not is_supervisor:
        wanted = wanted.where(or_(_kept.sender != "citizen", _RELAYED))
    return _messages(session, wanted)


def waiting(session: Session | Connection) -> Sequence[Message]:
    """What waits for the supervisor to be passed on, the oldest first."""
    undecided = _MESSAGES.where(_kept.relayed_at.is_(None), _kept.relayed_by.is_(None))
    return _messages(session, undecided.limit(200))


def message(session: Session | Connection, message_id: int) -> Message | None:
    """One message."""
    found = _messages(session, _MESSAGES.where(_kept.id == message_id))
    return found[0] if found else None


def _messages(session: Session | Connection, wanted: Select[Any]) -> Sequence[Message]:
    return [_message(row) for row in session.execute(wanted.order_by(_kept.at, _kept.id))]


def _message(row: Row[Any]) -> Message:
    state = "relayed" if row.relayed_at else "withheld" if row.relayed_by else "waiting"
    return Message(
        row.id,
        row.case_id,
        row.no,
        row.root,
        row.sender,
        row.text,
        row.at,
        state,
        row.redacted_at is not None,
    )
