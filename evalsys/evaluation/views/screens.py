"""Screens of the counter: a whole page, or the block in it that a script puts in the place of the last."""

from typing import Any

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from evalsys.kernel import assets, signals
from evalsys.kernel.settings import current

BLOCK = "block"


def wants_block() -> bool:
    """Whether a script asks, which has the page around the screen already."""
    return request.headers.get("X-Requested-With") == BLOCK


def serial_of(name: str) -> str:
    """The serial of a device's signal; to be read before the state it announces."""
    return signals.serial(current().instance, name)


def unchanged(screen: str, serial: str) -> ResponseReturnValue | None:
    """A short answer for a script that shows this very screen; None where it has to be drawn."""
    if wants_block() and request.headers.get("X-Screen") == screen:
        return _told(make_response("", 204), serial)
    return None


def drawn(page: str, screen: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    """A screen: its own template, alone for a script, inside its page otherwise.

    `name` among the values tells screens apart: the script leaves one alone that is there already.
    """
    template = f"counter/screens/{screen}.html"
    if not wants_block():
        return make_response(render_template(page, template=template, **values), status)
    answer = make_response(render_template(template, **values), status)
    return _told(answer, str(values.get("serial", "")))


def _told(answer: Response, serial: str) -> Response:
    answer.headers["X-Version"] = assets.version()
    if serial:
        answer.headers["X-Serial"] = serial
    return answer
