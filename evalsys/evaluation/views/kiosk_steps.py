"""The steps at a kiosk: who may take them, where they lead, and what one visitor has chosen so far.

What was chosen travels in one signed cookie, never in an address: the browser's history holds the names of
steps only, and going home forgets everything.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import wraps
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from evalsys.evaluation.views import keys, paired
from evalsys.kernel import settings
from evalsys.kernel.access import device
from evalsys.kernel.database import db
from evalsys.organisation.queries import halls
from evalsys.organisation.queries.halls import HallFound

COOKIE = "evalsys-kiosk"
LASTS = 15 * 60  # seconds; a visitor who stays still is cleared away long before
IDLE, WARNED, THANKED = 60, 20, 15  # seconds: until asked 还在吗, until cleared, until the thanks go
BACK_AFTER_FAULT = 10  # seconds


@dataclass(frozen=True)
class Progress:
    """What one visitor has chosen so far; `way` is the step by which the window was found."""

    hall: str = ""
    way: str = ""
    typed: str = ""
    sought: str = ""
    zone: int | None = None
    item: int | None = None
    window: int | None = None
    token: str = ""
    person: str = ""
    key: str = ""
    receipt: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Kiosk:
    """The paired kiosk a request comes from, and how far its visitor has come."""

    hall: HallFound
    device_id: int
    public_id: str
    progress: Progress

    def to(self, step: str) -> str:
        """The address of a step, with the language and the lowered controls as they are."""
        ways: dict[str, Any] = {name: request.args[name] for name in ("lang", "low") if name in request.args}
        return url_for(f"evaluation.kiosk_{step}", hall=self.hall.code, **ways)

    def page(self, step: str, **values: Any) -> str:
        """The page of a step."""
        return render_template(
            f"kiosk/{step}.html",
            kiosk=self,
            progress=self.progress,
            to=self.to,
            error=self.progress.fault,
            seconds={"idle": IDLE, "warned": WARNED, "thanked": THANKED},
            **values,
        )

    def show(self, step: str, **values: Any) -> Response:
        """The page of a step; a fault is shown once."""
        return self.keep(make_response(self.page(step, **values)), fault="")

    def go(self, step: str, **chosen: Any) -> Response:
        """On to another step, with what was chosen now."""
        return self.keep(make_response(redirect(self.to(step), 303)), **{"fault": "", **chosen})

    def keep(self, response: Response, **chosen: Any) -> Response:
        """The same answer with what was chosen in its cookie."""
        progress = replace(self.progress, hall=self.hall.code, **chosen)
        said = {name: value for name, value in asdict(progress).items() if value not in ("", None)}
        if progress != self.progress:
            response.set_cookie(COOKIE, _signer().dumps(said), **_where(self.hall.code))
        return response

    def forget(self, response: Response) -> Response:
        """The same answer, with nothing of the visitor left."""
        response.delete_cookie(COOKIE, **_where(self.hall.code))
        return response


def _where(hall: str) -> dict[str, Any]:
    # `Strict`: no other site can send a visitor's choices along.
    secure = settings.current().is_https
    return {"path": f"/kiosk/{hall}", "httponly": True, "samesite": "Strict", "secure": secure}


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys.signing_key(), salt="kiosk")


def _progress(hall: str) -> Progress:
    try:
        said = _signer().loads(request.cookies.get(COOKIE, ""), max_age=LASTS)
    except BadSignature:
        return Progress(hall=hall)
    return Progress(**said) if said.get("hall") == hall else Progress(hall=hall)


def at_kiosk(view: Callable[[Kiosk], ResponseReturnValue]) -> Callable[[str], ResponseReturnValue]:
    """Let a view be taken on a paired kiosk of its hall; elsewhere the address explains itself."""

    @device
    @wraps(view)
    def guarded(hall: str) -> ResponseReturnValue:
        found = halls.hall_by_code(db.session(), hall) or abort(404)
        known = paired.device_in_use("kiosk")
        if known is None or known.hall_id != found.id:
            page = render_template("kiosk/elsewhere.html", hall=found, revoked=_is_revoked())
            return make_response(page, 200 if request.method == "GET" else 403)
        return view(Kiosk(found, known.id, known.public_id, _progress(hall)))

    return guarded


def _is_revoked() -> bool:
    known = paired.known_device()
    return known is not None and known.revoked_at is not None


def lead_home(response: Response) -> Response:
    """Let an error page of the kiosk go home by itself: nobody there can close it."""
    if response.status_code >= 400 and request.path.startswith("/kiosk/"):
        hall = (request.view_args or {}).get("hall", "")
        response.headers["Refresh"] = f"{BACK_AFTER_FAULT}; url={url_for('evaluation.kiosk_home', hall=hall)}"
    return response
