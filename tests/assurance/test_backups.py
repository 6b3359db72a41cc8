"""A backup of a site at work restores to the same site; what is not whole is refused and leaves nothing."""

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from evalsys.assurance.actions import backups
from evalsys.cli import main
from evalsys.kernel import files, revision, schema
from evalsys.kernel.backups import archive, making, postgresql, sqlite
from evalsys.kernel.backups.archive import Manifest, NotABackup
from evalsys.kernel.backups.places import NothingThere, Occupied
from evalsys.kernel.settings import Settings
from evalsys.kernel.types import Base
from tests import postgres
from tests.assurance.places import (
    DEVICE,
    PDF,
    Silent,
    an_empty_place,
    connected_to,
    furnished,
    rows_of,
    sha256_of,
    tables_of,
    unwatched,
)
from tests.migrations.places import an_empty_place as without_tables
from tests.pages import PageClient

NOW = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools of the very server the tests run on."""
    binaries = postgres.machine_binaries() or postgres.wheel_binaries()
    if binaries:
        monkeypatch.setenv("PATH", f"{binaries}:/usr/bin:/bin")


@pytest.fixture
def code(app: Flask) -> str:
    """A furnished site; the code of its window."""
    return furnished(app)


@pytest.fixture
def file(code: str, site_settings: Settings, tmp_path: Path) -> Path:
    """A backup of it."""
    file = tmp_path / "site.zip"
    backups.back_up(site_settings, file, NOW, unwatched)
    return file


@pytest.fixture
def place(site_settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An empty place on the same engine."""
    with an_empty_place(tmp_path / "other", site_settings) as place:
        yield place


def is_untouched(place: Settings) -> bool:
    """Whether nothing lies there, not even a file on its way."""
    lying = [
        one for one in place.instance.rglob("*") if one.is_file() and one.suffix not in (".next", ".turn")
    ]
    return not lying and tables_of(place) == []


def changed(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Take a backup apart, change its members, and put it together again."""
    with zipfile.ZipFile(file) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)


def said_otherwise(file: Path, **otherwise: Any) -> None:
    """Let the manifest of a backup say something else."""

    def change(members: dict[str, bytes]) -> None:
        manifest = replace(Manifest.read(members[archive.MANIFEST]), **otherwise)
        members[archive.MANIFEST] = manifest.written()

    changed(file, change)


def test_a_site_comes_back_as_it_was(file: Path, site_settings: Settings, place: Settings) -> None:
    making.restore(place, file, unwatched)
    assert rows_of(place) == rows_of(site_settings) | dict.fromkeys(backups.LEFT_OUT, 0)
    assert files.place_of(place.instance, sha256_of(PDF), "pdf").read_bytes() == PDF
    with (
        connected_to(place) as engine,
        engine.connect() as connection,
        pytest.raises(DBAPIError, match="append-only"),
    ):
        connection.execute(text("DELETE FROM ratings"))


@pytest.fixture
def many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a small site copied in many steps as well."""
    monkeypatch.setattr(sqlite, "PAGES", 16)


@pytest.mark.usefixtures("many_steps")
def test_a_backup_is_of_one_moment_and_keeps_nobody_waiting(
    client: PageClient, code: str, site_settings: Settings, place: Settings, tmp_path: Path
) -> None:
    given: list[int] = []

    class Rating(Silent):
        def update(self, n: int) -> None:
            """Rate in the middle of it."""
            if len(given) < 3:
                form = {"level": "5", "key": uuid4().hex}
                given.append(client.post(f"/q/{code}", data=form).status_code)

    file = tmp_path / "site.zip"
    made = backups.back_up(site_settings, file, NOW, lambda _what, _size: nullcontext(Rating()))
    assert set(given) == {303}
    making.restore(place, file, unwatched)
    assert made.rows["ratings"] == rows_of(place)["ratings"] == 2
    assert rows_of(site_settings)["ratings"] == 2 + len(given)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_operator_backs_up_and_restores_by_command(
    code: str, site_settings: Settings, tmp_path: Path
) -> None:
    def run(instance: Path, *command: str) -> Result:
        return CliRunner().invoke(main, command, env={"EVALSYS_INSTANCE": str(instance)})

    file, other = tmp_path / "site.zip", tmp_path / "other"
    made = run(site_settings.instance, "backup", str(file))
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout.splitlines()[-1])
    assert (told["engine"], told["files"], told["size"]) == ("sqlite", 1, file.stat().st_size)
    restored = run(other, "restore", str(file))
    assert restored.exit_code == 0, restored.output
    told = json.loads(restored.stdout.splitlines()[-1])
    assert (told["ratings"], told["differences"], told["missing_files"]) == (2, 0, 0)
    again = run(other, "restore", str(file))
    assert again.exit_code == 1
    assert "只恢复到空的位置" in again.output


