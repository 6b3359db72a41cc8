"""A site into a backup, and a backup into an empty place."""

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, select

from evalsys.kernel import files, revision
from evalsys.kernel.backups import archive, places, postgresql, sqlite
from evalsys.kernel.backups.archive import (
    Archive,
    Backup,
    Manifest,
    NotABackup,
    Progress,
    Sink,
    Watch,
    sync_folder,
)
from evalsys.kernel.database import sqlite_library
from evalsys.kernel.models import StoredFile
from evalsys.kernel.settings import Settings

ENGINES: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}
IN_WORDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def back_up(site: Settings, file: Path, without: Collection[str], now: datetime, watch: Watch) -> Manifest:
    """Write a backup of a site at work into a new file; the rows of the tables in `without` stay out of it.

    The database is that of one moment, and every file it names is there: a file is kept before its row is.
    Raises NotABackup where the file exists, NothingThere, NoTool and ToolFailed.
    """
    url = make_url(site.database)
    engine = url.get_backend_name()
    with (
        archive.writing(file) as into,
        ENGINES[engine].copied(url, file.parent, without, watch) as copy,
        watch("写入备份", copy.size) as told,
    ):
        dump = archive.DUMPS[engine]
        # What pg_dump writes and what pictures are is packed already.
        into.add(dump, copy.write, told, small=engine == "sqlite")
        missing = _add_files(site, url, into, told)
        manifest = Manifest(now, engine, copy.revision, copy.tool, copy.rows, into.members, missing)
        into.end(manifest)
    return manifest


def _add_files(site: Settings, url: URL, into: Archive, told: Progress) -> tuple[str, ...]:
    """Add what was handed in; the names of what is not there, or no longer what it was."""
    with _connected(url) as connection:
        named = connection.execute(
            select(StoredFile.sha256, StoredFile.kind).order_by(StoredFile.sha256)
        ).all()
    missing = []
    for sha256, kind in named:
        place = files.place_of(site.instance, sha256, kind)
        content = place.read_bytes() if place.is_file() else b""
        if hashlib.sha256(content).hexdigest() == sha256:
            name = place.relative_to(site.instance).as_posix()
            into.add(name, partial(_write, content), told, small=False)
        else:
            missing.append(place.name)
    return tuple(missing)


def _write(content: bytes, sink: Sink) -> None:
    sink.write(content)


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    module = {"module": sqlite_library()} if url.get_backend_name() == "sqlite" else {}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, **module)
    with engine.connect() as connection:
        yield connection


def restore(site: Settings, file: Path, watch: Watch) -> Manifest:
    """Lay a backup into an empty place: all of it or nothing.

    Every byte is read once before anything is written. The files come first, the database last and at once:
    where there is a database, everything it names is there. Raises NotABackup, Occupied, NoTool, ToolFailed.
    """
    url = make_url(site.database)
    engine = url.get_backend_name()
    with archive.reading(file, watch) as backup:
        _check_fit(backup.manifest, engine)
        ENGINES[engine].check_empty(url)
        with _laid_files(site, backup), watch("恢复数据库", _bytes_of_dump(backup.manifest)) as told:
            ENGINES[engine].lay(url, _told(backup, told), backup.manifest.tool)
    with _connected(url) as connection:
        found = places.rows_of(connection)
    if found != backup.manifest.rows:
        raise NotABackup("恢复出来的行数与备份的清单不符。请不要使用这个位置,换一份备份重新恢复。")
    return backup.manifest


def _check_fit(manifest: Manifest, engine: str) -> None:
    if manifest.engine != engine:
        raise NotABackup(
            "这份备份来自 {theirs},这里的数据库是 {ours}。备份只恢复到同一种数据库。",
            theirs=IN_WORDS[manifest.engine],
            ours=IN_WORDS[engine],
        )
    if manifest.revision > revision.newest():
        raise NotABackup(
            "这份备份来自更新的版本(结构 {theirs},这里最新到 {ours})。请先安装不旧于它的 evalsys。",
            theirs=manifest.revision,
            ours=revision.newest(),
        )


def _bytes_of_dump(manifest: Manifest) -> int:
    return manifest.members[manifest.dump].size


def _told(backup: Backup, told: Progress) -> Iterator[bytes]:
    for piece in backup.pieces(backup.manifest.dump):
        yield piece
        told.update(len(piece))


@contextmanager
def _laid_files(site: Settings, backup: Backup) -> Iterator[None]:
    """The files in their places; those laid here are gone again where what follows fails."""
    folders: set[Path] = set()
    with ExitStack() as taken_back:
        for name in backup.manifest.files:
            place = files.place_of(site.instance, *backup.file(name))
            if not place.exists():
                _lay(backup, name, place)
                taken_back.callback(place.unlink)
                folders.add(place.parent)
        for folder in folders:
            sync_folder(folder)
        yield
        taken_back.pop_all()


def _lay(backup: Backup, name: str, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, delete=False) as stream:
        for piece in backup.pieces(name):
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(stream.name, place)
