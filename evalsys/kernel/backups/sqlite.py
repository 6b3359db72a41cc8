"""SQLite's own online backup: a copy of one moment, taken while others go on writing."""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import URL, NullPool, create_engine, delete, table

from evalsys.kernel.backups import places
from evalsys.kernel.backups.archive import PIECE, Progress, Sink, Watch, sync_folder
from evalsys.kernel.database import sqlite_library
from evalsys.kernel.refusals import Refused
from evalsys.kernel.turns import Turn

PAGES = 2048  # copied at a time
PATIENCE = 10_000  # milliseconds for a moment in which nobody writes a rollback journal
ENDINGS = ("-wal", "-shm", "-journal")  # of the files SQLite keeps beside its own


class NotCopied(Refused):
    """The engine could not copy the database: no room, or the file is damaged."""


@dataclass(frozen=True)
class Copy:
    """A copy of the database, lying in a file of its own until it is packed."""

    revision: str
    rows: dict[str, int]
    size: int
    file: Path
    tool: int = 3

    def write(self, sink: Sink) -> None:
        """Pass all of it on."""
        with self.file.open("rb") as stream:
            for piece in iter(lambda: stream.read(PIECE), b""):
                sink.write(piece)


@contextmanager
def copied(url: URL, folder: Path, without: Collection[str], watch: Watch) -> Iterator[Copy]:
    """A copy of the database of one moment, without the rows of some tables; kept in `folder`."""
    with TemporaryDirectory(dir=folder, prefix=".copy-") as beside:
        file = Path(beside) / "copy.sqlite3"
        try:
            _copy(_file_of(url), file, without, watch)
        except sqlite_library().Error as fault:
            raise NotCopied("SQLite 没有把数据库拷贝完:{fault}", fault=fault) from fault
        revision, rows = _looked_at(file)
        yield Copy(revision, rows, file.stat().st_size, file)


def _file_of(url: URL) -> Path:
    return Path(url.database or "")


def _copy(source: Path, target: Path, without: Collection[str], watch: Watch) -> None:
    if not source.exists():
        raise places.NothingThere("这里还没有站点,没有可以备份的。")
    library = sqlite_library()
    with (
        closing(library.connect(source, isolation_level=None)) as here,
        closing(library.connect(target, isolation_level=None)) as there,
        watch("拷贝数据库", source.stat().st_size) as told,
    ):
        here.execute(f"PRAGMA busy_timeout={PATIENCE}")
        # Inside one reading transaction: a backup step by step would begin again after every write of others.
        here.execute("BEGIN")
        here.execute("SELECT 1 FROM sqlite_master").fetchone()
        there.execute("PRAGMA synchronous=OFF")  # it is packed next, and that is what goes to the disk
        here.backup(there, pages=PAGES, progress=_steps(here, told))
        there.execute("PRAGMA journal_mode=DELETE")
        # What is left out leaves no trace in the free pages either.
        there.execute("PRAGMA secure_delete=ON")
        for name in without:
            if there.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
                there.execute(str(delete(table(name))))


def _steps(source: Any, told: Progress) -> Any:
    (page,) = source.execute("PRAGMA page_size").fetchone()
    done = 0

    def step(_status: int, left: int, pages: int) -> None:
        nonlocal done
        told.update((pages - left) * page - done)
        done = (pages - left) * page

    return step


def _looked_at(file: Path) -> tuple[str, dict[str, int]]:
    engine = create_engine(f"sqlite:///{file}", module=sqlite_library(), poolclass=NullPool)
    with engine.connect() as connection:
        return places.revision_of(connection), places.rows_of(connection)


def check_empty(url: URL) -> None:
    """Raise Occupied unless no database lies there, or one without any table."""
    file = _file_of(url)
    beside = [file.with_name(file.name + ending) for ending in ENDINGS]
    if file.exists() and file.stat().st_size:
        engine = create_engine(url, module=sqlite_library(), poolclass=NullPool)
        with engine.connect() as connection:
            if not places.is_empty(connection):
                raise places.Occupied
    elif any(one.exists() and one.stat().st_size for one in beside):
        # The log of a database that is gone: what it holds would be taken for that of the one laid here.
        raise places.Occupied


def lay(url: URL, pieces: Iterable[bytes], _made_by: int) -> None:
    """Lay a database into an empty place: under another name first, and all at once at the end.

    Raises Occupied where something came in between, or somebody is about to write.
    """
    file = _file_of(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    part, turn = file.with_name(f"{file.name}.restoring"), Turn(file)
    if not turn.take(0):
        raise places.Occupied
    try:
        with part.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())
        check_empty(url)
        for ending in ENDINGS:
            file.with_name(file.name + ending).unlink(missing_ok=True)
        os.replace(part, file)
        sync_folder(file.parent)
    finally:
        part.unlink(missing_ok=True)
        turn.leave()
