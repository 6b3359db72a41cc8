"""What the kernel itself remembers: facts about the site, the journal, jobs, files, messages and notices."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, true
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
    __table_args__ = (
        Index("ix_journal_at", "at"),
        Index("ix_journal_verb", "verb", "at"),
        Index("ix_journal_actor", "actor_id", "at"),
        Index("ix_journal_object", "object", "at"),
    )
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


class OutboxMessage(Base):
    """Something other systems or people are to hear of, written in the transaction of what happened."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "handed_at", "due_at"),)
    id: Mapped[Key]
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    due_at: Mapped[datetime]
    # When it was divided among the receivers there were; from then on its deliveries say how it stands.
    handed_at: Mapped[datetime | None]


class Delivery(Base):
    """One message on its way to one receiver."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_waiting", "sent_at", "next_at"),)
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), primary_key=True)
    receiver: Mapped[str] = mapped_column(String(120), primary_key=True)
    # Not to be tried before; whoever tries it moves this on first, so that a worker that dies holds nothing.
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


class Notice(Base):
    """A sentence for one account, or for the people of a role, a unit, or a role in a unit."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("account_id IS NOT NULL OR role IS NOT NULL OR unit_id IS NOT NULL", name="somebody"),
        Index("ix_notices_meant", "unit_id", "role", "at"),
    )
    id: Mapped[Key]
    account_id: Mapped[int | None] = mapped_column(index=True)
    role: Mapped[str | None] = mapped_column(String(30))
    unit_id: Mapped[int | None]
    sentence: Mapped[str] = mapped_column(String(200))
    facts: Mapped[str] = mapped_column(Text)  # the values of the sentence, as JSON
    link: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)


class NoticeRead(Base):
    """That an account has read a notice."""

    __tablename__ = "notice_reads"
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
