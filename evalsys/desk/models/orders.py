"""Orders: the facts of a case that came from another platform, a letter or a telephone."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base


class OrderCategory(Base):
    """A kind of matter orders are about, and the profile of terms it brings."""

    __tablename__ = "order_categories"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    profile: Mapped[str] = mapped_column(String(20))


class Order(Base):
    """An order beside its case; `due_at` and `finish_by` are what its sender was answered."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("source", "upstream_no"),)
    case_id: Mapped[int] = mapped_column(ForeignKey("loop_cases.id"), primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(ForeignKey("order_categories.code"))
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(200), default="")
    upstream_no: Mapped[str | None] = mapped_column(String(60))
    upstream_due: Mapped[datetime | None]
    received_at: Mapped[datetime]
    # Who sat at the window then, where the order is about a window and one person did.
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duties.id"))
    due_at: Mapped[datetime]
    finish_by: Mapped[datetime]
    content: Mapped[str] = mapped_column(String(64))
    taken_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
