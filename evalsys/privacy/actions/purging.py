"""Forgetting in time: every kind of what leads to a person, with its term, in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from evalsys.desk.actions import forgetting as desk
from evalsys.evaluation.actions import redaction, traces
from evalsys.evaluation.queries import held as ratings
from evalsys.identity.actions import forgetting as identity
from evalsys.kernel import clock, journal
from evalsys.kernel.masking import masked
from evalsys.privacy.rules import LOOKED_BACK, WORDS_KEPT
from evalsys.rectification.actions import contacts
from evalsys.rectification.actions import forgetting as cases
from evalsys.rectification.queries import held

_FROM_THE_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Due:
    """The moment of a purge, and the stretch in which what is kept for 90 days has come to its end."""

    now: datetime
    since: datetime
    until: datetime
    ended: tuple[int, ...]  # cases


def _hide_numbers(session: Session, due: Due) -> int:
    """Put words that hold a number out of sight, where no case is at work on them; how many texts.

    The whole of such a text goes, because its words may change in no other way.
    """
    at_work = held.roots_at_work(session, due.until)
    first, last = clock.day_of(due.since), clock.day_of(due.until)
    found = [
        *ratings.words_of_days(session, first, last),
        *ratings.words_of_roots(session, held.roots_of(session, due.ended)),
    ]
    keys = {
        (one.rating_id, one.seq) for one in found if one.root not in at_work and masked(one.text) != one.text
    }
    return redaction.hide_texts(session.connection(), keys, due.now)


# What is forgotten, by the name it is journaled and listed under.
TERMS: Mapping[str, Callable[[Session, Due], int]] = {
    "traces": lambda session, due: traces.destroy_traces(session, due.now),
    "contacts": lambda session, due: contacts.purge_contacts(session, due.now),
    "words": _hide_numbers,
    "messages": lambda session, due: cases.mask_messages(session, due.ended, due.now),
    "appeals": lambda session, due: cases.mask_appeals(session, due.ended, due.now),
    "reports": lambda session, due: desk.mask_words(session, due.ended, due.now),
    "drafts": lambda session, due: desk.mask_drafts(session, due.since, due.until),
    "marks": lambda session, due: desk.forget_marks(session, due.now),
    "sessions": lambda session, due: identity.forget_sessions(session, due.now),
    "failures": lambda session, due: identity.forget_failures(session, due.now),
    "pairing": lambda session, due: identity.forget_pairing_codes(session, due.now),
}


def purge(session: Session, now: datetime) -> Mapping[str, int]:
    """Forget what has come to its term lately, by the clock; how much of each kind."""
    return _purge(session, now, now - WORDS_KEPT - LOOKED_BACK)


def purge_all(session: Session, now: datetime) -> Mapping[str, int]:
    """The same from the beginning on: for a site that stood still, or has never forgotten anything."""
    return _purge(session, now, _FROM_THE_BEGINNING)


def _purge(session: Session, now: datetime, since: datetime) -> Mapping[str, int]:
    until = now - WORDS_KEPT
    due = Due(now, since, until, tuple(held.ended(session, since, until)))
    gone = {kind: forget(session, due) for kind, forget in TERMS.items()}
    if any(gone.values()):
        journal.record(session, None, "purge", "personal", None, **{kind: n for kind, n in gone.items() if n})
    return gone
