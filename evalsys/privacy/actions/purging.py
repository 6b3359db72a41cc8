"""Forgetting in time: every kind of what leads to a person, with its term, in one table."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from evalsys.desk.actions import forgetting as desk
from evalsys.evaluation.actions import redaction, traces
from evalsys.evaluation.queries import entries
from evalsys.evaluation.queries import held as ratings
from evalsys.identity.actions import forgetting as identity
from evalsys.kernel import clock, journal
from evalsys.kernel.masking import masked
from evalsys.privacy.rules import LOOKED_BACK, WORDS_KEPT
from evalsys.rectification.actions import contacts
from evalsys.rectification.actions import forgetting as cases
from evalsys.rectification.queries import held


@dataclass(frozen=True)
class Due:
    """A stretch in which something ended whose term of 90 days is over at `now`."""

    now: datetime
    since: datetime
    until: datetime
    ended: tuple[int, ...]  # cases


def _hide_numbers(session: Session, due: Due) -> int:
    """Put words that hold a number out of sight, where no case is at work on them; how many texts.

    The whole of such a text goes, because its words may change in no other way.
    """
    first, last = clock.day_of(due.since), clock.day_of(due.until)
    given = [one for one in ratings.words_of_days(session, first, last) if masked(one.text) != one.text]
    in_cases = held.roots_with_a_case(session, sorted({one.root for one in given}))
    roots = held.roots_of(session, due.ended)
    at_work = held.roots_at_work(session, roots, due.now - WORDS_KEPT)
    ended = ratings.words_of_roots(session, sorted(set(roots) - at_work))
    keys = {(one.rating_id, one.seq) for one in given if one.root not in in_cases}
    keys |= {(one.rating_id, one.seq) for one in ended if masked(one.text) != one.text}
    return redaction.hide_texts(session.connection(), keys, due.now)


# What is forgotten when its own term is over, by the name it is journaled and listed under.
TERMS: Mapping[str, Callable[[Session, datetime], int]] = {
    "traces": traces.destroy_traces,
    "contacts": contacts.purge_contacts,
    "marks": desk.forget_marks,
    "sessions": identity.forget_sessions,
    "failures": identity.forget_failures,
    "pairing": identity.forget_pairing_codes,
}
# What is looked for, stretch by stretch, in what ended 90 days ago.
WORDS: Mapping[str, Callable[[Session, Due], int]] = {
    "words": _hide_numbers,
    "messages": lambda session, due: cases.mask_messages(session, due.ended, due.since, due.until, due.now),
    "appeals": lambda session, due: cases.mask_appeals(session, due.ended, due.now),
    "reports": lambda session, due: desk.mask_words(session, due.ended, due.now),
    "drafts": lambda session, due: desk.mask_drafts(session, due.since, due.until),
}


def purge(session: Session, now: datetime) -> Mapping[str, int]:
    """Forget what has come to its term lately, by the clock; how much of each kind."""
    gone = Counter(forget_terms(session, now))
    gone.update(forget_words(session, now, now - WORDS_KEPT - LOOKED_BACK, now - WORDS_KEPT))
    return gone


def forget_terms(session: Session, now: datetime) -> Mapping[str, int]:
    """Forget what has a term of its own; how much of each kind."""
    return _noted(session, {kind: forget(session, now) for kind, forget in TERMS.items()})


def forget_words(session: Session, now: datetime, since: datetime, until: datetime) -> Mapping[str, int]:
    """Put numbers out of sight in words about what ended in a stretch; how much of each kind."""
    due = Due(now, since, until, tuple(held.ended(session, since, until)))
    return _noted(session, {kind: forget(session, due) for kind, forget in WORDS.items()})


def stretches(session: Session, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Everything that ended 90 days ago or before, cut so that writers wait for no long one."""
    until = now - WORDS_KEPT
    day, opened = entries.first_day(session), held.first_opened(session)
    given = None if day is None else clock.at(day, time())
    begun = [begin for begin in (opened, given) if begin is not None]
    since = min(begun, default=until) - timedelta(days=1)
    while since < until:
        yield since, min(since + LOOKED_BACK, until)
        since += LOOKED_BACK


def _noted(session: Session, gone: Mapping[str, int]) -> Mapping[str, int]:
    if any(gone.values()):
        journal.record(session, None, "purge", "personal", None, **{kind: n for kind, n in gone.items() if n})
    return gone
