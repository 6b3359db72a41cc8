"""Who did what: an append-only chain, each entry carrying the hash of the one before."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.kernel.masking import masked
from evalsys.kernel.models import JournalEntry

_LOCK = 0x6A6F7572  # "jour": one writer of the chain at a time
BEGINNING = "0" * 64  # what the first entry follows
# What an entry says beside its instant, by its columns.
FACTS = ("actor_kind", "actor_id", "unit_id", "verb", "object", "reason", "details")


def head(session: Session | Connection) -> str | None:
    """The hash of the last entry, in which all before it are held; None where there is none."""
    return session.execute(select(JournalEntry.hash).order_by(JournalEntry.id.desc()).limit(1)).scalar()


def _last_hash(session: Session | Connection) -> str:
    connection = session.connection() if isinstance(session, Session) else session
    if connection.dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    return head(session) or BEGINNING


def entry_hash(prev_hash: str, at: datetime, facts: dict[str, Any]) -> str:
    """SHA-256 over the hash before, the instant (UTC, ISO) and the facts as canonical JSON."""
    canonical = json.dumps(
        [prev_hash, at.isoformat(), facts], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def last_object(session: Session | Connection, verb: str) -> str | None:
    """What the last entry of a verb was about; None where there is none."""
    entries = select(JournalEntry.object).where(JournalEntry.verb == verb)
    return session.execute(entries.order_by(JournalEntry.id.desc()).limit(1)).scalar()


def record(
    session: Session | Connection,
    actor: Actor | None,
    verb: str,
    obj: str,
    reason: str | None = None,
    **details: object,
) -> None:
    """Write one entry; `actor` None is the system itself."""
    at = clock.now()
    facts: dict[str, Any] = {
        "actor_kind": "system" if actor is None else ("token" if actor.by_token else "account"),
        "actor_id": actor and actor.account_id,
        "unit_id": actor and actor.unit_id,
        "verb": verb,
        "object": obj,
        # Entries are never changed: a number that leads to a person must not get into them.
        "reason": reason and masked(reason),
        "details": json.dumps(details, ensure_ascii=False, sort_keys=True, default=str),
    }
    prev_hash = _last_hash(session)
    session.execute(
        insert(JournalEntry).values(
            at=at, prev_hash=prev_hash, hash=entry_hash(prev_hash, at, facts), **facts
        )
    )
