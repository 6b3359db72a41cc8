"""What anybody may see of the sums."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base


class PublicCell(Base):
    """A closed week or month of a window in one unit, as last opened to everybody."""

    __tablename__ = "public_cells"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    starts: Mapped[date] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    n5: Mapped[int]
    n4: Mapped[int]
    n3: Mapped[int]
    n2: Mapped[int]
    n1: Mapped[int]
    opened_at: Mapped[datetime]
