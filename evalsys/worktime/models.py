"""The calendar a site keeps of its own, seeded from the State Council's yearly notices."""

from datetime import date, time

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base


class CalendarDay(Base):
    """Whether a day is a working day; provisional (暂定) until the year's notice is known."""

    __tablename__ = "calendar_days"
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    provisional: Mapped[bool]
    notice: Mapped[str] = mapped_column(String(200), default="")


class OfficeHours(Base):
    """A stretch of office hours on working days; working-hour clocks run inside them."""

    __tablename__ = "office_hours"
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time]


class HallHours(Base):
    """A hall's opening hours by weekday (0 = Monday): not the calendar of working days."""

    __tablename__ = "hall_hours"
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time]
