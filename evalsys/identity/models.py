"""Accounts and what they may; secrets are stored as hashes only."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.kernel.types import Base, Key


class Account(Base):
    """One person's, or one system's, way in; every account belongs to a unit."""

    __tablename__ = "accounts"
    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    display_name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    must_change: Mapped[bool] = mapped_column(default=True)
    # Sealed, in base64; the step of the last code taken, so that none is taken twice.
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    # Unknown for passwords set before it was kept.
    password_set_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    # Of the first release; failed sign-ins are counted in `SignInFailure` since.
    version: Mapped[int] = mapped_column(default=1)


class AccountRole(Base):
    """A role an account holds."""

    __tablename__ = "account_roles"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(30), primary_key=True)


class SignInSession(Base):
    """A sign-in that lasts; ended ones stay for the list of sessions."""

    __tablename__ = "sessions"
    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(String(200), default="")
    # When a code was last given in it.
    stepped_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for a lost telephone, good once; kept as a hash."""

    __tablename__ = "recovery_codes"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None]


class FormerPassword(Base):
    """A password an account had, kept only where the site forbids going back to it."""

    __tablename__ = "former_passwords"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200), primary_key=True)
    until: Mapped[datetime]


class SignInFailure(Base):
    """How often in a row a sign-in with one name failed from one address; the two are kept as one hash."""

    __tablename__ = "sign_in_failures"
    attempt_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    """A bearer token for the JSON interface."""

    __tablename__ = "api_tokens"
    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    label: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Device(Base):
    """A paired tablet, kiosk or counter console; its secret is kept as a hash."""

    __tablename__ = "devices"
    __table_args__ = (CheckConstraint("kind IN ('tablet','kiosk','console')", name="kind"),)
    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    hall_id: Mapped[int] = mapped_column(ForeignKey("halls.id"))
    window_id: Mapped[int | None] = mapped_column(ForeignKey("service_windows.id"), index=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    # A pairing code is good once; what the device then holds is another secret.
    pairing_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    pairing_until: Mapped[datetime | None]
    secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    paired_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    version: Mapped[str] = mapped_column(String(20), default="")
    # The last rating it took, no finer than the half-day: nobody learns from here who gave it.
    rated_on: Mapped[date | None]
    rated_half: Mapped[str | None] = mapped_column(String(2))
    revoked_at: Mapped[datetime | None]
