"""Sites to measure: the demo hall without ratings in a folder of its own, and servers in front of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from evalsys.app import create_app
from evalsys.evaluation.queries import codes
from evalsys.kernel import clock, database, settings
from evalsys.kernel.access import EVERYTHING
from tests.server import clean_environment, free_port, serving, wait_for

COMMANDS = Path(sys.executable).parent
CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Site:
    """An empty demo hall: where it lies, its environment, and its windows' codes with their ids."""

    folder: Path
    environment: dict[str, str]
    places: dict[str, tuple[int, int, int]]

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.folder / "evalsys.sqlite3"


@contextmanager
def demo_site(ratings: int = 0, database_url: str = "") -> Iterator[Site]:
    """A fresh demo hall with that many ratings, in SQLite unless an address is given; gone afterwards."""
    with TemporaryDirectory(prefix="evalsys-benchmark-") as name:
        folder = Path(name)
        environment = clean_environment() | {"EVALSYS_INSTANCE": name, "PYTHONPATH": str(CHECKOUT)}
        if database_url:
            environment["EVALSYS_DATABASE_URL"] = database_url
        for command in (["upgrade"], ["demo", "--ratings", str(ratings)]):
            subprocess.run(
                [sys.executable, "-m", "evalsys", *command],
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        yield Site(folder, environment, _places(environment))


def _places(environment: dict[str, str]) -> dict[str, tuple[int, int, int]]:
    app = create_app(settings.from_environment(environment))
    with app.app_context(), database.transaction() as session:
        found = codes.current_codes(session, EVERYTHING, clock.today())
        return {code.text: (code.place.window_id, code.place.hall_id, code.place.unit_id) for code in found}


@contextmanager
def product(site: Site) -> Iterator[int]:
    """The port of the product's own server with one worker."""
    port = free_port()
    with serving(COMMANDS, site.folder, site.environment, port):
        yield port


@contextmanager
def ceiling(module: str, site: Site) -> Iterator[int]:
    """The port of the same server in front of a bare program, with the options the product gives it."""
    port = free_port()
    environment = site.environment | {
        "BENCHMARK_FILE": str(site.file),
        "BENCHMARK_PLACES": json.dumps(site.places),
        "PYTHONPATH": str(CHECKOUT),
    }
    log = site.folder / f"{module}.log"
    command: list[str | os.PathLike[str]] = [COMMANDS / "granian", "--interface", "wsgi"]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", "8"]
    command += [f"{module}:application"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        wait_for(f"http://127.0.0.1:{port}/", server, log)
        yield port
    finally:
        server.terminate()
        server.wait(30)
