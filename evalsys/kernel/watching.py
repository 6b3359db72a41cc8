"""Every request is noted once it is answered: its id, its route's template, its status, how long it took."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask, current_app, has_request_context, request

from evalsys.kernel import logs, metrics
from evalsys.kernel.access import has_no_sign_in
from evalsys.kernel.metrics import Metrics
from evalsys.kernel.secrets import few_bytes

HEADER = "X-Request-Id"
_NOTE = "evalsys.note"  # in the environment of a request
UNKNOWN = "-"
# Others are invented by whoever sends them, without end.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS, DURATIONS = "evalsys_requests_total", "evalsys_request_seconds"

# Letters only: no number of a request may look like a telephone's.
_LETTERS = b"bcdfghjkmnpqrstw" * 16

Application = Callable[..., Iterable[bytes]]


def fresh_id() -> str:
    """A request's id: twelve letters, 48 bits of chance."""
    return few_bytes().translate(_LETTERS).decode()


class Note:
    """What is known of one request while it is answered."""

    __slots__ = ("is_coarse", "request_id", "route", "status")

    def __init__(self) -> None:
        self.request_id = fresh_id()
        self.route = ""
        # Of citizens' and devices' requests the minute is told, as it is kept beside a rating.
        self.is_coarse = True
        self.status = 0


def request_id() -> str:
    """The present request's id, as it stands in the log and on pages of faults; a fresh one outside."""
    note = request.environ.get(_NOTE) if has_request_context() else None
    return note.request_id if isinstance(note, Note) else fresh_id()


def install(app: Flask, answered_before: Mapping[str, str]) -> None:
    """Note every request; `answered_before` has the routes of what the application never sees, by prefix."""
    app.before_request(_note_route)
    counted = metrics.of(app)
    app.wsgi_app = Watched(app.wsgi_app, answered_before, counted)  # type: ignore[method-assign]


def _note_route() -> None:
    note = request.environ.get(_NOTE)
    if isinstance(note, Note):
        note.route = UNKNOWN if request.url_rule is None else request.url_rule.rule
        note.is_coarse = has_no_sign_in(current_app.view_functions.get(request.endpoint or ""))


class Watched:
    """WSGI: the application, with a note taken of every request."""

    def __init__(
        self, application: Application, answered_before: Mapping[str, str], counted: Metrics
    ) -> None:
        self._application = application
        self._answered_before = answered_before
        self._counted = counted

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        began, note = time.perf_counter(), Note()
        environ[_NOTE] = note

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            note.status = int(status[:3])
            return start_response(status, [*headers, (HEADER, note.request_id)], *more)

        try:
            return self._application(environ, start)
        finally:
            seconds = time.perf_counter() - began
            route = note.route or self._short(environ["PATH_INFO"])
            method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in METHODS else UNKNOWN
            self._counted.count(REQUESTS, method=method, route=route, status=note.status)
            self._counted.observe(DURATIONS, seconds, route=route)
            logs.note_request(note.request_id, method, route, note.status, seconds, coarse=note.is_coarse)

    def _short(self, path: str) -> str:
        """The route of what was answered on the way to the application."""
        found = (route for prefix, route in self._answered_before.items() if path.startswith(prefix))
        return next(found, UNKNOWN)
