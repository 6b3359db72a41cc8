"""Everything the loop holds about one person, as plain values; and which cases ended long ago."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select
from sqlalchemy.orm import Session

from evalsys.kernel.masking import HIDDEN
from evalsys.rectification.models import Case, CaseMessage, CaseRating, Confirmation, Contact
from evalsys.rectification.queries import facts
from evalsys.rectification.rules.states import OPEN

_AT_ONCE = 500


def of_rating(session: Session | Connection, root: int) -> dict[str, Any] | None:
    """The case of a rating with what its rater left there; None where there is none."""
    case_id = facts.case_of_rating(session, root)
    if case_id is None:
        return None
    said = session.execute(
        select(Confirmation.solved, Confirmation.handling, Confirmation.at).where(
            Confirmation.case_id == case_id, Confirmation.root == root
        )
    )
    messages = session.execute(
        select(CaseMessage.text, CaseMessage.at).where(
            CaseMessage.root == root, CaseMessage.sender == "citizen"
        )
    )
    return _case(session, case_id) | {
        "contact": _contact(session, Contact.root == root),
        "messages": [{"text": row.text, "at": row.at.isoformat()} for row in messages],
        "confirmations": [
            {"solved": row.solved, "handling": row.handling, "at": row.at.isoformat()} for row in said
        ],
    }


def of_case(session: Session | Connection, case_id: int) -> dict[str, Any]:
    """The case of a report with the contact of whoever brought it."""
    whose = Contact.root.is_(None) & (Contact.case_id == case_id)
    return _case(session, case_id) | {"contact": _contact(session, whose)}


def _case(session: Session | Connection, case_id: int) -> dict[str, Any]:
    row = session.execute(
        select(Case.no, Case.state, Case.opened_at, Case.closed_at).where(Case.id == case_id)
    ).one()
    return {
        "no": row.no,
        "is_open": row.state in OPEN,
        "opened_at": row.opened_at.isoformat(),
        "closed_at": row.closed_at and row.closed_at.isoformat(),
    }


def _contact(session: Session | Connection, whose: Any) -> dict[str, Any] | None:
    """A contact, masked: who holds a receipt need not be who left the number."""
    row = session.execute(
        select(Contact.masked, Contact.given_at).where(whose, Contact.sealed.is_not(None))
    ).first()
    return None if row is None else {"masked": row.masked, "given_at": row.given_at.isoformat()}


def has_words(session: Session | Connection, root: int) -> bool:
    """Whether a message of a rater is still in sight."""
    wrote = select(CaseMessage.id).where(
        CaseMessage.root == root, CaseMessage.sender == "citizen", CaseMessage.text != HIDDEN
    )
    return session.execute(wrote.limit(1)).first() is not None


def ended(session: Session | Connection, since: datetime, until: datetime) -> Sequence[int]:
    """The cases that ended after an instant and not after another, by id."""
    over = select(Case.id).where(Case.closed_at > since, Case.closed_at <= until)
    return session.execute(over.order_by(Case.id)).scalars().all()


def roots_of(session: Session | Connection, case_ids: Collection[int]) -> Sequence[int]:
    """The ratings that some cases are about."""
    wanted = CaseRating.case_id.in_(case_ids) & CaseRating.left_at.is_(None)
    return session.execute(select(CaseRating.root).where(wanted).distinct()).scalars().all()


def roots_with_a_case(session: Session | Connection, roots: Sequence[int]) -> frozenset[int]:
    """Those of some ratings that are in a case."""
    rows = select(CaseRating.root).where(CaseRating.left_at.is_(None))
    return _among(session, rows, roots)


def roots_at_work(session: Session | Connection, roots: Sequence[int], until: datetime) -> frozenset[int]:
    """Those of some ratings whose cases are open, or ended after an instant."""
    busy = or_(Case.closed_at.is_(None), Case.closed_at > until)
    rows = select(CaseRating.root).join(Case, Case.id == CaseRating.case_id)
    return _among(session, rows.where(busy, CaseRating.left_at.is_(None)), roots)


def _among(session: Session | Connection, rows: Select[int], roots: Sequence[int]) -> frozenset[int]:
    found: set[int] = set()
    for start in range(0, len(roots), _AT_ONCE):
        found.update(
            session.execute(rows.where(CaseRating.root.in_(roots[start : start + _AT_ONCE]))).scalars()
        )
    return frozenset(found)


def first_opened(session: Session | Connection) -> datetime | None:
    """When the first case of all was opened."""
    return session.execute(select(func.min(Case.opened_at))).scalar()
