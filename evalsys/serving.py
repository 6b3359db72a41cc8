"""`evalsys serve`: a server with its workers, and timed work beside it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from threading import Event, Thread
from typing import Any, cast

import click
from flask import Flask
from granian.constants import Interfaces
from granian.server import MPServer

from evalsys.app import KEY_WANTED, create_app, is_in_earnest
from evalsys.kernel import (
    assets,
    clock,
    jobs,
    listening,
    logs,
    memory,
    metrics,
    revision,
    settings,
    writer,
)
from evalsys.kernel.database import check_durable, db, engine_in_words, transaction
from evalsys.kernel.refusals import Refused
from evalsys.scoring import actions as sums

SPEAKS_WITHIN = 3  # seconds for which the system itself holds a connection nobody speaks on
ENDS_WITHIN = 20  # seconds for a worker told to end, before it is killed


class _Server(MPServer):
    """Granian with one queue of connections for all workers, so that a reload cuts nobody off.

    On Linux each of its workers listens by itself, and what waits in the queue of one that leaves is reset:
    so its way on all other systems is taken, one socket handed on. A connection that a leaving worker took
    before anything was said on it is cut as well: so the system holds it until the first bytes are there.
    """

    def _init_shared_socket(self) -> None:
        cast(Any, super())._init_shared_socket()
        each_by_itself: Any = self._ssp
        shared = each_by_itself.build()
        self._shd, self._ssp = shared, None
        with socket.socket(fileno=os.dup(shared.get_fd())) as queue:
            queue.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SPEAKS_WITHIN)


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=1, show_default=True)
@click.option("--work/--no-work", default=True, help="Do timed work beside serving.")
def serve(port: int, host: str, workers: int, work: bool) -> None:
    """Serve the site."""
    with transaction() as session:
        if not revision.is_current(session.connection()):
            raise click.ClickException("the database is not up to date: run `evalsys upgrade` first")
        if is_in_earnest(session) and not settings.current().secret_key:
            raise click.ClickException(f"set EVALSYS_SECRET_KEY: {KEY_WANTED}")
        try:
            check_durable(session)
            listening.expect_free(host, port)
        except Refused as fault:
            raise click.ClickException(str(fault)) from fault
        sums.note_formulas(session, settings.current(), clock.now())
    assets.prepare(settings.current().instance)
    db.engine.dispose()
    metrics.forget(settings.current().instance)
    os.register_at_fork(after_in_child=_end_when_told)
    with _working_beside(listening.address(host, port)) if work else nullcontext():
        click.echo(engine_in_words(), err=True)
        logs.begin()
        click.echo(f"http://{host}:{port}")
        _Server(
            "evalsys.serving:site",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            # Most wait for the next commit; more than may wait, so that the others are told so at once.
            blocking_threads=writer.WAITING + 32,
            # One that dies is followed by another; the rest go on.
            respawn_failed_workers=True,
            workers_kill_timeout=ENDS_WITHIN,
            log_access=False,
            log_dictconfig=logs.of_the_server(),
        ).serve()


def site() -> Flask:
    """The application as a worker of the server holds it."""
    app = create_app()
    memory.settle()
    return app


def _end_when_told() -> None:
    """In a worker just forked: until its own handlers stand, those of the server would swallow the signal."""
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, signal.SIG_DFL)


def _worker(address: str) -> jobs.Process:
    """Timed work beside the server that listens at an address: there it tries the ways to rate."""
    named = settings.PREFIX + "PROBE_URL"
    environment = {named: address, **os.environ}
    return subprocess.Popen([sys.executable, "-m", "evalsys", "work"], env=environment)


@contextmanager
def _working_beside(address: str) -> Iterator[None]:
    """Do timed work in a process of its own, started again should it end."""
    stopping = Event()
    start = partial(_worker, address)
    # The first is started here: the server forks, which does not go well with a thread that starts it.
    watch = Thread(target=jobs.keep_running, args=(start(), start, stopping), daemon=True)
    watch.start()
    try:
        yield
    finally:
        stopping.set()
        watch.join()
