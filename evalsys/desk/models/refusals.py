"""What was refused at a window and noted there: drafts that wait for the desk."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Key


class RefusalDraft(Base):
    """A refusal noted at a window; the desk makes a report of it, or drops it with a reason."""

    __tablename__ = "refusal_drafts"
    __table_args__ = (
        CheckConstraint(
            "(settled_at IS NULL) = (case_id IS NULL AND dropped_because IS NULL)", name="settled_somehow"
        ),
        Index("ix_refusal_drafts_hall", "hall_id", "settled_at", "id"),
    )
    id: Mapped[Key]
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"))
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"))
    matter: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime]
    # Empty where it was noted on a paired console, which is nobody's account.
    noted_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    # The form it was noted on: a double tap is one draft.
    key: Mapped[str] = mapped_column(String(64), unique=True)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("loop_cases.id"))
    dropped_because: Mapped[str | None] = mapped_column(String(200))
