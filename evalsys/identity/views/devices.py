"""Tablets, kiosks and counter consoles: the map of the hall, adding, pairing sheets, revoking."""

from collections.abc import Iterable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.identity.actions import devices as actions
from evalsys.identity.actions.devices import NewDevice
from evalsys.identity.queries import hall_map
from evalsys.identity.queries.hall_map import DeviceLine, HallMap
from evalsys.identity.rules import (
    DEVICE_KINDS,
    DEVICE_STATES,
    MANAGE_DEVICES,
    SEE_DEVICES,
    NoSuchDevice,
)
from evalsys.identity.views.blueprint import bp
from evalsys.kernel import clock, paging, settings
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _

PAGE = 50
Slip = tuple[DeviceLine, str]


@bp.get("/admin/devices")
@requires(SEE_DEVICES)
def devices() -> ResponseReturnValue:
    """A hall's map with every device of one's scope, and the list of them."""
    halls = _halls()
    hall = _chosen(halls, request.args.get("hall", ""))
    wanted, page = request.args.get("state", ""), paging.page_asked()
    lines = [line for line in (hall.devices if hall else ()) if wanted in ("", line.state)]
    return render_template(
        "identity/devices.html",
        halls=halls,
        hall=hall,
        lines=lines[(page - 1) * PAGE : page * PAGE],
        total=len(lines),
        page=page,
        pages=max(1, -(-len(lines) // PAGE)),
        wanted=wanted,
        may_manage=current_actor().may(MANAGE_DEVICES),
        **_words(),
    )


@bp.get("/admin/devices/<int:device_id>")
@requires(SEE_DEVICES)
def device(device_id: int) -> ResponseReturnValue:
    """One device, and what can be done with it."""
    hall, line = _found(device_id)
    may_manage = current_actor().may(MANAGE_DEVICES)
    return render_template(
        "identity/device.html",
        hall=hall,
        line=line,
        may_manage=may_manage,
        address=_address(),
        **_words(),
    )


@bp.post("/admin/devices/add")
@requires(MANAGE_DEVICES)
def add_device() -> ResponseReturnValue:
    """Add one device and print its pairing slip."""
    hall = _chosen(_halls(), request.form.get("hall", "")) or abort(404)
    new = _new(
        hall, request.form.get("kind", ""), request.form.get("window", ""), request.form.get("name", "")
    )
    return _slips([(hall, new)])


@bp.post("/admin/devices/tablets")
@requires(MANAGE_DEVICES)
def add_tablets() -> ResponseReturnValue:
    """Add a tablet for every window in use that has none, and print all their slips."""
    hall = _chosen(_halls(), request.form.get("hall", "")) or abort(404)
    if not hall.bare:
        raise NoSuchDevice("每个在用窗口都已经有平板,没有新加。")
    return _slips([(hall, _at(hall, "tablet", place.window_id, place.number)) for place in hall.bare])


@bp.post("/admin/devices/slips")
@requires(MANAGE_DEVICES)
def pairing_slips() -> ResponseReturnValue:
    """Give the chosen devices, or all that wait for pairing, new codes, and print their slips."""
    hall = _chosen(_halls(), request.form.get("hall", "")) or abort(404)
    chosen = set(request.form.getlist("device", type=int))
    lines = [line for line in hall.unpaired if not chosen or line.id in chosen]
    if not lines:
        raise NoSuchDevice("没有等配对的设备。要给用着的设备换码,请打开那台设备的页面。")
    return _printed(hall, ((line, _renewed(line)) for line in lines))


@bp.post("/admin/devices/<int:device_id>/renew")
@requires(MANAGE_DEVICES)
def renew_pairing(device_id: int) -> ResponseReturnValue:
    """Give a device a new pairing code and print its slip; what it held stops working."""
    hall, line = _found(device_id)
    return _printed(hall, [(line, _renewed(line))])


@bp.post("/admin/devices/<int:device_id>/revoke")
@requires(MANAGE_DEVICES)
def revoke_device(device_id: int) -> ResponseReturnValue:
    """Put a device out of use for good."""
    hall, line = _found(device_id)
    actions.revoke_device(db.session(), line.id, current_actor(), clock.now())
    flash(_("设备已停用,它不能再收评价。要再用,请另加一台。"))
    return redirect(url_for(".devices", hall=hall.code))


def _words() -> dict[str, object]:
    return {"kinds": DEVICE_KINDS, "states": DEVICE_STATES}


def _halls() -> list[HallMap]:
    return hall_map.hall_maps(db.session(), current_actor().scope, clock.today(), clock.now())


def _chosen(halls: list[HallMap], code: str) -> HallMap | None:
    """The hall of a code; the first one unless a code is given."""
    return next((hall for hall in halls if code in ("", hall.code)), None)


def _found(device_id: int) -> tuple[HallMap, DeviceLine]:
    for hall in _halls():
        for line in hall.devices:
            if line.id == device_id:
                return hall, line
    return abort(404)


def _new(hall: HallMap, kind: str, number: str, name: str) -> NewDevice:
    """What is to be added; raises NoSuchDevice with a sentence to act on."""
    if kind not in DEVICE_KINDS:
        raise NoSuchDevice("请选设备的种类。")
    if kind == "kiosk":
        if not name.strip():
            raise NoSuchDevice("请给评价机起个名,例如“B区评价机1”,巡查时好找。")
        return NewDevice("kiosk", hall.hall_id, None, name.strip()[:60])
    for windows in hall.zones.values():
        for window in windows:
            if window.place.number == number.strip():
                return _at(hall, kind, window.place.window_id, name.strip()[:60] or window.place.number)
    raise NoSuchDevice("这个大厅没有“{number}”号窗口。请对照窗口牌再填。", number=number.strip()[:20])


def _at(hall: HallMap, kind: str, window_id: int, name: str) -> NewDevice:
    return NewDevice(kind, hall.hall_id, window_id, name)


def _slips(wanted: list[tuple[HallMap, NewDevice]]) -> ResponseReturnValue:
    """Add devices and show their pairing codes, this once."""
    session, actor, now = db.session(), current_actor(), clock.now()
    codes = dict(actions.add_device(session, new, actor, now) for _hall, new in wanted)
    hall = _chosen(_halls(), wanted[0][0].code) or abort(404)
    return _printed(hall, ((line, codes[line.public_id]) for line in hall.devices if line.public_id in codes))


def _renewed(line: DeviceLine) -> str:
    return actions.renew_pairing(db.session(), line.id, current_actor(), clock.now())


def _printed(hall: HallMap, slips: Iterable[Slip]) -> ResponseReturnValue:
    days = actions.PAIRING_LASTS.days
    return render_template(
        "identity/device_slips.html", hall=hall, slips=list(slips), days=days, address=_address(), **_words()
    )


def _address() -> str:
    """Where every device is paired."""
    return f"{settings.current().base_url}/counter/pair"
