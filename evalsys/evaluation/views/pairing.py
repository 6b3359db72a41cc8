"""Pairing a tablet, a kiosk or a counter console: a code is typed once, a cookie stays."""

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.evaluation.views import paired
from evalsys.evaluation.views.blueprint import bp
from evalsys.identity.actions.devices import pair_device
from evalsys.identity.queries import devices
from evalsys.identity.queries.devices import PairedDevice
from evalsys.identity.rules import CannotPair
from evalsys.kernel import clock, writer
from evalsys.kernel.access import device
from evalsys.kernel.database import db
from evalsys.kernel.language import say
from evalsys.organisation.queries import places


@bp.get("/counter/pair")
@device
def pair() -> ResponseReturnValue:
    """Ask for a pairing code; a printed link brings it behind the #, which browsers never send."""
    known = paired.device_in_use("tablet", "kiosk", "console")
    return render_template("counter/pair.html", home=known and _home_of(known))


@bp.post("/counter/pair")
@device
def pair_here() -> ResponseReturnValue:
    """Make this machine the device its code was made for."""
    code = request.form.get("code", "")[:40]
    try:
        _kind, public_id, secret = writer.run(pair_device, code, clock.now())
    except CannotPair as refusal:
        return make_response(render_template("counter/pair.html", error=say(refusal), code=code), 422)
    found = devices.device_by_public_id(db.session(), public_id) or abort(404)
    return paired.keep_secret(redirect(_home_of(found), 303), secret)


def _home_of(found: PairedDevice) -> str:
    """Where a device begins."""
    if found.kind == "kiosk":
        return f"/kiosk/{places.hall_code(db.session(), found.hall_id)}"
    if found.kind == "console":
        return url_for(".console_prompt")
    return url_for(".counter", public_id=found.public_id)
