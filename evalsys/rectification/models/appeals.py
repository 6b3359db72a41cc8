"""Appeals of the rated side, and what two reviewers say to them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
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
        CheckConstraint("effect IN ('excluded','reattributed')", name="effect"),
        CheckConstraint("(state = 'upheld') = (effect IS NOT NULL)", name="effect_of_upheld"),
        CheckConstraint("(state IN ('upheld','rejected')) = (decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("staff_id IS NULL OR ground = 'not-this-window'", name="staff_of_ground"),
        CheckConstraint("evidence <> ''", name="evidence"),
        Index("ix_appeals_state", "state", "due_at"),
        Index("ix_appeals_decided", "decided_at", "id"),
    )
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), index=True)
    root: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), unique=True)
    rated_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    filed_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    ground: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(Text)
    # Whose work it was instead, where the one who appeals says so and names somebody.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    # How an upheld appeal takes effect: out of the count, or another person's work.
    effect: Mapped[str | None] = mapped_column(String(15))
    decided_at: Mapped[datetime | None]


class AppealReview(Base):
    """What one reviewer says to an appeal, never changed: two people, of neither unit the case is about."""

    __tablename__ = "appeal_reviews"
    __table_args__ = (
        UniqueConstraint("appeal_id", "account_id", name="uq_appeal_reviews_two_people"),
        CheckConstraint("seq IN (1,2)", name="two"),
        CheckConstraint("unit_id <> rated_unit_id", name="not_of_the_rated_unit"),
        CheckConstraint("unit_id <> owner_unit_id", name="not_of_the_owner_unit"),
        CheckConstraint("reason <> ''", name="reason"),
    )
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    # The units that may not review, as they were at that moment; no owner before the case is dispatched.
    rated_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    owner_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    upholds: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class AppealFile(Base):
    """A file handed in with an appeal."""

    __tablename__ = "appeal_files"
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), primary_key=True)
    name: Mapped[Words]
