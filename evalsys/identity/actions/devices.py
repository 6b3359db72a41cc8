"""Pairing, hearing from and revoking tablets, kiosks and counter consoles."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, or_, select, update
from sqlalchemy.orm import Session

from evalsys.identity import passwords
from evalsys.identity.models import Device
from evalsys.identity.rules import CannotPair, NoSuchDevice
from evalsys.kernel import journal, signals
from evalsys.kernel.access import Actor
from evalsys.kernel.secrets import ALPHABET, digest, random_id, spelled

PAIRING_LASTS = timedelta(days=7)
SEEN_EVERY = timedelta(seconds=20)  # how finely the last sign of life is kept


@dataclass(frozen=True)
class NewDevice:
    """What a device is made from; a kiosk has no window."""

    kind: str
    hall_id: int
    window_id: int | None
    name: str


def add_device(session: Session, new: NewDevice, by: Actor | None, now: datetime) -> tuple[str, str]:
    """Make a device to be paired; returns its public id and its pairing code, shown this once."""
    number = random_id()
    public_id = "".join(ALPHABET[number >> 5 * place & 31] for place in range(8))
    code = passwords.first_password()
    device = Device(
        public_id=public_id,
        kind=new.kind,
        hall_id=new.hall_id,
        window_id=new.window_id,
        name=new.name,
        pairing_hash=digest(spelled(code)),
        pairing_until=now + PAIRING_LASTS,
    )
    session.add(device)
    session.flush()
    journal.record(session, by, "add-device", f"device {device.id}", kind=new.kind, window=new.window_id)
    return public_id, code


def pair_device(connection: Connection, code: str, now: datetime) -> tuple[str, str, str]:
    """Pair the device a code was made for; returns its kind, public id and the secret it keeps in a cookie.

    Raises CannotPair for a wrong, used, old or revoked code.
    """
    row = connection.execute(
        select(Device.id, Device.kind, Device.public_id).where(
            Device.pairing_hash == digest(spelled(code)),
            Device.revoked_at.is_(None),
            Device.pairing_until > now,
        )
    ).first()
    if row is None:
        raise CannotPair("没有这个配对码,或者已经用过、过期了。请在设备页面重新发码。")
    secret = passwords.new_token()
    connection.execute(
        update(Device)
        .where(Device.id == row.id)
        .values(pairing_hash=None, secret_hash=digest(secret), paired_at=now, seen_at=now)
    )
    journal.record(connection, None, "pair-device", f"device {row.id}")
    return row.kind, row.public_id, secret


def renew_pairing(session: Session, device_id: int, by: Actor | None, now: datetime) -> str:
    """Give a device a new pairing code; what it held before stops working.

    Raises NoSuchDevice for one that was revoked.
    """
    code = passwords.first_password()
    renewed = session.execute(
        update(Device)
        .where(Device.id == device_id, Device.revoked_at.is_(None))
        .values(
            pairing_hash=digest(spelled(code)),
            pairing_until=now + PAIRING_LASTS,
            secret_hash=None,
            paired_at=None,
        )
        .returning(Device.public_id)
    ).scalar()
    if renewed is None:
        raise NoSuchDevice("这台设备已停用,不能再配对。请另加一台。")
    signals.after_commit(session.connection(), renewed)
    journal.record(session, by, "renew-pairing", f"device {device_id}")
    return code


def revoke_device(session: Session, device_id: int, by: Actor, now: datetime) -> None:
    """Put a device out of use for good; its screen learns it at once."""
    revoked = session.execute(
        update(Device)
        .where(Device.id == device_id, Device.revoked_at.is_(None))
        .values(revoked_at=now, pairing_hash=None)
        .returning(Device.public_id)
    ).scalar()
    if revoked is not None:
        signals.after_commit(session.connection(), revoked)
    journal.record(session, by, "revoke-device", f"device {device_id}")


def note_rated(connection: Connection, device_id: int, day: date, half_day: str) -> None:
    """Note the half-day of a device's last rating."""
    connection.execute(
        update(Device)
        .where(
            Device.id == device_id,
            or_(
                Device.rated_on.is_(None),
                Device.rated_on < day,
                and_(Device.rated_on == day, Device.rated_half < half_day),
            ),
        )
        .values(rated_on=day, rated_half=half_day)
    )


def note_seen(connection: Connection, device_id: int, version: str, now: datetime) -> None:
    """Note a device's sign of life, at most every 20 seconds."""
    connection.execute(
        update(Device)
        .where(Device.id == device_id, or_(Device.seen_at.is_(None), Device.seen_at < now - SEEN_EVERY))
        .values(seen_at=now, version=version[:20])
    )
