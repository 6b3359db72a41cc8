"""What the organisation remembers; nothing is deleted, it ends on a day, so that ratings survive moves."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Code, Key, Words


class Region(Base):
    """An administrative region: 12-digit national code."""

    __tablename__ = "regions"
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[Words]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    level: Mapped[str] = mapped_column(String(4))


class Unit(Base):
    """A department or another body with a part in the work; its names are `UnitName` rows."""

    __tablename__ = "units"
    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    credit_code: Mapped[str | None] = mapped_column(String(18))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    compare_group: Mapped[str] = mapped_column(String(60), default="")
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]


class UnitName(Base):
    """A unit's name from a day on; the name of a day is the latest that began on or before it."""

    __tablename__ = "unit_names"
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    from_day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[Words]
    short_name: Mapped[str] = mapped_column(String(60))


class Hall(Base):
    """A service hall."""

    __tablename__ = "halls"
    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Words]
    address: Mapped[Words] = mapped_column(default="")


class Zone(Base):
    """A named part of a hall; `map_place` says where it lies on the hall's map."""

    __tablename__ = "zones"
    __table_args__ = (UniqueConstraint("hall_id", "name"),)
    id: Mapped[Key]
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"))
    name: Mapped[str] = mapped_column(String(60))
    map_place: Mapped[str | None] = mapped_column(String(60))


class Window(Base):
    """A service window: hall and public number name it for ever."""

    __tablename__ = "service_windows"
    __table_args__ = (UniqueConstraint("hall_id", "number"),)
    id: Mapped[Key]
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"))
    number: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zones.id"))
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]


class WindowUnit(Base):
    """Which department a window belongs to, from a day to a day (both included)."""

    __tablename__ = "window_units"
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"), primary_key=True)
    from_day: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    to_day: Mapped[date | None]


class Staff(Base):
    """A member of staff; a national id is never stored."""

    __tablename__ = "staff"
    id: Mapped[Key]
    staff_no: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(60))
    party_post: Mapped[bool] = mapped_column(default=False)
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]


class StaffUnit(Base):
    """Which unit a member of staff belongs to, from a day to a day (both included)."""

    __tablename__ = "staff_units"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    from_day: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    to_day: Mapped[date | None]


class Item(Base):
    """A service item (事项): what citizens come for."""

    __tablename__ = "items"
    id: Mapped[Key]
    task_code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Words]
    item_type: Mapped[str] = mapped_column(String(2))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    time_limit: Mapped[str] = mapped_column(String(60), default="")
    high_frequency: Mapped[bool] = mapped_column(default=False)
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]


class ItemAlias(Base):
    """Another name people use for an item."""

    __tablename__ = "item_aliases"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    alias: Mapped[str] = mapped_column(String(200), primary_key=True)


class ItemMaterial(Base):
    """A paper to bring for an item, in the order the guide lists them (place 1, 2, …)."""

    __tablename__ = "item_materials"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    material: Mapped[Words]


class ItemWindow(Base):
    """A window that handles an item."""

    __tablename__ = "item_windows"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"), primary_key=True, index=True)


class Import(Base):
    """One applied import file: who brought which rows, and what they changed."""

    __tablename__ = "imports"
    id: Mapped[Key]
    at: Mapped[datetime]
    account_id: Mapped[int | None]
    file_name: Mapped[Words]
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    created: Mapped[int]
    changed: Mapped[int]


class Duty(Base):
    """Who sat at which window from when to when; withdrawn, never deleted."""

    __tablename__ = "duties"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
        CheckConstraint("kind IN ('regular','weekend','leader','relief')", name="kind"),
        CheckConstraint("source IN ('queue','sign-in','rota')", name="source"),
        Index("ix_duties_window_starts", "window_id", "starts_at"),
        Index("ix_duties_staff_starts", "staff_id", "starts_at"),
    )
    id: Mapped[Key]
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    withdrawn_at: Mapped[datetime | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id"))
