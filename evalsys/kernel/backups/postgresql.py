"""PostgreSQL's own pg_dump and pg_restore, found on this machine and fit for the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, cast

from sqlalchemy import URL, Connection, NullPool, create_engine

from evalsys.kernel.backups import places
from evalsys.kernel.backups.archive import PIECE, Sink, Watch
from evalsys.kernel.refusals import Refused

DEBIAN = Path("/usr/lib/postgresql")
SAID = 600  # signs of what a tool said before it gave up
_VERSION = re.compile(rb"\) (\d+)")


class NoTool(Refused):
    """PostgreSQL's tools are not there, or too old for its server or for the backup."""


class ToolFailed(Refused):
    """PostgreSQL's own tool gave up; what it said is in the sentence."""


@dataclass(frozen=True)
class Copy:
    """A moment of the database that is kept open until it is packed; `size` is that of its tables."""

    revision: str
    rows: dict[str, int]
    size: int
    tool: int
    _command: tuple[str, ...]
    _environment: dict[str, str]

    def write(self, sink: Sink) -> None:
        """Have pg_dump write it, and pass all of it on; raises ToolFailed."""
        with _running(self._command, self._environment, gives=True) as dumped:
            for piece in iter(lambda: dumped.read(PIECE), b""):
                sink.write(piece)


@contextmanager
def copied(url: URL, _folder: Path, without: Collection[str], _watch: Watch) -> Iterator[Copy]:
    """A moment of the database, without the rows of some tables; pg_dump and the count see the same rows."""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        said = connection.exec_driver_sql("SELECT pg_export_snapshot(), pg_database_size(current_database())")
        snapshot, size = said.one()
        program, major = tool("pg_dump", _server(connection))
        leaving_out = [f"--exclude-table-data=public.{table}" for table in without]
        told, environment = reached(engine.dialect.create_connect_args(url)[1])
        command = (program, *told, "--format=custom", "--compress=1", f"--snapshot={snapshot}", *leaving_out)
        rows = places.rows_of(connection, without)
        yield Copy(places.revision_of(connection), rows, size, major, command, environment)


def check_empty(url: URL) -> None:
    """Raise Occupied where the database has any table."""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        if not places.is_empty(connection):
            raise places.Occupied


def lay(url: URL, pieces: Iterable[bytes], made_by: int) -> None:
    """Lay a dump of pg_dump's major version `made_by` into an empty database, in one transaction.

    Whoever is killed meanwhile leaves nothing: pg_restore reads from us, and gives up when we are gone.
    """
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        program, _ = tool("pg_restore", max(_server(connection), made_by))
    told, environment = reached(engine.dialect.create_connect_args(url)[1])
    command = (program, *told, "--format=custom", "--schema=public", "--single-transaction")
    command = (*command, "--no-owner", "--no-privileges")
    # One that gives up early says why; that is what the operator has to hear, not that a pipe broke.
    with _running(command, environment, gives=False) as restoring, suppress(BrokenPipeError), restoring:
        for piece in pieces:
            restoring.write(piece)


def _server(connection: Connection) -> int:
    """The major version of the server."""
    number = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    return int(number) // 10000


def tool(name: str, at_least: int) -> tuple[str, int]:
    """The oldest tool of that name that is new enough, and its major version; a newer one says too much."""
    found: dict[int, str] = {}
    for program in (*sorted(DEBIAN.glob(f"*/bin/{name}")), shutil.which(name)):
        if program is None:
            continue
        said = subprocess.run([program, "--version"], capture_output=True, check=False).stdout
        if version := _VERSION.search(said):
            found.setdefault(int(version[1]), str(program))
    fit = [version for version in found if version >= at_least]
    if not fit:
        raise NoTool(
            "需要 {name} {at_least} 或更新的版本;这台机器上有的版本:{found}。"
            "请安装 postgresql-client-{at_least}。",
            name=name,
            at_least=at_least,
            found="、".join(map(str, sorted(found))) or "—",
        )
    return found[min(fit)], min(fit)


def reached(how: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Arguments and environment by which a tool reaches the database; no password in the arguments.

    Everybody on the machine reads the arguments of a process, its environment only its owner.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EVALSYS_")}
    if password := how.get("password"):
        environment["PGPASSWORD"] = str(password)
    told = {name: value for name, value in how.items() if name not in ("password", "context")}
    words = " ".join(f"{name}='{_quoted(str(value))}'" for name, value in told.items())
    return ("--no-password", f"--dbname={words}"), environment


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


@contextmanager
def _running(command: tuple[str, ...], environment: dict[str, str], *, gives: bool) -> Iterator[IO[bytes]]:
    """What a tool gives, or takes; raises ToolFailed with its own words where it does not end well."""
    pipes = (subprocess.DEVNULL, subprocess.PIPE)
    taken, given = pipes if gives else pipes[::-1]
    with TemporaryFile() as words:
        with (
            subprocess.Popen(command, env=environment, stdin=taken, stdout=given, stderr=words) as running,
            ExitStack() as giving_up,
        ):
            giving_up.callback(running.kill)
            yield cast(IO[bytes], running.stdout or running.stdin)
            giving_up.pop_all()
        if running.returncode:
            words.seek(0)
            said = words.read().decode(errors="replace").strip()[:SAID]
            raise ToolFailed("{tool} 没有成功:{said}", tool=Path(command[0]).name, said=said)
