"""Signals between processes of one machine: a waiting screen learns at once that something is new.

A signal is the time of a small file, which also stands in it. A screen asks for it again and again at
`…/<name>/signal?since=N`, answered before the application: a look at one file, no connection, no thread that
waits. What is new is then asked of the database. Where a signal is lost, or given on another machine, a
screen learns it by its regular full question instead.
"""

import logging
import mmap
import os
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event

from evalsys.kernel import settings

log = logging.getLogger("evalsys")

FOLDER = "signals"
ASKED_AT = "/signal"
_TIME = struct.Struct("=q")  # nanoseconds, as the file holds them for those that keep it mapped
_WAITING = "evalsys.signals"  # in a connection's own notes: what to give once it has committed

_HEADERS = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]

Application = Callable[..., Iterable[bytes]]


def _file(folder: Path, name: str) -> Path:
    return folder / FOLDER / name


def after_commit(connection: Connection, name: str) -> None:
    """Give a signal once the present transaction has been committed, and not at all if it is not."""
    connection.info.setdefault(_WAITING, []).append(_file(settings.current().instance, name))


@contextmanager
def silenced(connection: Connection) -> Iterator[None]:
    """Give no signal for what is done inside this block: it is taken back."""
    notes = connection.info
    before = list(notes.get(_WAITING, ()))
    try:
        yield
    finally:
        notes[_WAITING] = before


def follow(engine: Engine) -> None:
    """Give what waits as soon as a connection comes back from its transaction.

    An engine tells of a commit before it commits: a screen that looked then would still see the old state.
    """

    @event.listens_for(engine, "rollback")
    def _taken_back(connection: Connection) -> None:
        # A connection that broke has forgotten what waited, and may not be asked.
        if not connection.invalidated:
            connection.info.pop(_WAITING, None)

    @event.listens_for(engine, "checkin")
    def _come_back(_driver: object, record: Any) -> None:
        for file in record.info.pop(_WAITING, ()):
            # What was committed stands, and the connection must come back: screens ask in full as well.
            try:
                _give(file)
            except OSError as fault:
                log.warning("the signal %s could not be given", file.name, exc_info=fault)


def _give(file: Path) -> None:
    # The system's own stamp is coarse: two signals within one of its ticks would look like one.
    now = time.time_ns()
    with _opened(file) as descriptor:
        os.pwrite(descriptor, _TIME.pack(now), 0)
        os.utime(descriptor, ns=(now, now))


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def serial(folder: Path, name: str) -> str:
    """A text that changes with every signal; '0' where none was ever given."""
    try:
        return str(os.stat(_file(folder, name)).st_mtime_ns)
    except (FileNotFoundError, ValueError):
        return "0"


def watched(folder: Path, name: str) -> Callable[[], int]:
    """A look at one signal for whoever looks at it all the time: a number that changes with every signal.

    The file is kept mapped: a look asks nothing of the system, so that no thread has to step back for it.
    """
    mapped = _mapped(_file(folder, name))

    def last_given() -> int:
        given: int = _TIME.unpack_from(mapped)[0]
        return given

    return last_given


def _mapped(file: Path) -> mmap.mmap:
    try:
        with _opened(file) as descriptor:
            # Its room at once: a page that finds none later would end the process.
            os.posix_fallocate(descriptor, 0, _TIME.size)
            return mmap.mmap(descriptor, _TIME.size)
    except OSError as fault:
        log.warning("the signal %s cannot be seen", file.name, exc_info=fault)
        return mmap.mmap(-1, _TIME.size)


def install(app: Flask, folder: Path) -> None:
    """Answer screens that ask for their signal before anything else of the application runs."""
    app.wsgi_app = _Answering(app.wsgi_app, folder)  # type: ignore[method-assign]


class _Answering:
    """WSGI: 204 while nothing is new, 200 with the new serial once something is."""

    def __init__(self, application: Application, folder: Path) -> None:
        self._application = application
        self._folder = folder

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a question for a signal; hand everything else on."""
        path = environ["PATH_INFO"]
        if not path.endswith(ASKED_AT) or environ["REQUEST_METHOD"] != "GET":
            return self._application(environ, start_response)
        name = path[: -len(ASKED_AT)].rpartition("/")[2]
        present = serial(self._folder, name) if name.isalnum() and name.isascii() else "0"
        if environ.get("QUERY_STRING") == f"since={present}":
            start_response("204 No Content", _HEADERS)
            return ()
        body = present.encode()
        kind = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
        start_response("200 OK", [*_HEADERS, *kind])
        return (body,)
