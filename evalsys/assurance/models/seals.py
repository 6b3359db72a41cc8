"""What was sealed: an entry's leaf, the blocks of a day's tree, and the chain of days."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId


class SealedEntry(Base):
    """One entry as it was sealed: in which day, at which place, with which hash.

    Without foreign keys: what was sealed stays known even where the row itself has been taken away.
    """

    __tablename__ = "sealed_entries"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('rating','reasons','attribution','standing','finding','redaction')", name="kind"
        ),
        UniqueConstraint("day", "place"),
    )
    rating_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    # 0 for what there is once.
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
    place: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class SealBlock(Base):
    """The root over 1,024 neighbouring leaves of a day, so that a proof need not read the whole day."""

    __tablename__ = "seal_blocks"
    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))


class Seal(Base):
    """One closed day: the root of its tree, chained to the day before."""

    __tablename__ = "seals"
    __table_args__ = (CheckConstraint("algorithm IN ('sha256','sm3')", name="algorithm"),)
    day: Mapped[date] = mapped_column(primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(10))
    entries: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    # Unique: no two days can follow the same one, so the chain cannot fork.
    before: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime]
    # Where the journal ended then; nothing where the journal was empty, or the seal is older than this.
    journal: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class SealSweep(Base):
    """How far the present search for unsealed entries has come; there is no row once it has ended."""

    __tablename__ = "seal_sweeps"
    # The last day it will close.
    until: Mapped[date] = mapped_column(primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(10))
    # The ratings up to this id have been looked at.
    mark: Mapped[int] = mapped_column(BigId)
