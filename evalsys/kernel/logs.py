"""What the site writes down about itself: one JSON object a line, in UTC, about requests and faults, nobody.

No address and no query, no browser's name and no value that was sent: a request is told by its route's
template, a fault by its kind and the places in the program it passed.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from evalsys.kernel.masking import masked

FRAMES = 12  # places of ours that a fault passed and that are told, the innermost ones
LIBRARIES = "site-packages/"


class Lines(logging.Formatter):
    """Writes a record as one line of JSON; what a fault says in words is left out, it may quote somebody."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        fineness = "minutes" if getattr(record, "is_coarse", False) else "milliseconds"
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec=fineness),
            "level": record.levelname.lower(),
            "by": record.name,
        }
        request = getattr(record, "request", None)
        if request is None:
            said["said"] = masked(record.getMessage())
        else:
            said |= request
        fault = record.exc_info[1] if record.exc_info else None
        if fault is not None:
            said["fault"] = told(fault)
        return json.dumps(said, ensure_ascii=False)


def told(fault: BaseException) -> list[dict[str, Any]]:
    """A fault and those that caused it: their kinds and where they passed, without their words."""
    found: list[dict[str, Any]] = []
    present: BaseException | None = fault
    while present is not None and len(found) < 4:
        passed = traceback.extract_tb(present.__traceback__)
        # Of libraries only the innermost place.
        ours = [frame for frame in passed[:-1] if LIBRARIES not in frame.filename]
        frames = [*ours[-FRAMES:], *passed[-1:]]
        one: dict[str, Any] = {
            "kind": f"{type(present).__module__}.{type(present).__qualname__}",
            "at": [f"{frame.filename.rpartition(LIBRARIES)[2]}:{frame.lineno}" for frame in frames],
        }
        # Of a database: PostgreSQL's name of the fault, SQLite's number.
        for name in ("sqlstate", "sqlite_errorname"):
            if state := getattr(present, name, None):
                one["state"] = str(state)
        found.append(one)
        present = present.__cause__ or (None if present.__suppress_context__ else present.__context__)
    return found


class _Stderr(logging.StreamHandler[Any]):
    """Writes to whatever is the standard error stream at that moment."""

    @property
    def stream(self) -> Any:
        """The stream."""
        return sys.stderr

    @stream.setter
    def stream(self, _stream: Any) -> None:
        """Never kept: it may have been replaced since."""


def begin() -> None:
    """Write lines from now on, in this process and those it forks."""
    log = logging.getLogger("evalsys")
    if not any(isinstance(handler, _Stderr) for handler in log.handlers):
        handler = _Stderr()
        handler.setFormatter(Lines())
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    # Nobody above writes the same once more, in another form.
    log.propagate = False


def of_the_server() -> dict[str, Any]:
    """How the server that carries the application writes its own lines: in the same form."""
    return {
        "formatters": {name: {"()": "evalsys.kernel.logs.Lines"} for name in ("generic", "access")},
    }
