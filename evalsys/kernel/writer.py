"""The one door for what citizens write: actions that wait together are committed together.

Each process has one queue and one thread that writes. It takes what waits, runs each action with its
reactions in a savepoint of its own, commits all in one durable transaction, and only then are the answers
given. Where nobody else waits, a lone action is committed at once.
"""

import atexit
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from flask import Flask, current_app, has_request_context
from sqlalchemy import Connection, Engine, event

from evalsys.kernel import metrics, rehearsal
from evalsys.kernel.batches import NOT_KNOWN, Asked, Unsure, commit
from evalsys.kernel.database import db, let_go, writing_engine
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 128  # actions of one commit
WAITING = 96  # actions that may wait or be under way; more are told to come again
PATIENCE = 8.0  # seconds somebody waits in the queue
GRACE = 2.0  # seconds more for a commit that is under way
PATIENCE_OF_COMMANDS = 120.0  # seconds; they bring thousands of rows at once
DRAINED_WITHIN = 10.0  # seconds for what still waits when the process ends

NOT_SAVED = N_("现在人多,没有保存。请稍等再试。")

_NAME = "evalsys.writer"


class Busy(Refused):
    """Nothing was saved and nothing will be: too many wait, or the database does not get on."""

    status = 503


def run(action: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `action(connection, …)` and return its answer only after the commit has succeeded.

    Actions given here take a connection, ids and frozen dataclasses only: they run on another thread. Within
    a request nobody waits longer than PATIENCE and GRACE. Raises what the action raises; Busy where nothing
    was saved and nothing will be; Unsure where a commit is under way that does not end.
    """
    # Whatever this request has read so far must not hold the database while the writer commits.
    let_go()
    if rehearsal.is_on():
        action = rehearsal.taken_back(action)
    writer = writer_of(current_app)
    patience = PATIENCE if has_request_context() else PATIENCE_OF_COMMANDS
    return cast(T, writer.answer_to(Asked(action, args, kwargs), patience))


def install(app: Flask) -> None:
    """Give the application its writer; the thread starts with the first action, in whichever process."""
    app.extensions[_NAME] = Writer(app)
    with app.app_context():
        event.listen(db.engine, "engine_disposed", writer_of(app).stop)


def writer_of(app: Flask) -> "Writer":
    """The application's writer in this process."""
    writer: Writer = app.extensions[_NAME]
    return writer


class Writer:
    """The queue of one process and the thread that empties it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        with app.app_context():
            self._engine = writing_engine()
        self._begin_anew()
        _writers.add(self)

    def _begin_anew(self) -> None:
        self._waiting: deque[Asked] = deque()
        self._in_flight = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def __len__(self) -> int:
        """How many actions wait."""
        return len(self._waiting)

    def answer_to(self, asked: Asked, patience: float) -> Any:
        """Queue an action and wait for its answer, in seconds."""
        with self._changed:
            if len(self._waiting) + self._in_flight >= WAITING:
                raise Busy(NOT_SAVED)
            self._waiting.append(asked)
            if self._thread is None or not self._thread.is_alive():
                self._start()
            self._changed.notify()
        if not asked.done.acquire(timeout=patience):
            self._give_up(asked)
        if asked.failure is not None:
            # One failure may be told to many: with each it would carry the way to all before.
            raise asked.failure.with_traceback(None)
        return asked.answer

    def _start(self) -> None:
        self._stopping, self._in_flight = False, 0
        self._thread = threading.Thread(target=self._write, name="evalsys-writer", daemon=True)
        self._thread.start()

    def _give_up(self, asked: Asked) -> None:
        """Take an action out of the queue; where the writer has taken it, wait a little for its end."""
        self._take_out(asked)
        if asked.done.acquire(timeout=GRACE):
            return
        # It may have been left over for the next commit, or been answered just now.
        self._take_out(asked)
        if not asked.done.acquire(blocking=False):
            raise Unsure(NOT_KNOWN)

    def _take_out(self, asked: Asked) -> None:
        with self._changed:
            if not asked.taken:
                self._waiting.remove(asked)
                raise Busy(NOT_SAVED)

    def _write(self) -> None:
        with self._app.app_context():
            while batch := self._next_batch():
                began = time.perf_counter()
                self._put_back(commit(batch))
                self._count(len(batch), time.perf_counter() - began)
                for asked in batch:
                    if asked.taken:
                        asked.done.release()
                with self._changed:
                    self._in_flight = 0

    def _count(self, n: int, seconds: float) -> None:
        counted = metrics.of(self._app)
        counted.count("evalsys_writes_total", n)
        counted.observe("evalsys_commit_seconds", seconds)
        counted.show("evalsys_writer_waiting", len(self))

    def _next_batch(self) -> list[Asked]:
        """What waits now, up to BATCH actions; nothing once the writer is to stop."""
        with self._changed:
            while not self._waiting:
                if self._stopping:
                    self._thread = None
                    return []
                self._changed.wait()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            for asked in batch:
                asked.taken = True
            self._in_flight = len(batch)
            return batch

    def _put_back(self, left: Sequence[Asked]) -> None:
        with self._changed:
            for asked in left:
                asked.taken = False
            self._waiting.extendleft(reversed(left))
            self._in_flight -= len(left)

    def stop(self, _engine: Engine | None = None) -> None:
        """End the thread once nothing waits, and close its connection; a later action starts another."""
        with self._changed:
            thread, self._stopping = self._thread, True
            self._changed.notify()
        if thread is not None:
            thread.join(DRAINED_WITHIN)
        self._engine.dispose()

    def after_fork(self) -> None:
        """In a forked child: a queue of its own; the parent's thread and connection stay with the parent."""
        self._begin_anew()
        self._engine.dispose(close=False)


_writers: "weakref.WeakSet[Writer]" = weakref.WeakSet()


def _drain() -> None:
    for writer in list(_writers):
        writer.stop()


def _after_fork() -> None:
    for writer in list(_writers):
        writer.after_fork()


atexit.register(_drain)
os.register_at_fork(after_in_child=_after_fork)
