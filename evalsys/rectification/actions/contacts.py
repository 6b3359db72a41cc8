"""Contact details: given by the citizen alone, sealed, opened one at a time with a reason, and forgotten."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update
from sqlalchemy.orm import Session

from evalsys.kernel import journal, masking, sealing
from evalsys.kernel.access import Actor
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.models import Case, CaseMessage, Contact
from evalsys.rectification.queries import facts
from evalsys.rectification.rules import Missing, NotAllowed
from evalsys.rectification.rules.citizens import (
    CONTACT_KEPT,
    GivenContact,
    check_contact_reader,
    to_the_minute,
)
from evalsys.rectification.rules.states import OPEN

_GONE: dict[str, Any] = {"sealed": None, "masked": ""}


def give_contact(connection: Connection, root: int, given: GivenContact, now: datetime) -> None:
    """Keep how the rater wants to be reached, sealed; a later one stands in place of an earlier one.

    Raises NotAllowed where no open case is about the rating.
    """
    case_id = facts.case_of_rating(connection, root)
    row = None if case_id is None else locked(connection, case_id)
    if row is None or row.state not in OPEN:
        raise NotAllowed("这件已经办结或没有单子在办,不用留联系方式。")
    at = to_the_minute(now)
    keep_contact(connection, row.id, root, given, at=at)
    add_step(connection, row, Step("note", at, reason="评价人留了联系方式"), {"is_reachable": True})


def keep_contact(
    connection: Connection, case_id: int, root: int | None, given: GivenContact, *, at: datetime
) -> None:
    """Seal how a person behind a case may be reached: a rater, or without a root who brought it."""
    opened = json.dumps([given.phone, given.name], ensure_ascii=False)
    kept = {
        "case_id": case_id,
        "sealed": sealing.seal(opened, _about(case_id, root)),
        "masked": masked(given),
        "given_at": at,
        "purged_at": None,
    }
    earlier = (
        Contact.root == root if root is not None else Contact.root.is_(None) & (Contact.case_id == case_id)
    )
    if not connection.execute(update(Contact).where(earlier).values(**kept)).rowcount:
        connection.execute(insert(Contact).values(root=root, **kept))


def masked(given: GivenContact) -> str:
    """A contact that can be recognised and not be used: 王** 138****1234."""
    name = f"{given.name[0]}** " if given.name else ""
    return name + masking.phone(given.phone)


def withdraw_contact(connection: Connection, root: int, now: datetime) -> int:
    """Forget at once what the rater left; the case is as reachable as without it. How many contacts went."""
    return _withdraw(connection, (Contact.root == root,), "评价人删除了联系方式", now)


def withdraw_contact_of_case(connection: Connection, case_id: int, now: datetime) -> int:
    """The same for whoever brought a report or an order: the contact that is no rater's."""
    whose = (Contact.root.is_(None), Contact.case_id == case_id)
    return _withdraw(connection, whose, "反映人删除了联系方式", now)


def _withdraw(
    connection: Connection, whose: tuple[ColumnElement[bool], ...], words: str, now: datetime
) -> int:
    at, standing = to_the_minute(now), (*whose, Contact.sealed.is_not(None))
    case_id = connection.execute(select(Contact.case_id).where(*standing)).scalar()
    if case_id is None:
        return 0
    # The case first, as everywhere: two who hold one each would wait for each other for ever.
    row = locked(connection, case_id)
    forgotten = update(Contact).where(*standing, Contact.case_id == case_id)
    gone = connection.execute(forgotten.values(purged_at=at, **_GONE)).rowcount
    if gone:
        reachable = {"is_reachable": is_reachable(connection, row.id)}
        add_step(connection, row, Step("note", at, reason=words), reachable)
    return gone


def reseal_contacts(session: Session, after: int, most: int) -> tuple[int | None, sealing.Resealed]:
    """Seal some contacts from behind an id on under the first key; the last id looked at, None at the end.

    What does not open stays as it is and is counted. Run again, it does nothing twice.
    """
    rows = session.execute(
        select(Contact.id, Contact.root, Contact.case_id, Contact.sealed)
        .where(Contact.id > after, Contact.sealed.is_not(None))
        .order_by(Contact.id)
        .limit(most)
        .with_for_update()
    ).all()
    done = sealing.Resealed()
    for row in rows:
        about = _about(row.case_id, row.root)
        blob = done.take(row.sealed, about)
        if blob is not None:
            this = update(Contact).where(Contact.id == row.id)
            session.connection().execute(this.values(sealed=blob))
    return (rows[-1].id if len(rows) == most else None), done


def keys_in_use(session: Session) -> Counter[str]:
    """How many contacts were sealed under each key, by its id."""
    blobs = select(Contact.sealed).where(Contact.sealed.is_not(None)).execution_options(yield_per=1000)
    return Counter(sealing.key_id_of(blob) for blob in session.execute(blobs).scalars() if blob is not None)


def is_reachable(connection: Connection, case_id: int) -> bool:
    """Whether anybody behind a case left a contact that still stands, or wrote on the receipt page."""
    left = exists().where(Contact.case_id == case_id, Contact.sealed.is_not(None))
    wrote = exists().where(CaseMessage.case_id == case_id, CaseMessage.sender == "citizen")
    return bool(connection.execute(select(left | wrote)).scalar())


def carry_over(connection: Connection, root: int, case_id: int) -> None:
    """Let what a rater left and wrote follow the rating into another case."""
    for model in (Contact, CaseMessage):
        connection.execute(update(model).where(model.root == root).values(case_id=case_id))
    if is_reachable(connection, case_id):
        connection.execute(update(Case).where(Case.id == case_id).values(is_reachable=True))


def open_contact(
    session: Session, case_id: int, contact_id: int, actor: Actor, reason: str, *, now: datetime
) -> GivenContact:
    """Show one contact in full, once; the journal keeps who looked, and why.

    Raises Missing without a reason, NotYours, NotAllowed; LookupError where nothing of it stands.
    """
    row = facts.case_row(session, case_id)
    if row is None:
        raise LookupError("no such case")
    check_contact_reader(actor, facts.as_is(session, row, now))
    if not reason:
        raise Missing({"reason": "请写明为什么要看联系方式"})
    kept = session.execute(
        select(Contact.sealed, Contact.root).where(Contact.id == contact_id, Contact.case_id == case_id)
    ).first()
    if kept is None or kept.sealed is None:
        raise LookupError("no such contact")
    phone, name = json.loads(sealing.open_sealed(kept.sealed, _about(case_id, kept.root)))
    journal.record(session, actor, "read-contact", f"case {row.no}", reason=reason, contact=contact_id)
    return GivenContact(phone, name)


def purge_contacts(session: Session, now: datetime) -> int:
    """Forget the contacts of cases that ended 90 days ago; says how many."""
    over = select(Case.id).where(Case.closed_at <= now - timedelta(days=CONTACT_KEPT))
    gone = session.execute(
        update(Contact)
        .where(Contact.case_id.in_(over), Contact.sealed.is_not(None))
        .values(purged_at=now, **_GONE)
        .execution_options(synchronize_session=False)
        .returning(Contact.id)
    ).all()
    if gone:
        journal.record(session, None, "purge-contacts", "contacts", count=len(gone))
    return len(gone)


def _about(case_id: int, root: int | None) -> str:
    """What a sealed contact is bound to; a rating may go to another case and takes its contact along."""
    return f"contact of case {case_id}" if root is None else f"contact of rating {root}"
