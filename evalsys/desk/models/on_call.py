"""Who is on call when, and who was called for which order."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Key


class OnCall(Base):
    """A turn of somebody of a unit; `place` is the order in which people are called."""

    __tablename__ = "on_call"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="lasts"),
        Index("ix_on_call_ends_at", "ends_at"),
    )
    id: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    place: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class OrderCall(Base):
    """Somebody was called for an order, with the step that says so."""

    __tablename__ = "order_calls"
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
