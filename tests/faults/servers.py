"""The product's own server and a PostgreSQL server, each to be hurt by its process id."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import postgres
from tests.faults.sites import Site
from tests.server import STARTS_WITHIN, free_port, wait_for

PATIENCE = 60.0  # seconds


class Server:
    """`evalsys serve` of a site."""

    def __init__(self, address: str, main: subprocess.Popen[bytes], log: Path) -> None:
        self.address = address
        self.main = main
        self.log = log

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        return children_of(self.main.pid)

    def reload(self) -> None:
        """Have it take new workers, as after an upgrade; returns once the old ones are gone."""
        before = set(self.workers())
        self.main.send_signal(signal.SIGHUP)
        wait_until(lambda: bool(now := set(self.workers())) and not now & before, self.log)


def children_of(pid: int) -> list[int]:
    """The processes a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_until(there: Callable[[], bool], log: Path, patience: float = PATIENCE) -> None:
    """Return once something is so; fail with a log when it takes too long."""
    gives_up_at = time.monotonic() + patience
    while not there():
        assert time.monotonic() < gives_up_at, log.read_text(errors="replace")[-4000:]
        time.sleep(0.05)


@contextmanager
def serving(
    site: Site, *options: str, log: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """The server of a site, without its timed work; ended with all it started."""
    port = free_port()
    log = log or site.settings.instance / "log"
    command = [sys.executable, "-m", "evalsys", "serve", "--no-work", "--port", str(port), *options]
    with log.open("wb") as output:
        # A group of its own: whatever is left of it can be ended, and nothing else.
        main = subprocess.Popen(
            command,
            env=site.environment | dict(settings or {}),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", main, log)
        yield Server(f"http://127.0.0.1:{port}", main, log)
    finally:
        main.terminate()
        try:
            main.wait(STARTS_WITHIN)
        finally:
            end_group(main.pid)


def end_group(leader: int) -> None:
    """End what is left of a group of processes that was started as one."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


class Cluster:
    """A PostgreSQL server that can be stopped in any way and started again."""

    def __init__(self, folder: Path, binaries: Path, owner: postgres.Owner) -> None:
        self.folder, self._binaries, self._owner = folder, binaries, owner
        self._running = ExitStack()
        self._main: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy address of its maintenance database."""
        return f"postgresql+psycopg://{postgres.SUPERUSER}@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it, recovering from whatever became of it; returns once it answers."""
        self._main = self._running.enter_context(postgres.started(self._binaries, self.folder, self._owner))
        address = f"host={self.folder} user={postgres.SUPERUSER} dbname=postgres"
        postgres.wait_until_it_answers(self._main, address, self.folder / "log")

    def stop(self, how: signal.Signals) -> None:
        """Stop it: SIGQUIT is what `pg_ctl stop -m immediate` sends, SIGINT what `-m fast` sends."""
        assert self._main is not None
        self._main.send_signal(how)
        self._main.wait(PATIENCE)
        self._running.close()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A durable PostgreSQL server of our own, its files gone afterwards."""
    binaries = postgres.machine_binaries() or postgres.wheel_binaries()
    assert binaries is not None, "no PostgreSQL server here"
    folder = postgres.short_temporary_folder()
    try:
        owner = postgres.unprivileged_owner(folder)
        server = Cluster(folder, postgres.reachable(binaries, folder, owner), owner)
        postgres.make_cluster(binaries, folder, owner)
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
