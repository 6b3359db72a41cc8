"""Words that somebody proposes to put out of sight, and what somebody else decides."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key, Words


class RedactionProposal(Base):
    """A proposal to put a rater's words out of sight; undecided until somebody else says a word on it."""

    __tablename__ = "redaction_proposals"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("proposed_by <> decided_by", name="two_people"),
        CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (agreed IS NULL)",
            name="decided_whole",
        ),
        Index("ix_redaction_proposals_root", "root"),
        Index("ix_redaction_proposals_decided", "decided_at", "id"),
    )
    id: Mapped[Key]
    root: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"))
    reason: Mapped[Words]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    agreed: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
