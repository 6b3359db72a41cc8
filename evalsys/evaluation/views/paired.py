"""Which paired device a request comes from: it holds a secret in a cookie of its own."""

from typing import NoReturn

from flask import abort, g, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from evalsys.identity.queries import devices
from evalsys.identity.queries.devices import PairedDevice
from evalsys.kernel import rehearsal, secrets, settings
from evalsys.kernel.database import db

KEPT_FOR = 5 * 365 * 24 * 3600  # seconds; a device is put out of use by revoking it


def cookie_name() -> str:
    """The cookie's name: bound to this host alone where the site is reached by https."""
    return "__Host-evalsys-device" if settings.current().is_https else "evalsys-device"


def keep_secret(response: BaseResponse, secret: str) -> BaseResponse:
    """Give a device just paired its secret to keep."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=KEPT_FOR,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=settings.current().is_https,
    )
    return response


def known_device() -> PairedDevice | None:
    """The device this request comes from, revoked or not; None where none was ever paired."""
    if "device" not in g and (public_id := rehearsal.device()):
        g.device = devices.device_by_public_id(db.session(), public_id)
    if "device" not in g:
        secret = request.cookies.get(cookie_name(), "")
        g.device = devices.device_by_secret(db.session(), secrets.digest(secret)) if secret else None
    found: PairedDevice | None = g.device
    return found


def device_in_use(*kinds: str) -> PairedDevice | None:
    """The device this request comes from, if it is of one of these kinds and has not been revoked."""
    found = known_device()
    return found if found is not None and found.kind in kinds and found.revoked_at is None else None


def device_at(public_id: str, kind: str) -> PairedDevice:
    """The device whose own page is asked for; on any other machine the address explains itself."""
    found = device_in_use(kind)
    return found if found is not None and found.public_id == public_id else explain_itself()


def explain_itself() -> NoReturn:
    """End the request with a page that says why nothing can be done here, and what to do."""
    known = known_device()
    revoked = known is not None and known.revoked_at is not None
    page = render_template("counter/not_here.html", revoked=revoked)
    abort(make_response(page, 410 if revoked else 403))
