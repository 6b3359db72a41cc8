"""What a process keeps of names and places between requests, while their stamp stands."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from evalsys.kernel.models import Stamp

SUMS, ORGANISATION = "sums", "organisation"
ROOM = 200  # things kept at most: some of each for a few dozen days

T = TypeVar("T")

_STAMP = select(Stamp.__table__.c.value).where(Stamp.__table__.c.name == ORGANISATION)
_STAMPS = select(Stamp.name, Stamp.value)


@dataclass(frozen=True)
class Kept:
    """What is kept under one stamp of the organisation."""

    stamp: int
    things: dict[Hashable, Any] = field(default_factory=dict)

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing kept under a key, made on first need."""
        if key not in self.things:
            if len(self.things) >= ROOM:
                self.things.clear()
            self.things[key] = make()
        thing: T = self.things[key]
        return thing


_kept: WeakKeyDictionary[Engine, Kept] = WeakKeyDictionary()


def organisation(session: Session | Connection) -> Kept:
    """What is kept of the organisation as this transaction sees it.

    Stamps are drawn, so what a transaction kept that was taken back later is never met again.
    """
    stamp = session.execute(_STAMP).scalar_one()
    engine = (session.connection() if isinstance(session, Session) else session).engine
    kept = _kept.get(engine)
    if kept is None or kept.stamp != stamp:
        kept = _kept[engine] = Kept(stamp)
    return kept


def stamps(session: Session | Connection) -> dict[str, int]:
    """The present stamps of the sums and of the organisation: as long as both stand, so do all rankings."""
    return {name: value for name, value in session.execute(_STAMPS)}
