"""What is held about one report, as plain values."""

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.desk.models import NotDoneReport
from evalsys.kernel.masking import HIDDEN
from evalsys.rectification.queries import held


def of_report(session: Session | Connection, case_id: int) -> dict[str, Any]:
    """What whoever made a report wrote and left, and its case."""
    row = session.execute(
        select(NotDoneReport.type, NotDoneReport.text, NotDoneReport.matter, NotDoneReport.reported_at).where(
            NotDoneReport.case_id == case_id
        )
    ).one()
    said = {"type": row.type, "text": row.text, "matter": row.matter, "at": row.reported_at.isoformat()}
    return {"report": said, "case": held.of_case(session, case_id)}


def has_words(session: Session | Connection, case_id: int) -> bool:
    """Whether the words of a report are still in sight."""
    text = select(NotDoneReport.text).where(NotDoneReport.case_id == case_id)
    return session.execute(text).scalar() not in (None, HIDDEN)
