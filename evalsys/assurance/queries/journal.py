"""The journal as the auditor reads it: the latest entries first, each with the state of its link."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, select, tuple_
from sqlalchemy.orm import Session

from evalsys.assurance.queries.seals import Reading
from evalsys.assurance.rules.journal import VERB_WORDS, Link
from evalsys.identity.queries import accounts
from evalsys.kernel import clock, journal
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.periods import Period, period_asked
from evalsys.kernel.refusals import Refused

A_PAGE = 50
AT_ONCE = 1000  # entries read by one statement of an export
SYSTEM = "system"  # the actor asked for where nobody did it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UnknownEntry(Refused):
    """A filter of the journal names something there is not."""


@dataclass(frozen=True)
class Asked:
    """Which entries are wanted; '' for no limit. `actor` is the name of an account, or "system"."""

    period: Period
    verb: str = ""
    actor: str = ""
    object: str = ""


def asked_of(said: Mapping[str, str], today: date) -> Asked:
    """The entries an address asks for; raises BadPeriod or UnknownEntry with a sentence."""
    verb, actor, about = (said.get(name, "").strip() for name in ("verb", "actor", "object"))
    if verb and verb not in VERB_WORDS:
        raise UnknownEntry("流水里没有“{verb}”这种操作。", verb=verb[:60])
    return Asked(period_asked(said.get("from", ""), said.get("to", ""), today), verb, actor, about[:200])


class Mark(NamedTuple):
    """How far somebody has read: the instant and the number of the last entry."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // clock.INSTANT}.{self.id}"


def mark_of(entry: "Entry") -> Mark:
    """The mark behind an entry."""
    return Mark(entry.at, entry.id)


def mark_said(said: str) -> Mark | None:
    """The mark an address goes on from; None at the beginning, UnknownEntry for nonsense."""
    if not said:
        return None
    micros, _dot, number = said.partition(".")
    try:
        return Mark(_EPOCH + int(micros) * clock.INSTANT, max(0, min(int(number), 2**31 - 1)))
    except (ValueError, OverflowError):
        raise UnknownEntry("这一页的地址不完整。请从第一页重新看起。") from None


@dataclass(frozen=True)
class Entry:
    """One entry; `actor` is nobody's account where the system did it."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    unit_id: int | None
    verb: str
    object: str
    reason: str | None
    details: str
    prev_hash: str
    hash: str

    def derived(self) -> str:
        """The hash that what the entry says now would have."""
        facts = {name: getattr(self, name) for name in journal.FACTS}
        return journal.entry_hash(self.prev_hash, self.at, facts)


_COLUMNS: tuple[Any, ...] = (
    JournalEntry.id,
    JournalEntry.at,
    JournalEntry.actor_kind,
    JournalEntry.actor_id,
    JournalEntry.unit_id,
    JournalEntry.verb,
    JournalEntry.object,
    JournalEntry.reason,
    JournalEntry.details,
    JournalEntry.prev_hash,
    JournalEntry.hash,
)  # as Entry has it
_NEWEST_FIRST = (JournalEntry.at.desc(), JournalEntry.id.desc())


def entries(session: Session, asked: Asked, before: Mark | None, most: int) -> list[Entry]:
    """The latest entries that are asked for, up to `most`, from before a mark on; raises UnknownEntry."""
    wanted = _wanted(session, asked)
    if before is not None:
        wanted = wanted.where(tuple_(JournalEntry.at, JournalEntry.id) < tuple_(*map(literal, before)))
    return _read(session, wanted.order_by(*_NEWEST_FIRST).limit(most))


def _wanted(session: Session, asked: Asked) -> Select[*tuple[Any, ...]]:
    first, end = clock.at(asked.period.first, time()), clock.end_of(asked.period.last)
    wanted = select(*_COLUMNS).where(JournalEntry.at >= first, JournalEntry.at < end)
    if asked.verb:
        wanted = wanted.where(JournalEntry.verb == asked.verb)
    if asked.object:
        wanted = wanted.where(JournalEntry.object == asked.object)
    if asked.actor == SYSTEM:
        wanted = wanted.where(JournalEntry.actor_id.is_(None))
    elif asked.actor:
        account = accounts.account_by_name(session, asked.actor)
        if account is None:
            raise UnknownEntry("没有账号“{name}”。系统自己做的,请写 system。", name=asked.actor[:40])
        wanted = wanted.where(JournalEntry.actor_id == account.id)
    return wanted


def _read(session: Reading, wanted: Select[*tuple[Any, ...]]) -> list[Entry]:
    return [Entry(*row) for row in session.execute(wanted)]


def all_entries(session: Session, asked: Asked) -> Iterator[list[Entry]]:
    """Every entry that is asked for, the latest first, a thousand at a time."""
    before: Mark | None = None
    while found := entries(session, asked, before, AT_ONCE):
        yield found
        before = mark_of(found[-1])


def numbered(session: Session, numbers: range) -> list[Entry]:
    """The entries with some numbers, in their order."""
    wanted = select(*_COLUMNS).where(JournalEntry.id.between(numbers.start, numbers.stop - 1))
    return _read(session, wanted.order_by(JournalEntry.id))


def latest(session: Reading, verb: str, most: int) -> list[Entry]:
    """The latest entries of a verb, up to `most`."""
    wanted = select(*_COLUMNS).where(JournalEntry.verb == verb)
    return _read(session, wanted.order_by(*_NEWEST_FIRST).limit(most))


def about(session: Reading, objects: Sequence[str], most: int, verb: str = "") -> list[Entry]:
    """The latest entries about some objects, up to `most`; of one verb where it is given."""
    wanted = select(*_COLUMNS).where(JournalEntry.object.in_(objects))
    if verb:
        wanted = wanted.where(JournalEntry.verb == verb)
    return _read(session, wanted.order_by(*_NEWEST_FIRST).limit(most))


def links(session: Reading, shown: Sequence[Entry]) -> dict[int, Link]:
    """How the link of each entry stands: whole, changed since it was written, or following nothing."""
    before = [entry.prev_hash for entry in shown]
    rows = select(JournalEntry.hash, JournalEntry.id).where(JournalEntry.hash.in_(before))
    known = {hashed: number for hashed, number in session.execute(rows)} | {journal.BEGINNING: 0}
    return {entry.id: _link(entry, known.get(entry.prev_hash)) for entry in shown}


def _link(entry: Entry, follows: int | None) -> Link:
    if entry.derived() != entry.hash:
        return Link.CHANGED
    return Link.WHOLE if follows is not None and follows < entry.id else Link.LOOSE
