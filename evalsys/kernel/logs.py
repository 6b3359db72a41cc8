"""What the site writes down about itself: one JSON object a line, in UTC, about requests and faults, nobody.

No address and no query, no browser's name and no value that was sent: a request is told by its route's
template, a fault by its kind and the places in the program it passed.
"""

import json
import logging
import os
import sys
import threading
import time
import traceback
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import lru_cache
from multiprocessing.util import Finalize
from select import PIPE_BUF
from typing import Any

from evalsys.kernel.masking import masked

FRAMES = 12  # places of ours that a fault passed and that are told, the innermost ones
LIBRARIES = "site-packages/"
REQUESTS = "evalsys.requests"
LINES_WITHIN = 0.1  # seconds: how long the line of a request waits for others
MOST_LINES = 20_000  # that may wait, some 5 MB
_writers: "weakref.WeakSet[Writer]" = weakref.WeakSet()
_site, _requests = logging.getLogger("evalsys"), logging.getLogger(REQUESTS)


class Lines(logging.Formatter):
    """Writes a record as one line of JSON; what a fault says in words is left out, it may quote somebody."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "by": record.name,
            "said": masked(record.getMessage()),
        }
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


class Writer(logging.StreamHandler[Any]):
    """Writes records to one stream at once, and lines of requests soon after, many in one piece.

    To write is to let other threads pass: a line a request, each written by itself, halves the number of
    requests a process can answer. A process that is killed takes its last lines with it.
    """

    def __init__(self, stream: Any = None) -> None:
        super().__init__(stream)
        # Where the stream takes nothing any more, the oldest go: nobody's rating waits for a line.
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._is_wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        _writers.add(self)

    def put(self, line: str) -> None:
        """Have a line written as it is."""
        self._lines.append(line)
        if not self._is_wanted.is_set():
            self._is_wanted.set()
            if self._thread is None or not self._thread.is_alive():
                self._start()

    def _start(self) -> None:
        self._is_closed = False
        self._thread = threading.Thread(target=self._write_on, name="evalsys-log", daemon=True)
        self._thread.start()
        # The server's workers end without what is registered with `atexit`.
        Finalize(None, self.close, exitpriority=0)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, after the lines that came before it."""
        self.flush()
        super().emit(record)

    def flush(self) -> None:
        """Write what waits."""
        # A stream that was closed, or whose disk is full, ends no request.
        with self.lock or nullcontext(), suppress(OSError, ValueError):
            waiting = [self._lines.popleft() for _ in range(len(self._lines))]
            for piece in _pieces(waiting):
                self.stream.write(piece)
                self.stream.flush()

    def close(self) -> None:
        """Write what waits and end the thread: one that wrote while its process ends would break it off.

        A line after that begins anew: whoever arranges the program's logging closes all writers there are.
        """
        self._is_closed = True
        self._is_wanted.set()
        if self._thread is not None:
            self._thread.join(LINES_WITHIN * 20)
        self.flush()
        super().close()

    def after_fork(self) -> None:
        """In a forked child: what waits is the parent's to write."""
        self._lines.clear()
        self._is_wanted = threading.Event()

    def _write_on(self) -> None:
        while not self._is_closed:
            self._is_wanted.wait()
            time.sleep(LINES_WITHIN)
            self._is_wanted.clear()
            self.flush()


def _pieces(lines: Sequence[str]) -> Iterator[str]:
    """Whole lines as long together as a pipe takes at once, so that those of other processes stay whole."""
    piece = ""
    for line in lines:
        if piece and len(piece) + len(line) > PIPE_BUF:
            yield piece
            piece = ""
        piece += line
    yield piece


class _Stderr(Writer):
    """Writes to whatever is the standard error stream at that moment."""

    @property
    def stream(self) -> Any:
        """The stream."""
        return sys.stderr

    @stream.setter
    def stream(self, _stream: Any) -> None:
        """Never kept: it may have been replaced since."""


def note_request(request: str, method: str, route: str, status: int, seconds: float, *, coarse: bool) -> None:
    """Write the line of a request; `coarse` tells its minute only.

    There is one for every request: it is put together here and handed to the writers, without a record.
    """
    if not _requests.isEnabledFor(logging.INFO):
        return
    now = time.time()
    at = (
        _minute(int(now // 60))
        if coarse
        else datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    )
    line = (
        f'{{"at": "{at}", "level": "info", "by": "{REQUESTS}", "request": "{request}", '
        f'{_answered(method, route, status)}, "ms": {seconds * 1000:.1f}}}\n'
    )
    for writer in _site.handlers:
        if isinstance(writer, Writer):
            writer.put(line)


@lru_cache(maxsize=8)
def _minute(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).isoformat(timespec="minutes")


@lru_cache(maxsize=4096)
def _answered(method: str, route: str, status: int) -> str:
    return json.dumps({"method": method, "route": route, "status": status}, ensure_ascii=False)[1:-1]


def begin() -> None:
    """Write lines from now on, in this process and those it forks."""
    if not any(isinstance(handler, _Stderr) for handler in _site.handlers):
        handler = _Stderr()
        handler.setFormatter(Lines())
        _site.addHandler(handler)
    _site.setLevel(logging.INFO)
    # Nobody above writes the same once more, in another form.
    _site.propagate = False


def of_the_server() -> dict[str, Any]:
    """How the server that carries the application writes its own lines: in the same form."""
    return {
        "formatters": {name: {"()": "evalsys.kernel.logs.Lines"} for name in ("generic", "access")},
    }


def _after_fork() -> None:
    for writer in list(_writers):
        writer.after_fork()


os.register_at_fork(after_in_child=_after_fork)
