"""Rehearsed requests: the site asks itself as a citizen would, and takes everything back before the commit.

A mark in a header says so; it is made with a key that only the site's own processes hold, for one address
and one minute. Whatever such a request does goes the same way as anybody's, reactions and all, inside a
savepoint that is taken back: nothing of it is ever stored, counted, shown or sent. A mark that is not right
is refused, so that a rehearsal can never be taken for a rating, nor a rating for a rehearsal.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from flask import Flask, Response, abort, current_app, has_request_context, request
from sqlalchemy import Connection

from evalsys.kernel import clock, pulse, reactions, signals
from evalsys.kernel.access import has_no_sign_in

P = ParamSpec("P")
T = TypeVar("T")

HEADER = "X-Evalsys-Rehearsal"
ON = "on"  # what the answer to a rehearsed request carries
_REHEARSED = "evalsys.rehearsed"
LASTS = 60  # seconds: of clocks that differ as well


def mark(method: str, path: str, device: str = "") -> str:
    """The header of one rehearsed request, as if it came from a paired device where one is named."""
    at = str(int(time.time()))
    return f"{at}.{device}.{_signed(at, device, method, path)}"


def is_on() -> bool:
    """Whether the present request is rehearsed."""
    return has_request_context() and _REHEARSED in request.environ


def device() -> str:
    """The public id of the device a rehearsed request speaks for; "" for none."""
    found: str = request.environ.get(_REHEARSED, "")
    return found


def taken_back(action: Callable[Concatenate[Connection, P], T]) -> Callable[Concatenate[Connection, P], T]:
    """The same action, of which nothing is left; a write that means nothing is committed in its place."""

    def rehearsed(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with signals.silenced(connection):
            connection.exec_driver_sql("SAVEPOINT rehearsal")
            with reactions.gathering_apart(connection):
                answer = action(connection, *args, **kwargs)
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT rehearsal")
            connection.exec_driver_sql("RELEASE SAVEPOINT rehearsal")
        pulse.beat(connection, clock.now())
        return answer

    return rehearsed


def install(app: Flask) -> None:
    """Let requests with a right mark be rehearsed, and refuse the others that carry one."""
    app.before_request(_recognise)
    app.after_request(_say)


def _signed(at: str, device: str, method: str, path: str) -> str:
    key = hashlib.sha256(f"rehearsal {current_app.config['SECRET_KEY']}".encode()).digest()
    return hmac.new(key, f"{at} {device} {method} {path}".encode(), hashlib.sha256).hexdigest()


def _recognise() -> None:
    said = request.headers.get(HEADER)
    if said is None:
        return
    at, device, signed = [*said.split("."), "", ""][:3]
    right = _signed(at, device, request.method, request.path)
    is_ours = hmac.compare_digest(signed.encode(), right.encode()) and abs(time.time() - int(at)) <= LASTS
    # Whoever signs in writes past the one door: only citizens' and devices' requests can be taken back.
    if not is_ours or not has_no_sign_in(current_app.view_functions.get(request.endpoint or "")):
        abort(403)
    # Beside the request, not in `g`: what is done once the answer is on its way is rehearsed as well.
    request.environ[_REHEARSED] = device


def _say(response: Response) -> Response:
    if is_on():
        response.headers[HEADER] = ON
    return response
