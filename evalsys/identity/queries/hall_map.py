"""The devices of a hall as its people look at them: where each stands and how it is."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.identity.models import Device
from evalsys.identity.rules import DEVICE_STATES, device_state
from evalsys.kernel.access import Scope
from evalsys.organisation.queries import places
from evalsys.organisation.queries.places import Place


@dataclass(frozen=True)
class DeviceLine:
    """One device, its place (a kiosk has none) and its state."""

    id: int
    public_id: str
    kind: str
    hall_id: int
    window_id: int | None
    name: str
    pairing_until: datetime | None
    paired_at: datetime | None
    seen_at: datetime | None
    version: str
    rated_on: date | None
    rated_half: str | None
    revoked_at: datetime | None
    place: Place | None
    state: str
    code_expired: bool


@dataclass(frozen=True)
class WindowDevices:
    """One window on the map, with what stands on its counter."""

    place: Place
    devices: Sequence[DeviceLine]

    @property
    def has_tablet(self) -> bool:
        """Whether a tablet was ever added here and is not out of use."""
        return any(device.kind == "tablet" for device in self.devices)


@dataclass(frozen=True)
class HallMap:
    """A hall by zones, its kiosks, every device (those that need somebody first), and how many are how."""

    hall_id: int
    code: str
    name: str
    zones: Mapping[str, Sequence[WindowDevices]]
    kiosks: Sequence[DeviceLine]
    devices: Sequence[DeviceLine]
    counts: Mapping[str, int]

    @property
    def bare(self) -> Sequence[Place]:
        """The windows in use without a tablet."""
        windows = [window for zone in self.zones.values() for window in zone]
        return [window.place for window in windows if window.place.is_open and not window.has_tablet]

    @property
    def unpaired(self) -> Sequence[DeviceLine]:
        """The devices waiting to be paired."""
        return [device for device in self.devices if device.state == "unpaired"]


_COLUMNS: tuple[Any, ...] = (
    Device.id,
    Device.public_id,
    Device.kind,
    Device.hall_id,
    Device.window_id,
    Device.name,
    Device.pairing_until,
    Device.paired_at,
    Device.seen_at,
    Device.version,
    Device.rated_on,
    Device.rated_half,
    Device.revoked_at,
)
_STATES = tuple(DEVICE_STATES)


def hall_maps(session: Session | Connection, scope: Scope, day: date, now: datetime) -> list[HallMap]:
    """Every hall of a scope with its devices; kiosks, which are no department's, for the whole site only."""
    by_hall: dict[int, list[Place]] = defaultdict(list)
    for place in places.places_in(session, scope, day):
        by_hall[place.hall_id].append(place)
    at = {place.window_id: place for hall in by_hall.values() for place in hall}
    devices = [
        line
        for line in _lines(session, at, now)
        if (line.place is not None if line.window_id else scope.everything)
    ]
    return [
        _map(hall, [line for line in devices if line.hall_id == hall[0].hall_id]) for hall in by_hall.values()
    ]


def _lines(session: Session | Connection, at: Mapping[int, Place], now: datetime) -> list[DeviceLine]:
    rows = session.execute(select(*_COLUMNS).order_by(Device.kind.desc(), Device.name, Device.id))
    return [
        DeviceLine(
            **row._mapping,
            place=at.get(row.window_id),
            state=device_state(row.paired_at, row.seen_at, row.revoked_at, now),
            code_expired=row.pairing_until is not None and row.pairing_until <= now,
        )
        for row in rows
    ]


def _map(hall: list[Place], lines: list[DeviceLine]) -> HallMap:
    standing: dict[int | None, list[DeviceLine]] = defaultdict(list)
    for line in lines:
        if line.state != "revoked":
            standing[line.window_id].append(line)
    zones: dict[str, list[WindowDevices]] = defaultdict(list)
    for place in hall:
        zones[place.zone_name].append(WindowDevices(place, standing.get(place.window_id, ())))
    order = {place.window_id: number for number, place in enumerate(hall)}
    return HallMap(
        hall_id=hall[0].hall_id,
        code=hall[0].hall_code,
        name=hall[0].hall_name,
        zones=zones,
        kiosks=standing.get(None, ()),
        devices=sorted(
            lines, key=lambda line: (_STATES.index(line.state), order.get(line.window_id or 0, -1))
        ),
        counts=Counter(line.state for line in lines),
    )
