"""Appeals of the rated side."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key, Words


class Appeal(Base):
    """An appeal by the rated side against one rating: once, with ground and evidence, decided by two."""

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint(
            "ground IN ('mistake','not-this-window','repeated','false','not-a-service')", name="ground"
        ),
        CheckConstraint("state IN ('filed','reviewed','upheld','rejected')", name="state"),
        CheckConstraint("first_by <> second_by", name="two_people"),
        CheckConstraint("evidence <> ''", name="evidence"),
        Index("ix_appeals_state", "state", "due_at"),
    )
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), index=True)
    root: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), unique=True)
    filed_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    filed_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    ground: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    first_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    first_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    first_upholds: Mapped[bool | None]
    first_reason: Mapped[str] = mapped_column(Text, default="")
    second_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    second_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    second_upholds: Mapped[bool | None]
    second_reason: Mapped[str] = mapped_column(Text, default="")
    # How an upheld appeal takes effect: out of the count, or another person's work.
    effect: Mapped[str | None] = mapped_column(String(15))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]


class AppealFile(Base):
    """A file handed in with an appeal."""

    __tablename__ = "appeal_files"
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), primary_key=True)
    name: Mapped[Words]
