"""A backup or a restore that is killed: nothing half is taken for whole, and it can be done again."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from evalsys.kernel.settings import Settings
from tests import postgres
from tests.assurance.places import an_empty_place, furnished, rows_of, tables_of
from tests.faults.conftest import Note
from tests.faults.sites import CHECKOUT
from tests.server import clean_environment

pytestmark = [pytest.mark.faults, pytest.mark.long]

PATIENCE = 60.0  # seconds
# Each piece that is read or written is told of: the process ends itself, unasked, after so many of them.
KILLED = """
import os, signal, sys
from contextlib import nullcontext
from pathlib import Path
from evalsys.assurance.actions.backups import LEFT_OUT
from evalsys.kernel import clock, settings
from evalsys.kernel.backups import archive, making, postgresql, sqlite
what, file, left = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
archive.PIECE = sqlite.PIECE = postgresql.PIECE = 16 * 1024
sqlite.PAGES = 4
class Bar:
    def update(self, n):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
site = settings.from_environment(os.environ)
if what == "backup":
    making.back_up(site, file, LEFT_OUT, clock.now(), lambda *_: nullcontext(Bar()))
else:
    making.restore(site, file, lambda *_: nullcontext(Bar()))
"""


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools of the very server the tests run on."""
    binaries = postgres.machine_binaries() or postgres.wheel_binaries()
    if binaries:
        monkeypatch.setenv("PATH", f"{binaries}:/usr/bin:/bin")


@pytest.fixture
def place(site_settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An empty place on the same engine."""
    with an_empty_place(tmp_path / "other", site_settings) as place:
        yield place


def killed(what: str, site: Settings, file: Path, after: int) -> bool:
    """Do it in a process that kills itself after so many pieces; whether it came so far."""
    environment = clean_environment() | {"EVALSYS_INSTANCE": str(site.instance), "PYTHONPATH": str(CHECKOUT)}
    environment |= {"EVALSYS_DATABASE_URL": site.database_url} if site.database_url else {}
    command = [sys.executable, "-c", KILLED, what, str(file), str(after)]
    ended = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode != 0


def wait_until_empty(place: Settings) -> None:
    """Return once nothing lies there: PostgreSQL takes back what a killed one began as it hears of it."""
    gives_up_at = time.monotonic() + PATIENCE
    while tables_of(place):
        assert time.monotonic() < gives_up_at, "half a site was restored"
        time.sleep(0.1)


def times_killed(what: str, site: Settings, file: Path, then: Callable[[], None]) -> int:
    """Do it again and again, killed later and later, until it comes to its end; look each time it did not."""
    kills, after = 0, 2
    while killed(what, site, file, after):
        then()
        kills, after = kills + 1, after * 4
    return kills


def test_a_killed_backup_has_no_name_and_a_killed_restore_leaves_no_site(
    app: Flask, site_settings: Settings, place: Settings, tmp_path: Path, noted: Note
) -> None:
    furnished(app)
    file = tmp_path / "site.zip"

    def no_backup() -> None:
        assert not file.exists()

    backups = times_killed("backup", site_settings, file, no_backup)
    restores = times_killed("restore", place, file, lambda: wait_until_empty(place))
    assert min(backups, restores) >= 2
    assert rows_of(place)["ratings"] == rows_of(site_settings)["ratings"] == 2
    engine = "PostgreSQL" if site_settings.database_url else "SQLite"
    done = f"`kill -9` in the middle of {backups} backups and {restores} restores, {engine}"
    noted(("R13", done, "nothing half is taken for whole; the next one ends well"))
