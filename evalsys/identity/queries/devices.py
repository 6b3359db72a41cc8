"""Reading paired devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from evalsys.identity.models import Device


@dataclass(frozen=True)
class PairedDevice:
    """A device as requests and pages know it."""

    id: int
    public_id: str
    kind: str
    hall_id: int
    window_id: int | None
    name: str
    paired_at: datetime | None
    seen_at: datetime | None
    version: str
    revoked_at: datetime | None


_COLUMNS: tuple[Any, ...] = (
    Device.id,
    Device.public_id,
    Device.kind,
    Device.hall_id,
    Device.window_id,
    Device.name,
    Device.paired_at,
    Device.seen_at,
    Device.version,
    Device.revoked_at,
)


_BY_SECRET = select(*_COLUMNS).where(Device.secret_hash == bindparam("secret_hash"))
_BY_PUBLIC_ID = select(*_COLUMNS).where(Device.public_id == bindparam("public_id"))
_TABLET = (
    select(*_COLUMNS)
    .where(
        Device.window_id == bindparam("window_id"),
        Device.kind == "tablet",
        Device.paired_at.is_not(None),
        Device.revoked_at.is_(None),
    )
    .order_by(Device.paired_at.desc())
    .limit(1)
)


def device_by_secret(session: Session | Connection, secret_hash: str) -> PairedDevice | None:
    """The device that holds a secret, revoked or not."""
    row = session.execute(_BY_SECRET, {"secret_hash": secret_hash}).first()
    return None if row is None else PairedDevice(*row)


def device_by_public_id(session: Session | Connection, public_id: str) -> PairedDevice | None:
    """A device by the id in its address."""
    row = session.execute(_BY_PUBLIC_ID, {"public_id": public_id}).first()
    return None if row is None else PairedDevice(*row)


def tablet_of_window(session: Session | Connection, window_id: int) -> PairedDevice | None:
    """The tablet paired last at a window and not revoked."""
    row = session.execute(_TABLET, {"window_id": window_id}).first()
    return None if row is None else PairedDevice(*row)


def devices_of_hall(session: Session | Connection, hall_id: int | None = None) -> Sequence[PairedDevice]:
    """Every device of a hall, or of all halls, that has not been revoked, by kind and name."""
    wanted = select(*_COLUMNS).where(Device.revoked_at.is_(None))
    if hall_id is not None:
        wanted = wanted.where(Device.hall_id == hall_id)
    rows = session.execute(wanted.order_by(Device.kind, Device.name, Device.id))
    return [PairedDevice(*row) for row in rows]
