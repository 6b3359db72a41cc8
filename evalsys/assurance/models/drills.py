"""Drills: whether a backup could be restored, and what was found in it."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key


class Drill(Base):
    """A backup restored elsewhere and looked through; asked for first, done by a process of its own.

    `seconds` is what restoring took; `differences` are those of `verify`; without a fault `error` is
    NULL.
    """

    __tablename__ = "drills"
    id: Mapped[Key]
    asked_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    backup_at: Mapped[datetime | None]
    size: Mapped[int | None] = mapped_column(BigId)  # bytes
    seconds: Mapped[float | None]
    ratings: Mapped[int | None]
    differences: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(200))
