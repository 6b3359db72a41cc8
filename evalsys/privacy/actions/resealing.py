"""A change of keys: everything sealed is sealed anew under the first key, piece by piece."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalsys.identity.actions import second_step
from evalsys.kernel import journal, sealing
from evalsys.kernel.database import transaction
from evalsys.rectification.actions import contacts

PIECE = 200  # sealed texts in one transaction: others write in between


@dataclass(frozen=True)
class KeyInUse:
    """A key that is at hand or asked for, and how much is sealed under it."""

    key_id: str
    sealed: int
    is_at_hand: bool
    is_first: bool


def reseal_all() -> Iterator[sealing.Resealed]:
    """Seal everything anew, each piece in a transaction of its own; yields what was done so far.

    What was done stays done: stopped at any point, the next run goes on.
    """
    done, after = sealing.Resealed(), 0
    while True:
        with transaction() as session:
            last, piece = contacts.reseal_contacts(session, after, PIECE)
            _note(session, "contacts", piece)
        done += piece
        yield done
        if last is None:
            break
        after = last
    with transaction() as session:
        piece = second_step.reseal(session)
        _note(session, "second steps", piece)
    done += piece
    yield done


def _note(session: Session, what: str, piece: sealing.Resealed) -> None:
    if piece.renewed:
        key = sealing.key_ids()[0]
        journal.record(session, None, "reseal", what, None, count=piece.renewed, key=key)


def keys(session: Session) -> list[KeyInUse]:
    """Every key that is at hand, and every one that something is sealed under."""
    used = contacts.keys_in_use(session) + second_step.keys_in_use(session)
    at_hand = sealing.key_ids()
    return [
        KeyInUse(key, used.get(key, 0), key in at_hand, key == at_hand[0])
        for key in (*at_hand, *sorted(set(used) - set(at_hand)))
    ]
