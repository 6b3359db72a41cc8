"""What helps the desks: who is in charge of what, and beginnings for replies."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Key, Words


class Responsibility(Base):
    """The responsibility directory: which unit is in charge of an item, a category or a word."""

    __tablename__ = "responsibilities"
    __table_args__ = (CheckConstraint("about IN ('item','category','word')", name="about"),)
    about: Mapped[str] = mapped_column(String(10), primary_key=True)
    what: Mapped[str] = mapped_column(String(60), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    reason: Mapped[Words] = mapped_column(default="")


class ReplyTemplate(Base):
    """A beginning for a reply; it is put into the form and never sent by itself."""

    __tablename__ = "reply_templates"
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    text: Mapped[str] = mapped_column(Text)
    retired_at: Mapped[datetime | None]
