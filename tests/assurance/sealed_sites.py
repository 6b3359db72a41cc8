"""A small site with sealed days, and what is found to be wrong with it."""

from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from sqlalchemy.orm import Session

from evalsys.assurance.actions import seals as sealing
from evalsys.assurance.queries import seal_checks, seals
from evalsys.assurance.rules.seals import Anchor
from evalsys.identity.queries.accounts import account_by_name
from tests.builders import BuiltWindow, a_rating, an_account

MORNING = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)  # half past ten in the hall, a Monday

_numbers = count(1)


def rated(session: Session, window: BuiltWindow, level: int = 5, *, at: datetime, **more: str) -> str:
    """A rating; the hash of its receipt."""
    receipt = UUID(int=next(_numbers)).hex * 2
    a_rating(session, window, level, at=at, receipt_hash=receipt, **more)  # type: ignore[arg-type]
    return receipt


def sealed_all(session: Session, now: datetime) -> None:
    """Seal every day that is closed at that time."""
    while not sealing.seal_piece(session, now).is_last:
        pass


def found(session: Session, anchor: Anchor | None = None) -> list[str]:
    """What a look at everything that is sealed finds wrong."""
    return [str(fault) for fault in seal_checks.faults(session, anchor)]


def first_fault(session: Session, anchor: Anchor) -> seal_checks.Fault | None:
    """The first thing that such a look finds wrong."""
    return next(seal_checks.faults(session, anchor), None)


def anchor_of(session: Session) -> Anchor:
    """The present seals, as somebody would keep them elsewhere."""
    return Anchor(tuple(seals.sealed_days(session)))


def two_people(session: Session) -> tuple[int, int]:
    """The accounts of two people who may decide together."""
    found = []
    for role in ("supervisor", "auditor"):
        account = account_by_name(session, an_account(session, role))
        assert account is not None
        found.append(account.id)
    return found[0], found[1]
