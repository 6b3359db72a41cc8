"""The archive of a backup: a ZIP file whose last member, the manifest, says what the others hold.

It is written under another name and renamed once all of it is on the disk: what has its name is whole. It can
be looked into with any tool; what it says of itself is believed only after every byte was read again.
"""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from evalsys.kernel.refusals import Refused

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 256 * 1024 * 1024  # bytes
PIECE = 1024 * 1024  # bytes read at a time
# The only members there are: no name leads out of the folder it is laid into.
DUMPS = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
_FILE = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})\.(jpg|png|pdf)")
# What a ZIP file that is cut off, or whose bytes were changed, makes its reader raise.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)
_UNFIT = (ValueError, TypeError, KeyError, AttributeError)  # JSON that is no manifest


class NotABackup(Refused):
    """A file that is no backup, or is not as it was when it was written."""


class Progress(Protocol):
    """A bar that is told of bytes."""

    def update(self, n: int, /) -> object:
        """So many more bytes are done."""


# What is done, and how many bytes that is; gives the bar.
Watch = Callable[[str, int], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class Member:
    """One member as it was written: its bytes and their SHA-256 as hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    `tool` is the major version of the engine's own tool, `rows` how many rows each table has, `missing` the
    stored files that could not be found, or held something else than their names say.
    """

    made_at: datetime
    engine: str
    revision: str
    tool: int
    rows: dict[str, int]
    members: dict[str, Member] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def dump(self) -> str:
        """The member that is the database."""
        return DUMPS[self.engine]

    @property
    def files(self) -> list[str]:
        """The members that are files which were handed in."""
        return [name for name in self.members if name != self.dump]

    @property
    def size(self) -> int:
        """The bytes of all members, unpacked."""
        return sum(member.size for member in self.members.values())

    def written(self) -> bytes:
        """As JSON."""
        told = asdict(self) | {"made_at": self.made_at.isoformat()}
        return json.dumps(told, ensure_ascii=False, indent=1).encode()

    @classmethod
    def read(cls, written: bytes) -> "Manifest":
        """The manifest that was written so; raises ValueError, TypeError or KeyError for anything else."""
        told = json.loads(written)
        if told["format"] != FORMAT:
            raise ValueError("another format")
        manifest = cls(
            datetime.fromisoformat(told["made_at"]).astimezone(UTC),
            str(told["engine"]),
            str(told["revision"]),
            int(told["tool"]),
            {str(table): int(rows) for table, rows in told["rows"].items()},
            {str(name): Member(int(m["size"]), str(m["sha256"])) for name, m in told["members"].items()},
            tuple(map(str, told["missing"])),
        )
        if manifest.dump not in manifest.members or not all(map(_FILE.fullmatch, manifest.files)):
            raise ValueError("members that no backup has")
        return manifest


class Sink:
    """A stream that counts and digests what goes through it, and tells of it."""

    def __init__(self, stream: IO[bytes], told: Progress) -> None:
        self._stream, self._told = stream, told
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, piece: bytes) -> int:
        """Pass a piece on."""
        self._digest.update(piece)
        self._size += len(piece)
        self._told.update(len(piece))
        return self._stream.write(piece)

    @property
    def member(self) -> Member:
        """What went through so far."""
        return Member(self._size, self._digest.hexdigest())


class Archive:
    """A backup that is being written."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._zip = opened
        self.members: dict[str, Member] = {}

    def add(self, name: str, write: Callable[["Sink"], object], told: Progress, *, small: bool) -> None:
        """Add a member that a function writes; `small` packs it, which those packed already do not need."""
        as_it_is = zipfile.ZipInfo(name)  # stored, unless said otherwise
        with self._zip.open(name if small else as_it_is, "w", force_zip64=True) as stream:
            counted = Sink(stream, told)
            write(counted)
        self.members[name] = counted.member

    def end(self, manifest: Manifest) -> None:
        """Write the manifest, the last member."""
        self._zip.writestr(MANIFEST, manifest.written())


@contextmanager
def writing(file: Path) -> Iterator[Archive]:
    """An archive that has its name once it is whole and on the disk; readable by its owner alone.

    Raises NotABackup where something has that name already.
    """
    if file.exists():
        raise NotABackup("{file} 已经存在。请换一个文件名,备份不会覆盖任何文件。", file=file)
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        with part.open("wb") as stream:
            # One machine, one night: a little smaller is not worth five times as long.
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
                yield Archive(opened)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


class Backup:
    """A backup whose every byte was read and found to be what its manifest says."""

    def __init__(self, opened: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = opened
        self.manifest = manifest

    def pieces(self, name: str) -> Iterator[bytes]:
        """What a member holds."""
        with self._zip.open(name) as stream:
            yield from iter(lambda: stream.read(PIECE), b"")

    def file(self, name: str) -> tuple[str, str]:
        """The SHA-256 and the kind of a file that was handed in, by the name of its member."""
        _, _, last = name.rpartition("/")
        sha256, _, kind = last.partition(".")
        return sha256, kind


@contextmanager
def reading(file: Path, watch: Watch) -> Iterator[Backup]:
    """A backup, read through once before anything of it is used.

    Raises NotABackup for one that is cut off, altered or something else altogether.
    """
    damaged = NotABackup("{file} 不完整或被改动过,不能用来恢复。请用另一份备份。", file=file)
    try:
        opened = zipfile.ZipFile(file)
    except _UNREADABLE as fault:
        raise NotABackup("{file} 不是完整的备份文件。", file=file) from fault
    with opened:
        try:
            backup = Backup(opened, _manifest(opened))
            with watch("检查备份", backup.manifest.size) as told:
                whole = all(_is_whole(backup, name, told) for name in backup.manifest.members)
        except (*_UNREADABLE, *_UNFIT) as fault:
            raise damaged from fault
        if not whole:
            raise damaged
        yield backup


def _manifest(opened: zipfile.ZipFile) -> Manifest:
    if opened.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise ValueError("no manifest is so long")
    manifest = Manifest.read(opened.read(MANIFEST))
    if sorted(opened.namelist()) != sorted([*manifest.members, MANIFEST]):
        raise ValueError("other members than the manifest names")
    return manifest


def _is_whole(backup: Backup, name: str, told: Progress) -> bool:
    digest, size, wanted = hashlib.sha256(), 0, backup.manifest.members[name]
    for piece in backup.pieces(name):
        digest.update(piece)
        size += len(piece)
        told.update(len(piece))
        if size > wanted.size:
            return False
    is_named_so = name not in backup.manifest.files or backup.file(name)[0] == wanted.sha256
    return is_named_so and Member(size, digest.hexdigest()) == wanted
