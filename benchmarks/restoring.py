"""R13: getting a site of a million ratings back, beside the bare engine laying the same rows.

Ours reads every byte of the backup twice (the first time to know that it is whole), unpacks it, has it on the
disk and counts the rows. The ceiling is SQLite's own online backup into a file that is synced, or pg_restore
alone, of the same site in the same run.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from sqlalchemy import NullPool, create_engine, make_url

from benchmarks.filling import fill
from benchmarks.pairs import Figure
from benchmarks.sites import Site, demo_site, inside
from evalsys.assurance.actions import backups
from evalsys.kernel import clock, database, settings
from evalsys.kernel.backups import archive, making, postgresql
from evalsys.kernel.database import sqlite_library
from evalsys.kernel.settings import Settings

RATINGS = 1_000_000
SPREAD_OVER = 365
LIMIT = 60.0  # seconds
ROUNDS = 3


class _Silent:
    def update(self, _n: int) -> None:
        """Nobody watches."""


def _unwatched(_what: str, _size: int) -> Any:
    return nullcontext(_Silent())


def figures(server: str = "", ratings: int = RATINGS) -> Iterator[Figure]:
    """Backing up and restoring a big site, on SQLite or on a server."""
    with demo_site(0, server) as site, TemporaryDirectory(prefix="evalsys-benchmark-") as name:
        with inside(site.environment), database.transaction() as session:
            fill(session, 1, ratings, clock.today(), SPREAD_OVER)
        own, file = settings.from_environment(site.environment), Path(name) / "site.zip"
        began = time.monotonic()
        backups.back_up(own, file, clock.now(), _unwatched)
        yield _of_backup(site, file, time.monotonic() - began, ratings)
        yield _of_restore(site, own, file, ratings)


def _of_backup(site: Site, file: Path, took: float, ratings: int) -> Figure:
    packed = f"{file.stat().st_size / 1e6:,.0f} MB"
    name = f"backup of {ratings:,} ratings, {site.engine}"
    return Figure("R13", name, f"{took:.1f} s, {packed}", "", "", "")


def _of_restore(site: Site, own: Settings, file: Path, ratings: int) -> Figure:
    ours: list[float] = []
    bare: list[float] = []
    for number in range(ROUNDS):
        turns = [(ours, _restored), (bare, _laid_bare)]
        for took, lay in turns if number % 2 == 0 else turns[::-1]:
            with _an_empty_place(own, file.parent) as place:
                took.append(lay(own, place, file))
    ratio = median(theirs / mine for mine, theirs in zip(ours, bare, strict=True))
    here = median(ours)
    return Figure(
        "R13",
        f"restore of {ratings:,} ratings, {site.engine} ÷ the bare engine laying them",
        f"{here:.1f} s",
        f"{median(bare):.1f} s",
        f"{ratio:.2f}",
        f"≤ {LIMIT:.0f} s",
        here <= LIMIT,
    )


def _restored(_own: Settings, place: Settings, file: Path) -> float:
    began = time.monotonic()
    making.restore(place, file, _unwatched)
    return time.monotonic() - began


def _laid_bare(own: Settings, place: Settings, file: Path) -> float:
    """The engine alone, from what it can read without any of ours."""
    if not own.database_url:
        return _copied(own.instance / "evalsys.sqlite3", place.instance / "evalsys.sqlite3")
    dump = file.parent / "dump"
    if not dump.exists():
        with archive.reading(file, _unwatched) as backup:
            dump.write_bytes(b"".join(backup.pieces(backup.manifest.dump)))
    url = make_url(place.database)
    told, environment = postgresql.reached(
        create_engine(url, poolclass=NullPool).dialect.create_connect_args(url)[1]
    )
    with archive.reading(file, _unwatched) as backup:
        program, _ = postgresql.tool("pg_restore", backup.manifest.tool)
    command = [program, *told, "--schema=public", "--single-transaction", "--no-owner", str(dump)]
    began = time.monotonic()
    subprocess.run(command, env=environment, check=True)
    return time.monotonic() - began


def _copied(source: Path, target: Path) -> float:
    target.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    library = sqlite_library()
    with closing(library.connect(source)) as here, closing(library.connect(target)) as there:
        here.backup(there)
    with target.open("rb") as copied:
        os.fsync(copied.fileno())
    return time.monotonic() - began


@contextmanager
def _an_empty_place(own: Settings, folder: Path) -> Iterator[Settings]:
    with TemporaryDirectory(dir=folder) as name:
        if not own.database_url:
            yield Settings(instance=Path(name))
            return
        url, database = make_url(own.database_url), f"place_{uuid4().hex[:12]}"
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {database} TEMPLATE template0")
        address = url.set(database=database).render_as_string(hide_password=False)
        yield Settings(instance=Path(name), database_url=address)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {database} WITH (FORCE)")
