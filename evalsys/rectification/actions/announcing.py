"""Telling whoever has the next step, and the site's receivers, that a case moved."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, update

from evalsys.kernel import clock, outbox
from evalsys.kernel.secrets import digest
from evalsys.rectification.actions.telling import News, tell
from evalsys.rectification.events import CaseMoved, CaseOpened
from evalsys.rectification.models import CaseMessage
from evalsys.rectification.queries import facts
from evalsys.rectification.rules.announcing import EXTENDED, TOLD, sentence_of
from evalsys.rectification.rules.states import STATE_WORDS, State


@dataclass(frozen=True)
class _Entered:
    """A case entered a state by a step."""

    case_id: int
    seq: int
    state: State
    owner_unit_id: int | None
    at: datetime


def announce_opening(connection: Connection, event: CaseOpened) -> None:
    """Follow a case that was opened: the supervisors' desk hears of it."""
    _tell(connection, _Entered(event.case_id, 1, State.NEW, None, event.at))


def announce_move(connection: Connection, event: CaseMoved) -> None:
    """Follow a case that moved: whoever has the next step hears of it, within the owner unit or at a desk."""
    _tell(connection, _Entered(event.case_id, event.seq, event.target, event.owner_unit_id, event.at))


def _tell(connection: Connection, entered: _Entered) -> None:
    row = facts.case_row(connection, entered.case_id)
    if row is None:
        raise LookupError("an event of a case there is not")
    key = f"case:{entered.case_id}:{entered.seq}"
    words = {"no": row.no, "state": STATE_WORDS[entered.state]}
    news = News(row.no, sentence_of(entered.state), words, key, entered.at)
    tell(connection, TOLD[entered.state], entered.owner_unit_id, news)
    payload = {"no": row.no, "state": entered.state.value, "profile": row.profile}
    outbox.put(connection, f"cases.{entered.state.value.lower()}", payload, key, entered.at)


def tell_raters(connection: Connection, event: CaseMoved) -> None:
    """Follow a granted extension: the raters read the new end on their receipts, until it is taken back."""
    if event.source is State.EXTENSION_REQUESTED and event.facts.get("granted") == "yes":
        row = facts.case_row(connection, event.case_id)
        if row is None or row.finish_by is None:
            raise LookupError("an extension without an end")
        connection.execute(
            insert(CaseMessage).values(
                case_id=event.case_id,
                sender="supervisor",
                text=EXTENDED.format(days=row.extended_days, end=clock.deadline(row.finish_by)),
                at=event.at,
                by=event.actor_id,
                relayed_at=event.at,
                relayed_by=event.actor_id,
                key=_key(event.case_id, event.seq),
            )
        )
    elif event.target is State.EXTENSION_REQUESTED and "undone" in event.facts:
        told = CaseMessage.key == _key(event.case_id, event.seq - 1)
        connection.execute(update(CaseMessage).where(told).values(relayed_at=None))


def _key(case_id: int, seq: int) -> str:
    return digest(f"extension:{case_id}:{seq}")
