"""Contact details as they may be shown: masked, for those who work on the case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.rectification.models import Contact


@dataclass(frozen=True)
class MaskedContact:
    """How somebody may be reached, recognisable and of no use: 王** 138****1234."""

    id: int
    masked: str
    given_at: datetime


def contacts_of(session: Session | Connection, case_id: int) -> Sequence[MaskedContact]:
    """The contact details left with a case, masked, in the order they were given."""
    rows = session.execute(
        select(Contact.id, Contact.masked, Contact.given_at)
        .where(Contact.case_id == case_id, Contact.sealed.is_not(None))
        .order_by(Contact.given_at, Contact.id)
    )
    return [MaskedContact(*row) for row in rows]


def contact_of_rating(session: Session | Connection, root: int) -> str | None:
    """What the rater left, masked; None where nothing stands."""
    return session.execute(
        select(Contact.masked).where(Contact.root == root, Contact.sealed.is_not(None))
    ).scalar()
