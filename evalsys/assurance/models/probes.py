"""What each try of a way in found."""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base


class Probe(Base):
    """One round of the synthetic probe through one way in: which levels were taken, and how fast."""

    __tablename__ = "probes"
    day: Mapped[date] = mapped_column(primary_key=True)
    entry: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    # The digits of the levels that were taken: "12345" where all is well.
    taken: Mapped[str] = mapped_column(String(5))
    # What went wrong first; "" where nothing did.
    fault: Mapped[str] = mapped_column(String(20))
    slowest: Mapped[int]  # milliseconds
