"""Displays on the wall."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Key


class Board(Base):
    """A display of one hall, or of all of them; its address is kept as a hash only."""

    __tablename__ = "boards"
    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("halls.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    revoked_at: Mapped[datetime | None]
