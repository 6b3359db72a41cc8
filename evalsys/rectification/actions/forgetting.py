"""What is left of people in cases: numbers in messages go in time, and what is taken back goes at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.orm import Session

from evalsys.kernel import masking
from evalsys.rectification.actions.contacts import withdraw_contact, withdraw_contact_of_case
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.models import Appeal, Case, CaseMessage
from evalsys.rectification.queries import facts
from evalsys.rectification.rules.citizens import to_the_minute


def mask_messages(
    session: Session, ended: Sequence[int], since: datetime, until: datetime, now: datetime
) -> int:
    """Put the numbers that lead to a person out of sight in the messages of some cases; how many messages.

    And in those written between two instants in cases that had ended by then.
    """
    texts = select(CaseMessage.id, CaseMessage.text)
    in_time = (CaseMessage.at > since, CaseMessage.at <= until, Case.closed_at <= until)
    late = texts.join(Case, Case.id == CaseMessage.case_id).where(*in_time)
    rows = {*session.execute(texts.where(CaseMessage.case_id.in_(ended))), *session.execute(late)}
    changed = [(row.id, text) for row in rows if (text := masking.masked(row.text)) != row.text]
    for message_id, text in changed:
        this = update(CaseMessage).where(CaseMessage.id == message_id)
        session.connection().execute(this.values(text=text, redacted_at=now))
    return len(changed)


def mask_appeals(session: Session, ended: Sequence[int], _now: datetime) -> int:
    """Put the numbers that lead to a person out of sight in the appeals of some cases; how many appeals."""
    rows = session.execute(select(Appeal.id, Appeal.evidence).where(Appeal.case_id.in_(ended))).all()
    changed = [(row.id, text) for row in rows if (text := masking.masked(row.evidence)) != row.evidence]
    for appeal_id, text in changed:
        session.connection().execute(update(Appeal).where(Appeal.id == appeal_id).values(evidence=text))
    return len(changed)


def erase_of_rating(connection: Connection, root: int, now: datetime) -> int:
    """Forget the contact and put the messages a rater left out of sight; the case goes on. How many."""
    case_id = facts.case_of_rating(connection, root)
    if case_id is None:
        return 0
    locked(connection, case_id)
    contacts = withdraw_contact(connection, root, now)
    return contacts + _hide(connection, case_id, now, CaseMessage.root == root)


def erase_of_case(connection: Connection, case_id: int, now: datetime) -> int:
    """The same for whoever brought a report: nobody else is behind its case."""
    locked(connection, case_id)
    return withdraw_contact_of_case(connection, case_id, now)


def _hide(connection: Connection, case_id: int, now: datetime, *whose: ColumnElement[bool]) -> int:
    at = to_the_minute(now)
    wanted = (CaseMessage.sender == "citizen", CaseMessage.text != masking.HIDDEN, *whose)
    hidden = update(CaseMessage).where(*wanted).values(text=masking.HIDDEN, redacted_at=at)
    count = connection.execute(hidden).rowcount
    if count:
        add_step(
            connection, locked(connection, case_id), Step("note", at, reason="评价人隐去了自己的留言"), {}
        )
    return count
