"""What the signals found on closed days: append-only marks, which change nothing in any sum."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key


class SignalDay(Base):
    """A closed day that the signals have gone through, and how many of its ratings still had their traces."""

    __tablename__ = "signal_days"
    day: Mapped[date] = mapped_column(primary_key=True)
    ratings: Mapped[int]
    traced: Mapped[int]
    found_at: Mapped[datetime]


class SignalHit(Base):
    """One suspicious set of ratings: its kind, its place, and the numbers that speak for it as JSON.

    `subject` tells apart what one rule found at one place on one day; without a window it concerns the hall.
    """

    __tablename__ = "signal_hits"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('too-quick','one-device','repeats','same-again','closed-hours','before-close',"
            "'one-terminal','too-many')",
            name="kind",
        ),
        UniqueConstraint("day", "hall_id", "kind", "subject"),
        Index("ix_signal_hits_day", "day", "id"),
    )
    id: Mapped[Key]
    day: Mapped[date]
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(40))
    window_id: Mapped[int | None] = mapped_column(ForeignKey("service_windows.id"))
    version: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(Text)
    ratings: Mapped[int]
    found_at: Mapped[datetime]


class MarkedRating(Base):
    """A rating that belongs to a hit."""

    __tablename__ = "marked_ratings"
    hit_id: Mapped[int] = mapped_column(ForeignKey("signal_hits.id"), primary_key=True)
    root: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
