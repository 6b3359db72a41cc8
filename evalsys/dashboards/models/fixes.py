"""您提我改: what was changed because people said so."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Key


class Fix(Base):
    """One thing changed for one item because of one tag; one noted by mistake is withdrawn, never deleted."""

    __tablename__ = "fixes"
    __table_args__ = (CheckConstraint("words <> ''", name="words"),)
    id: Mapped[Key]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    tag: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(200))
    since: Mapped[date]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
