"""What is kept in memory for as long as nothing it was made of has changed, in every process of a site.

The database says when: triggers draw a new stamp whenever halls, windows, departments, staff, codes or tags
change, whoever changes them. A transaction of ours that did so gives a signal once it is committed, and every
process of this machine knows at its next look at one file's time. Once a second the stamp itself is read:
that is how changes made on another machine or past this program are found, and a signal that was lost.
"""

import time
from collections.abc import Callable
from contextvars import Context
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, event, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from evalsys.kernel import clock, database, signals
from evalsys.kernel.database import db
from evalsys.kernel.models import Stamp

ORGANISATION = "organisation"
LOOK_EVERY = 1.0  # seconds: the oldest reading of the stamp that is believed
# The hyphen keeps it from screens, which may ask for signals of devices only.
_SIGNAL = "organisation-changed"
_WATCH = "evalsys.watch"

T = TypeVar("T")

# What holds together: the day, the last signal's time, the stamp.
Version = tuple[date, int, int]

_STAMP = select(Stamp.value).where(Stamp.name == ORGANISATION)
# One statement at the end of whatever writes: it finds its row only where something has changed.
_TELL = "UPDATE stamps SET told = true WHERE name = 'organisation' AND NOT told"


class Shelf(Generic[T]):
    """Things kept by name for one version; with the next version all of them are gone."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: tuple[Version | None, dict[str, T]] = (None, {})
        self._one_puts = Lock()

    def find(self, version: Version | None, name: str) -> T | None:
        """What was kept under a name for just this version."""
        kept_for, things = self._kept
        return things.get(name) if version is not None and kept_for == version else None

    def put(self, version: Version | None, name: str, thing: T) -> None:
        """Keep a thing that was made after its version was asked for; the oldest makes room."""
        if version is None:
            return
        with self._one_puts:
            kept_for, things = self._kept
            if kept_for != version:
                # Whoever still reads the older things goes on with them undisturbed.
                things = {}
                self._kept = version, things
            elif len(things) >= self._room:
                del things[next(iter(things))]
            things[name] = thing


class Watch:
    """One process's view of the site's changes."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._signal = signals.watched(folder, _SIGNAL)
        self._one_looks = Lock()
        self._looked_at = 0.0
        self._stamp: int | None = None

    def version(self) -> Version | None:
        """The present version: ask before reading what is to be kept.

        None while it is not known: another thread takes long to find out, or the database does not answer.
        """
        now = time.monotonic()
        age = now - self._looked_at
        # Looked for at half of the time, so that the others need not wait for the one who looks.
        if not 0 <= age < LOOK_EVERY / 2 and self._one_looks.acquire(blocking=False):
            try:
                # In a context of its own: what this thread was last allowed to write plays no part.
                self._stamp, self._looked_at = Context().run(self._read_stamp), now
            finally:
                self._one_looks.release()
        elif not 0 <= age < LOOK_EVERY:
            return None
        return None if self._stamp is None else (clock.today(), self._signal(), self._stamp)

    def _read_stamp(self) -> int | None:
        try:
            with self._engine.connect() as connection:
                return connection.execute(_STAMP).scalar_one()
        except SQLAlchemyError:
            # Whoever asks goes on to ask the database, and tells the citizen.
            return None


def install(app: Flask, folder: Path) -> None:
    """Let this application know what changes, and tell the others what it changes itself."""
    with app.app_context():
        app.extensions[_WATCH] = Watch(db.engine, folder)
        for engine in (db.engine, database.writing_engine()):
            _tell(engine)


def watch_of(app: Flask) -> Watch:
    """The application's view of the site's changes."""
    watch: Watch = app.extensions[_WATCH]
    return watch


def kept_or_read(shelf: Shelf[T], name: str, read: Callable[[], T | None]) -> T | None:
    """What was kept under a name, or what is read now and kept from then on; nothing is never kept."""
    # To look may take a connection: who holds one meanwhile keeps others from theirs.
    database.let_go()
    version = watch_of(current_app).version()
    found = shelf.find(version, name)
    if found is None:
        found = read()
        if found is not None:
            shelf.put(version, name, found)
    return found


def _tell(engine: Engine) -> None:
    """Give the signal for every transaction that changed something, in whatever way it did."""
    # Commands also run on older schemas, on their way up.
    is_stamped = False

    @event.listens_for(engine, "commit")
    def _commits(connection: Connection) -> None:
        nonlocal is_stamped
        if not database.is_writing():
            return
        is_stamped = is_stamped or _is_there(connection)
        if is_stamped and connection.exec_driver_sql(_TELL).rowcount:
            signals.after_commit(connection, _SIGNAL)


def _is_there(connection: Connection) -> bool:
    present = inspect(connection)
    return present.has_table(Stamp.__tablename__) and any(
        column["name"] == Stamp.told.key for column in present.get_columns(Stamp.__tablename__)
    )
