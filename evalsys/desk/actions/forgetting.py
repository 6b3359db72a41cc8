"""What is left of people at the desk: numbers in words of ended cases go, marks of devices go at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import Session

from evalsys.desk.models import NotDoneReport, Order, RefusalDraft, ReportMark
from evalsys.desk.rules.reports import JUST_NOW
from evalsys.kernel import masking
from evalsys.rectification.actions.forgetting import erase_of_case

_WORDS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (NotDoneReport, ("text", "matter")),
    (Order, ("text", "place")),
)


def mask_words(session: Session, ended: Sequence[int], _now: datetime) -> int:
    """Put numbers that lead to a person out of sight in reports and orders of some cases; how many."""
    return sum(
        _mask(session, model, model.case_id, model.case_id.in_(ended), names) for model, names in _WORDS
    )


def mask_drafts(session: Session, since: datetime, until: datetime) -> int:
    """The same in the refusals noted at windows and settled between two instants."""
    then = (RefusalDraft.settled_at > since, RefusalDraft.settled_at <= until)
    return _mask(session, RefusalDraft, RefusalDraft.id, then[0] & then[1], ("words", "matter"))


def _mask(session: Session, model: Any, key: Any, which: Any, names: tuple[str, ...]) -> int:
    rows = session.execute(select(key, *(getattr(model, name) for name in names)).where(which)).all()
    changed = 0
    for this, *texts in rows:
        anew = {name: masking.masked(text) for name, text in zip(names, texts, strict=True)}
        if tuple(anew.values()) != tuple(texts):
            session.connection().execute(update(model).where(key == this).values(**anew))
            changed += 1
    return changed


def forget_marks(session: Session, now: datetime) -> int:
    """Forget that devices reported something, where it no longer bounds what they may report; how many."""
    return session.connection().execute(delete(ReportMark).where(ReportMark.at <= now - JUST_NOW)).rowcount


def erase_report(connection: Connection, case_id: int, now: datetime) -> int:
    """Put the words of a report out of sight and forget the contact; the case goes on. How many went."""
    standing = (NotDoneReport.case_id == case_id, NotDoneReport.text != masking.HIDDEN)
    hidden = {"text": masking.HIDDEN, "matter": ""}
    words = connection.execute(update(NotDoneReport).where(*standing).values(**hidden)).rowcount
    return words + erase_of_case(connection, case_id, now)
