"""Append-only steps that say how a case got where it is, with their files, and the 督办单."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Words


class CaseStep(Base):
    """One step of a case, never changed: who did what, from where to where, why, and what it moved.

    `facts` holds the fields of the move, `before` the columns it changed as they were, both as JSON. Whoever
    judges the owner unit's work is of another unit: the table refuses anything else.
    """

    __tablename__ = "case_steps"
    __table_args__ = (
        CheckConstraint(
            "act IN ('open','move','try','note','join','leave','assist','link','undo','recompute','notice')",
            name="act",
        ),
        CheckConstraint(
            "NOT (from_state IN ('ACCEPTANCE','CALLBACK') AND act = 'move' AND actor_id IS NOT NULL"
            " AND actor_unit_id = owner_unit_id)",
            name="judged_from_outside",
        ),
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    # None: the system itself, or the citizen through the receipt page.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    actor_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    owner_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")
    before: Mapped[str] = mapped_column(Text, default="{}")
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]


class CaseFile(Base):
    """A file handed in with a step."""

    __tablename__ = "case_files"
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), primary_key=True)
    name: Mapped[Words]


class SupervisionNotice(Base):
    """A 督办单: made by itself when a clock runs out, once for each light of each step."""

    __tablename__ = "supervision_notices"
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    light: Mapped[str] = mapped_column(String(10), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    due_at: Mapped[datetime]
    # When the light changed, also where the site was down then, and when this was written.
    changed_at: Mapped[datetime] = mapped_column(index=True)
    made_at: Mapped[datetime]