def test_what_is_left_out_of_backups_is_there_to_be_left_out() -> None:
    assert set(backups.LEFT_OUT) <= set(Base.metadata.tables)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_must_be_destroyed_in_time_is_in_no_backup(file: Path) -> None:
    """In no byte; what pg_dump writes is packed, there the rows that came back are counted above."""
    with zipfile.ZipFile(file) as opened:
        dump_member = archive.DUMPS["sqlite"]
        members = {name.partition("/")[0] for name in opened.namelist()}
        assert members == {dump_member, "files", archive.MANIFEST}
        dump = opened.read(dump_member)
    assert DEVICE.encode() not in dump
    assert b"the key of a day's device marks." not in dump
    assert file.stat().st_mode & 0o077 == 0


def cut(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(file.stat().st_size * 2 // 3)


def turned(file: Path) -> None:
    """One bit of the database is another."""
    with file.open("r+b") as stream:
        stream.seek(5000)
        (byte,) = stream.read(1)
        stream.seek(5000)
        stream.write(bytes([byte ^ 1]))


def other_file(members: dict[str, bytes]) -> None:
    (name,) = (name for name in members if name.startswith("files/"))
    members[name] = b"%PDF-1.7\n something else"


def way_out(members: dict[str, bytes]) -> None:
    members["../somewhere.pdf"] = PDF


@pytest.mark.parametrize(
    "harm",
    [
        cut,
        turned,
        lambda file: file.write_bytes(b"no backup at all"),
        lambda file: changed(file, other_file),
        lambda file: changed(file, way_out),
        lambda file: changed(file, lambda members: members.update({archive.MANIFEST: b"[]"})),
        lambda file: said_otherwise(file, rows={}, members={}),
    ],
    ids=["cut", "turned", "text", "file", "way-out", "manifest", "members"],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_not_whole_is_refused_and_leaves_nothing(
    file: Path, place: Settings, harm: Callable[[Path], None]
) -> None:
    harm(file)
    with pytest.raises(NotABackup):
        making.restore(place, file, unwatched)
    assert is_untouched(place)


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_dump_the_engine_does_not_take_leaves_nothing(file: Path, place: Settings) -> None:
    def change(members: dict[str, bytes]) -> None:
        dump = archive.DUMPS["postgresql"]
        content = members[dump][:-4000] + b"\0" * 4000
        manifest = Manifest.read(members[archive.MANIFEST])
        manifest.members[dump] = archive.Member(len(content), sha256_of(content))
        members |= {dump: content, archive.MANIFEST: manifest.written()}

    changed(file, change)
    with pytest.raises(postgresql.ToolFailed, match="pg_restore"):
        making.restore(place, file, unwatched)
    assert is_untouched(place)


def test_only_an_empty_place_is_restored_into(file: Path, site_settings: Settings) -> None:
    before = rows_of(site_settings)
    with pytest.raises(Occupied, match="只恢复到空的位置"):
        making.restore(site_settings, file, unwatched)
    assert rows_of(site_settings) == before


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_log_of_a_lost_database_is_not_mixed_into_another(file: Path, place: Settings) -> None:
    place.instance.mkdir()
    (place.instance / "evalsys.sqlite3-wal").write_bytes(b"what somebody may still want")
    with pytest.raises(Occupied):
        making.restore(place, file, unwatched)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("otherwise", "sentence"),
    [({"revision": "9999"}, "更新的版本"), ({"engine": "postgresql"}, "同一种数据库")],
)
def test_a_backup_that_does_not_fit_here_is_refused_with_a_sentence(
    file: Path, place: Settings, otherwise: dict[str, str], sentence: str
) -> None:
    def change(members: dict[str, bytes]) -> None:
        manifest = replace(Manifest.read(members[archive.MANIFEST]), **otherwise)  # type: ignore[arg-type]
        if manifest.engine == "postgresql":
            members[manifest.dump] = members.pop(archive.DUMPS["sqlite"])
            manifest.members[manifest.dump] = manifest.members.pop(archive.DUMPS["sqlite"])
        members[archive.MANIFEST] = manifest.written()

    changed(file, change)
    with pytest.raises(NotABackup, match=sentence):
        making.restore(place, file, unwatched)
    assert is_untouched(place)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_backup_of_an_older_release_is_upgraded(
    site_settings: Settings, place: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "old.zip"
    with without_tables(site_settings):
        schema.upgrade("0022")
        assert backups.back_up(site_settings, file, NOW, unwatched).revision == "0022"
    assert backups.restore(place, file, unwatched).differences == 0
    with connected_to(place) as engine, engine.connect() as connection:
        assert revision.is_current(connection)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_file_that_was_lost_before_is_told_of(
    code: str, site_settings: Settings, place: Settings, tmp_path: Path
) -> None:
    lying = files.place_of(site_settings.instance, sha256_of(PDF), "pdf")
    lying.write_bytes(b"%PDF-1.7 damaged")
    made = backups.back_up(site_settings, tmp_path / "site.zip", NOW, unwatched)
    assert made.missing == (lying.name,)
    assert making.restore(place, tmp_path / "site.zip", unwatched).missing == (lying.name,)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_file_is_written_over_and_an_empty_place_is_not_backed_up(
    file: Path, place: Settings, site_settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(NotABackup, match="已经存在"):
        backups.back_up(site_settings, file, NOW, unwatched)
    with pytest.raises(NothingThere):
        backups.back_up(place, tmp_path / "nothing.zip", NOW, unwatched)
    assert sorted(one.name for one in tmp_path.glob("*.zip*")) == ["site.zip"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_damaged_database_is_said_to_be_one(place: Settings, tmp_path: Path) -> None:
    place.instance.mkdir()
    (place.instance / "evalsys.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite.NotCopied, match="not a database"):
        backups.back_up(place, tmp_path / "site.zip", NOW, unwatched)
    assert list(tmp_path.glob("*.zip*")) == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_newest_backups_of_nights_are_kept(code: str, site_settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("by-hand.zip", "evalsys-20260101-030000.zip.part"):
        (folder / name).touch()
    made = [
        backups.back_up_into(folder, site_settings, NOW + timedelta(days=day), unwatched, keep=2)
        for day in range(3)
    ]
    assert sorted(folder.iterdir()) == [folder / "by-hand.zip", *made[1:]]


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_without_tools_that_fit_a_sentence_says_what_to_install(
    code: str, site_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgresql, "DEBIAN", tmp_path)
    with pytest.raises(postgresql.NoTool, match=r"postgresql-client-\d+"):
        backups.back_up(site_settings, tmp_path / "site.zip", NOW, unwatched)
    assert list(tmp_path.glob("site.zip*")) == []


def test_no_password_stands_in_the_arguments_of_a_tool() -> None:
    how = {"host": "db", "user": "o'hara", "password": "a very secret word", "dbname": "evalsys"}
    arguments, environment = postgresql.reached(how)
    assert arguments == ("--no-password", r"--dbname=host='db' user='o\'hara' dbname='evalsys'")
    assert environment["PGPASSWORD"] == "a very secret word"
