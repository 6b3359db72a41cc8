"""What citizens say on the receipt page: messages, contacts, their own word whether it is solved."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key


class CaseMessage(Base):
    """A message between the citizen and the desk, on the receipt page; the supervisor relays both ways.

    `relayed_at` empty: the supervisor has not passed it on yet. Words can be redacted, so they live here.
    """

    __tablename__ = "case_messages"
    __table_args__ = (
        CheckConstraint("sender IN ('citizen','owner','supervisor')", name="sender"),
        UniqueConstraint("key"),
        Index("ix_case_messages_root", "root"),
        Index("ix_case_messages_waiting", "relayed_by", "relayed_at", "at"),
    )
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), index=True)
    root: Mapped[int | None] = mapped_column(BigId, ForeignKey("ratings.id"))
    sender: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    relayed_at: Mapped[datetime | None]
    relayed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    redacted_at: Mapped[datetime | None]
    # A double tap on 发送 is one message.
    key: Mapped[str] = mapped_column(String(64))


class Contact(Base):
    """How a citizen may be reached, sealed; gone 90 days after closing. One for each rating or order."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_case_id", "case_id"),)
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"))
    root: Mapped[int | None] = mapped_column(BigId, ForeignKey("ratings.id"), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    masked: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
    purged_at: Mapped[datetime | None]


class Confirmation(Base):
    """The citizen's own word on the receipt page: solved or not, and how the handling was."""

    __tablename__ = "confirmations"
    __table_args__ = (
        CheckConstraint("solved IN ('yes','partly','no')", name="solved"),
        CheckConstraint("handling IN ('satisfied','fairly','dissatisfied')", name="handling"),
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True)
    root: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True)
    solved: Mapped[str] = mapped_column(String(10))
    handling: Mapped[str | None] = mapped_column(String(15))
    at: Mapped[datetime]
