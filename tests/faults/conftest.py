"""Fixtures of fault tests: a furnished site on each engine, and the table that `make faults` writes."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from evalsys.kernel.clock import SHANGHAI
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings
from tests.conftest import settings_for
from tests.faults.poster import Poster, posting
from tests.faults.sites import Site, furnish

FRAME = 4096 + 24  # bytes of one page in the log
REPORT = "FAULTS_REPORT"  # the file that `make faults` names
HEAD = """# Faults

Written by `make faults`, only when every test passed. Each line is one fault put upon the real program:
what was done, and what was found afterwards. After each, `evalsys verify` finds no difference and the
engine's own check no damage. How each test was seen failing, and what is simulated how, stands in
[adr/0016](adr/0016-faults.md).
"""

Line = tuple[str, str, str]  # the promise (R1 …), what was done, what was found
Note = Callable[[Line], None]
_noted: list[Line] = []


@pytest.fixture
def noted() -> Note:
    """Keep a line for the table."""
    return _noted.append


def pytest_sessionfinish(exitstatus: int) -> None:
    """Write the table where one was asked for and nothing failed."""
    report = os.environ.get(REPORT)
    if not report or exitstatus != 0:
        return
    rows = [f"| {promise} | {done} | {found} |" for promise, done, found in sorted(_noted, key=_place)]
    day = datetime.now(SHANGHAI).date().isoformat()
    head = f"{day} · {os.cpu_count()} cores\n\n| promise | fault | found |\n|---|---|---|"
    Path(report).write_text("\n".join((HEAD, head, *rows, "")), encoding="utf-8")


def _place(line: Line) -> tuple[int, str]:
    promise, done, _ = line
    return int(promise[1:]), done


@pytest.fixture(scope="session")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A furnished site on SQLite that many tests hurt in turn."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "evalsys.sqlite3")
    return furnish(settings_for(folder))


@pytest.fixture(scope="session")
def poster(site: Site) -> Iterator[Poster]:
    """The posting program of that site."""
    with posting(site) as program:
        yield program


@pytest.fixture(scope="session")
def brink(site: Site, poster: Poster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database as a killed process left it, fifty pages before the log is written back."""
    kept = tmp_path_factory.mktemp("kept") / "database"
    with site.app.app_context(), db.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA wal_autocheckpoint")).scalar_one()
        db.engine.dispose()
    log = site.settings.instance / "evalsys.sqlite3-wal"
    with poster.child() as child:
        while not log.exists() or log.stat().st_size < (pages - 50) * FRAME:
            assert len(child.post(1).receipts) < pages, "the log is written back before it is long"
        os.kill(child.pid, signal.SIGKILL)
        child.listen()
    site.keep(kept)
    return kept


@pytest.fixture
def own_site(sqlite_template: Path, tmp_path: Path) -> Site:
    """A furnished site on SQLite of one test's own."""
    shutil.copyfile(sqlite_template, tmp_path / "evalsys.sqlite3")
    return furnish(settings_for(tmp_path))


@pytest.fixture
def any_site(site_settings: Settings) -> Site:
    """A furnished site of one test's own, on each engine."""
    return furnish(site_settings)
