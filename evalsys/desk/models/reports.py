"""Reports of what could not be done: the facts of a case somebody brought to the desk."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Key


class NotDoneReport(Base):
    """A report beside its case; its receipt is kept as a hash only."""

    __tablename__ = "not_done_reports"
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    matter: Mapped[str] = mapped_column(String(60))
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    reported_at: Mapped[datetime]
    # Who typed it in for somebody standing there; empty where it came from the public page.
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class ReportMark(Base):
    """That a report came from the public page just now; forgotten with the next one after; not the report's.

    `mark` is the sender's device under the key of the day, as ratings mark it: never an address.
    """

    __tablename__ = "report_marks"
    __table_args__ = (Index("ix_report_marks_at", "at"),)
    id: Mapped[Key]
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"))
    mark: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
