"""Times somebody was served, and the ways they are invited to rate it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, BigId, Key


class ServedTime(Base):
    """One time somebody was served: one *service*; a consultation is one too.

    The same (project_no, service_number), or the same idempotency key, is the same service.
    """

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("kind IN ('case','consultation')", name="kind"),
        CheckConstraint("(project_no IS NULL) = (service_number IS NULL)", name="pair"),
        UniqueConstraint("project_no", "service_number"),
        Index("ix_services_window_day", "window_id", "day"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("service_windows.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    item_type: Mapped[str] = mapped_column(String(2))
    project_no: Mapped[str | None] = mapped_column(String(60))
    service_number: Mapped[int | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    ticket: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    network: Mapped[bool]
    ended_at: Mapped[datetime]
    day: Mapped[date]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    cancelled_at: Mapped[datetime | None]


class ServiceRating(Base):
    """Which rating belongs to which service; nobody on the clerk's side reads this table."""

    __tablename__ = "service_ratings"
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("services.id"), primary_key=True)
    # The first rating of the service; a freer one given later stands in its chain.
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), unique=True)


class Invitation(Base):
    """A way in for one service: an opaque token of 128 bits, kept as its hash."""

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint("kind IN ('link','ticket','tablet','take-away')", name="kind"),)
    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("services.id"), index=True)
    expires_on: Mapped[date]
    used_at: Mapped[datetime | None]


class Prompt(Base):
    """One showing of a service on a counter tablet; one prompt for each service."""

    __tablename__ = "prompts"
    __table_args__ = (
        CheckConstraint("state IN ('sent','shown','rated','unrated')", name="state"),
        Index("ix_prompts_device_state", "device_id", "state"),
    )
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("services.id"), primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    state: Mapped[str] = mapped_column(String(10))
    sent_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PaperForm(Base):
    """A rating given on paper: the form's serial number, its scan, and who typed it in."""

    __tablename__ = "paper_forms"
    rating_id: Mapped[int] = mapped_column(BigId, ForeignKey("ratings.id"), primary_key=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)
    scan: Mapped[str] = mapped_column(ForeignKey("files.sha256"))
    entered_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    entered_at: Mapped[datetime]
