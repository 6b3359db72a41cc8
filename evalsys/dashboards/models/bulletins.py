"""Bulletins: frozen once drafted; what became of them stands in their steps."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Key


class Bulletin(Base):
    """One month of all halls, a hall or a unit, as canonical JSON; append-only.

    Drafted by nobody: by the clock.
    """

    __tablename__ = "bulletins"
    __table_args__ = (
        CheckConstraint("place IN ('all','hall','unit')", name="place"),
        UniqueConstraint("place", "code", "starts", "version"),
    )
    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    place: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40))
    starts: Mapped[date]
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class BulletinStep(Base):
    """A bulletin was approved, published or dropped; append-only, and each at most once."""

    __tablename__ = "bulletin_steps"
    __table_args__ = (CheckConstraint("act IN ('approve','publish','drop')", name="act"),)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"), primary_key=True)
    act: Mapped[str] = mapped_column(String(10), primary_key=True)
    by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime]
