"""Form tokens: asked of every change made with a session, never of citizens and devices, who have none."""

import re
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask_wtf.csrf import CSRFProtect

from evalsys.kernel import settings
from evalsys.kernel.access import Actor, has_no_sign_in, known_actor
from evalsys.kernel.database import SAFE_METHODS, intend_to_write, let_go

P = ParamSpec("P")
R = TypeVar("R")

csrf = CSRFProtect()

CITIZEN_LIMIT = 16 * 1024  # bytes of a citizen's or a device's POST
CITIZEN_PARTS = 100  # fields of one, where they come in parts
API_LIMIT = 256 * 1024  # bytes a system sends at once
JSON_BRACKETS = 500  # opened in all of what a system sends
_LONG_NUMBER = re.compile(rb"\d{400}")
UPLOAD_LIMIT = 20 * 1024 * 1024  # bytes of a staff upload
FILES_LIMIT = 92 * 1024 * 1024  # bytes where several files come at once, see kernel/files


def takes_files(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that signed-in people hand several files to; they arrive on the disk, not in memory."""
    cast(Any, view).takes_files = True
    return view


def install(app: Flask) -> None:
    """Ask for form tokens and keep bodies within their limits."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = 12 * 3600
    app.config["MAX_CONTENT_LENGTH"] = UPLOAD_LIMIT
    csrf.init_app(app)
    app.before_request(_check)


def _check() -> None:
    if has_no_sign_in(current_app.view_functions.get(request.endpoint or "")):
        if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") == "cross-site":
            # Another site's page must not rate in the name of whoever looks at it. Browsers that say where
            # a form came from are believed; old ones that say nothing are served.
            abort(403)
        request.max_content_length = CITIZEN_LIMIT
        request.max_form_memory_size = CITIZEN_LIMIT
        request.max_form_parts = CITIZEN_PARTS
        return
    if request.method in SAFE_METHODS:
        return
    if _comes_from_elsewhere():
        abort(403)
    actor = known_actor()
    if actor is None and request.path.startswith("/api/"):
        abort(401)
    _limit(actor)
    # An upload may take minutes to arrive: nobody's rating waits for it.
    let_go()
    body = request.get_data(parse_form_data=True)
    if request.is_json and _is_tangled(body):
        abort(400)
    if not (actor and actor.by_token):
        csrf.protect()
    intend_to_write()


def _is_tangled(body: bytes) -> bool:
    """Whether JSON nests so deep, or writes a number so long, that reading it would fail; counted roughly."""
    return body.count(b"[") + body.count(b"{") > JSON_BRACKETS or _LONG_NUMBER.search(body) is not None


def _limit(actor: Actor | None) -> None:
    """Keep a body to what its sender may have to say; nobody signed in has more than name and password."""
    if actor is None:
        request.max_content_length = request.max_form_memory_size = CITIZEN_LIMIT
    elif request.path.startswith("/api/"):
        request.max_content_length = request.max_form_memory_size = API_LIMIT
    elif getattr(current_app.view_functions.get(request.endpoint or ""), "takes_files", False):
        request.max_content_length = FILES_LIMIT


def _comes_from_elsewhere() -> bool:
    """Whether the browser says that another site's page sends this; a sibling under one domain is another.

    Beside the form token, for what only signed-in people do. Programs say nothing and send no cookie.
    """
    where = request.headers.get("Sec-Fetch-Site")
    if where is not None:
        return where not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    ours = {request.host, urlsplit(settings.current().base_url).netloc}
    return origin is not None and urlsplit(origin).netloc not in ours
