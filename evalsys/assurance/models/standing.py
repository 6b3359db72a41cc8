"""What somebody proposes about ratings' standing, and what somebody else decides on it: both append-only."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key, Words


class StandingProposal(Base):
    """A proposal to hold, exclude or count some ratings, with its ground; from a hit or of somebody's own."""

    __tablename__ = "standing_proposals"
    __table_args__ = (
        CheckConstraint("standing IN ('counted','held','excluded')", name="standing"),
        CheckConstraint("reason <> ''", name="reason"),
        # What a decision points at: the proposal together with who made it.
        UniqueConstraint("id", "proposed_by"),
    )
    id: Mapped[Key]
    hit_id: Mapped[int | None] = mapped_column(ForeignKey("signal_hits.id"), index=True)
    standing: Mapped[str] = mapped_column(String(10))
    ground: Mapped[str] = mapped_column(String(20))
    reason: Mapped[Words]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    proposed_at: Mapped[datetime]


class ProposedRating(Base):
    """A rating that a proposal is about."""

    __tablename__ = "proposed_ratings"
    proposal_id: Mapped[int] = mapped_column(ForeignKey("standing_proposals.id"), primary_key=True)
    root: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True, index=True)


class ProposalDecision(Base):
    """The word of the second person on a proposal; never of the one who made it."""

    __tablename__ = "proposal_decisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["proposal_id", "proposed_by"], ["standing_proposals.id", "standing_proposals.proposed_by"]
        ),
        CheckConstraint("proposed_by <> decided_by", name="two_people"),
    )
    proposal_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    proposed_by: Mapped[int]
    decided_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    agreed: Mapped[bool]
    note: Mapped[Words]
    at: Mapped[datetime]
