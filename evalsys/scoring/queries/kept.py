"""What a process keeps of names and places between requests, while their stamp stands."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from evalsys.kernel.models import Stamp

SUMS, ORGANISATION = "sums", "organisation"
ROOM = 200  # things kept at most: some of each for a few dozen days

T = TypeVar("T")
_NOTHING = object()

_STAMP = select(Stamp.__table__.c.value).where(Stamp.__table__.c.name == ORGANISATION)
_STAMPS = select(Stamp.__table__.c.name, Stamp.__table__.c.value)
# The stamps of the sums and of the organisation, as parts of somebody's statement.
STAMPS_AT_ONCE = [
    select(Stamp.__table__.c.value).where(Stamp.__table__.c.name == name).scalar_subquery()
    for name in (SUMS, ORGANISATION)
]

Drawn = tuple[int, int]


@dataclass(frozen=True)
class Stamps:
    """The stamps of the sums and of the organisation in one site's database."""

    engine: Engine
    drawn: Drawn


@dataclass(frozen=True)
class Kept:
    """What is kept under one stamp of the organisation."""

    stamp: int
    things: dict[Hashable, Any] = field(default_factory=dict)

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing kept under a key, made on first need."""
        found = self.things.get(key, _NOTHING)
        if found is _NOTHING:
            found = make()
            # Others clear the room meanwhile: what was made is handed on, not looked up again.
            if len(self.things) >= ROOM:
                self.things.clear()
            self.things[key] = found
        return cast(T, found)


_kept: WeakKeyDictionary[Engine, Kept] = WeakKeyDictionary()


def organisation(session: Session | Connection) -> Kept:
    """What is kept of the organisation as this transaction sees it.

    Stamps are drawn, so what a transaction kept that was taken back later is never met again.
    """
    stamp = session.execute(_STAMP).scalar_one()
    engine = _engine_of(session)
    kept = _kept.get(engine)
    if kept is None or kept.stamp != stamp:
        kept = _kept[engine] = Kept(stamp)
    return kept


def _engine_of(session: Session | Connection) -> Engine:
    return (session.connection() if isinstance(session, Session) else session).engine


def stamps(session: Session | Connection) -> Stamps:
    """The present stamps of the sums and of the organisation: as long as both stand, so do all rankings."""
    drawn = session.execute(_STAMPS)
    values = {name: value for name, value in drawn}
    return Stamps(_engine_of(session), (values[SUMS], values[ORGANISATION]))
