"""Sites to measure: the demo hall without ratings, on either engine, and servers in front of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from flask import Flask
from sqlalchemy import create_engine, make_url, text

from benchmarks.processor import used_by
from evalsys.app import create_app
from evalsys.evaluation.queries import codes
from evalsys.kernel import clock, database, settings
from evalsys.kernel.access import EVERYTHING
from tests import postgres
from tests.server import clean_environment, free_port, wait_for

CHECKOUT = Path(__file__).resolve().parents[1]
ENDS_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class Site:
    """An empty demo hall: where it lies, its environment, and its windows' codes with their ids."""

    folder: Path
    environment: dict[str, str]
    places: dict[str, tuple[int, int, int]]
    accounts: dict[str, tuple[str, str]]

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.folder / "evalsys.sqlite3"

    @property
    def engine(self) -> str:
        """The name of the engine."""
        return "PostgreSQL" if "EVALSYS_DATABASE_URL" in self.environment else "SQLite"


@dataclass(frozen=True)
class Served:
    """A server: where it listens, its process, and how much processor time it has used."""

    port: int
    process: int

    @property
    def spent(self) -> Callable[[], float]:
        """The seconds of processor time it and its workers have used so far."""
        return lambda: used_by(self.process)


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server, or nothing where this machine has none."""
    try:
        with postgres.running_server() as address:
            yield address
    except postgres.NoServer as missing:
        print(f"PostgreSQL left out: {missing}", file=sys.stderr)
        yield ""


@contextmanager
def demo_site(ratings: int = 0, server: str = "") -> Iterator[Site]:
    """A fresh demo hall with that many ratings; on SQLite, unless the address of a server is given.

    On a server it gets a database of its own. Both are gone afterwards.
    """
    with TemporaryDirectory(prefix="evalsys-benchmark-") as name, _database(server) as address:
        environment = clean_environment() | {"EVALSYS_INSTANCE": name, "PYTHONPATH": str(CHECKOUT)}
        environment |= {"EVALSYS_DATABASE_URL": address} if address else {}
        run(environment, "upgrade")
        said = run(environment, "demo", "--ratings", str(ratings))
        yield Site(Path(name), environment, _places(environment), _accounts(said))


@contextmanager
def copy_of(site: Site, server: str = "") -> Iterator[Site]:
    """Another site exactly like one that nobody serves at the moment; gone afterwards."""
    original = make_url(site.environment["EVALSYS_DATABASE_URL"]).database if server else ""
    with (
        TemporaryDirectory(prefix="evalsys-benchmark-") as name,
        _database(server, f" TEMPLATE {original}") as address,
    ):
        shutil.copytree(site.folder, name, dirs_exist_ok=True)
        environment = site.environment | {"EVALSYS_INSTANCE": name}
        environment |= {"EVALSYS_DATABASE_URL": address} if address else {}
        yield Site(Path(name), environment, site.places, site.accounts)


@contextmanager
def _database(server: str, as_it_is: str = "") -> Iterator[str]:
    if not server:
        yield ""
        return
    name = f"benchmark_{uuid4().hex[:12]}"
    _administer(server, f"CREATE DATABASE {name}{as_it_is}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def run(environment: dict[str, str], *arguments: str) -> str:
    """What an `evalsys` command prints; it must succeed."""
    command = [sys.executable, "-m", "evalsys", *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def _places(environment: dict[str, str]) -> dict[str, tuple[int, int, int]]:
    with inside(environment), database.transaction() as session:
        found = codes.current_codes(session, EVERYTHING, clock.today())
        return {code.text: (code.place.window_id, code.place.hall_id, code.place.unit_id) for code in found}


def _accounts(said: str) -> dict[str, tuple[str, str]]:
    """Name and password by role, as `evalsys demo` prints them."""
    lines = (line.split() for line in said.splitlines() if line.startswith("account "))
    return {role: (name, password) for _, role, name, password in lines}


@contextmanager
def inside(environment: dict[str, str]) -> Iterator[Flask]:
    """The application of a site, entered in this process."""
    app = create_app(settings.from_environment(environment))
    with app.app_context():
        try:
            yield app
        finally:
            database.db.session.remove()
            database.db.engine.dispose()


@contextmanager
def product(site: Site, workers: int = 1) -> Iterator[Served]:
    """The product's own server."""
    port = free_port()
    command = [sys.executable, "-m", "evalsys", "serve", "--port", str(port), "--workers", str(workers)]
    with _started([*command, "--no-work"], site.environment, site.folder / "log", port) as served:
        yield served


@contextmanager
def ceiling(module: str, site: Site, workers: int = 1) -> Iterator[Served]:
    """The same server in front of another program; with eight threads, more make such programs slower."""
    port = free_port()
    environment = site.environment | {
        "BENCHMARK_DATABASE": site.environment.get("EVALSYS_DATABASE_URL", str(site.file)),
        "BENCHMARK_FOLDER": str(site.folder),
        "BENCHMARK_PLACES": json.dumps(site.places),
    }
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "8", f"{module}:application"]
    with _started(command, environment, site.folder / f"{module}.log", port) as served:
        yield served


@contextmanager
def _started(command: list[str], environment: dict[str, str], log: Path, port: int) -> Iterator[Served]:
    with log.open("ab") as output:
        server = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server, log)
        yield Served(port, server.pid)
    finally:
        with suppress(ProcessLookupError):
            os.kill(server.pid, 15)
        try:
            server.wait(ENDS_WITHIN)
        finally:
            # Whatever is left of it, should it have been killed or not have ended.
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
