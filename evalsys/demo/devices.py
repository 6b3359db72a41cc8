"""The demo's three devices: a tablet and a console at one window, and a kiosk; their pairing links."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from evalsys.identity.actions import devices as actions
from evalsys.identity.actions.devices import NewDevice
from evalsys.identity.queries import devices
from evalsys.kernel import clock
from evalsys.organisation.queries import directory, places

WINDOW = "A06"
KINDS = ("tablet", "console", "kiosk")


def pairing_links(session: Session, base_url: str) -> Iterator[str]:
    """A line for each device: made on first need; one not yet paired gets a new code, good once."""
    today = clock.today()
    window = next(w for w in directory.windows_on(session, today).values() if w.number == WINDOW)
    place = places.place_of_window(session, window.id, today)
    if place is None:
        return
    present = {device.kind: device for device in devices.devices_of_hall(session, place.hall_id)}
    for kind in KINDS:
        at, found = (None if kind == "kiosk" else window.id), present.get(kind)
        if found is not None and found.paired_at is not None:
            yield f"device {kind} 已配对"
        elif found is not None:
            code = actions.renew_pairing(session, found.id, None, clock.now())
            yield f"device {kind} {base_url}/counter/pair#{code}"
        else:
            new = NewDevice(kind, place.hall_id, at, f"演示 {WINDOW}" if at else "演示评价区")
            _, code = actions.add_device(session, new, None, clock.now())
            yield f"device {kind} {base_url}/counter/pair#{code}"
