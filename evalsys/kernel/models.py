"""What the kernel itself remembers: facts about the site, the journal, and jobs done."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key


class SiteFact(Base):
    """One fact about the site by name: whether it is a demo, and the keys that must outlive sessions."""

    __tablename__ = "site"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class JournalEntry(Base):
    """Who did what; append-only, each entry carrying the hash of the one before."""

    __tablename__ = "journal"
    id: Mapped[Key]
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    verb: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(String(200))
    details: Mapped[str] = mapped_column(Text)
    # Unique: two entries can never follow the same one, so the chain cannot fork.
    prev_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class StoredFile(Base):
    """A file that was handed in, found by what it holds; who handed it in first."""

    __tablename__ = "files"
    __table_args__ = (CheckConstraint("kind IN ('jpg','png','pdf')", name="kind"),)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    size: Mapped[int]  # bytes
    by: Mapped[int | None]


class Stamp(Base):
    """A number that is drawn anew whenever something changes; what was kept under another one is stale.

    Drawn, not counted: a number that was taken back must never come again for something else. `told` is false
    from the change until its transaction has seen to it that every process hears of it.
    """

    __tablename__ = "stamps"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(BigId)
    told: Mapped[bool] = mapped_column(server_default=true())


class JobDone(Base):
    """A timed job that has been done for a period, so that it is done once."""

    __tablename__ = "jobs"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    period: Mapped[str] = mapped_column(String(20), primary_key=True)
    done_at: Mapped[datetime]
