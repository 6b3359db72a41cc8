"""What a disk holds after a power cut: rebuilt from the recorded system calls of the writing process.

What was written before a sync of its file is certain once that sync has ended; everything else may be there,
or not, or half: any of its sectors. The name of a new or removed file is certain once its folder was synced;
names come and go in the order they were given.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from tests.faults.strace import CHANGES

SECTOR = 512  # bytes a disk writes whole
RECORDING = ("-xx", "-s", "70000", "-e", f"trace={CHANGES}")

_HEX = r"((?:\\x[0-9a-f]{2})*)"
_CALL = re.compile(r"(\d+) +(\w+)\((.*)")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>")
_FILE = re.compile(rf"\d+<{_HEX}>")
_TEXT = re.compile(rf'"{_HEX}"')
_CONTENT = re.compile(rf'"{_HEX}", (\d+)(?:, (\d+))?')
_SYNCS = ("fsync", "fdatasync")


@dataclass(frozen=True)
class Event:
    """One thing that happened to a file of the folder, or a thank-you (whose file is none).

    Kinds: made, wrote, shortened, removed, sync-asked, synced, thanked.
    """

    kind: str
    file: str = ""
    thread: int = 0
    offset: int = 0
    content: bytes = b""


def events(recording: Path, folder: Path) -> Iterator[Event]:
    """What strace recorded about the files of a folder, in order; '' is the folder itself."""
    asked: dict[int, str] = {}
    for line in recording.read_text().splitlines():
        if resumed := _RESUMED.match(line):
            thread = int(resumed[1])
            if resumed[2] in _SYNCS and thread in asked:
                yield Event("synced", asked.pop(thread), thread)
            continue
        if not (call := _CALL.match(line)):
            continue
        thread, name, rest = int(call[1]), call[2], call[3]
        for event in _of_call(name, thread, rest, folder):
            yield event
            if event.kind == "sync-asked":
                if rest.endswith("<unfinished ...>"):
                    asked[thread] = event.file
                else:
                    yield Event("synced", event.file, thread)


def _of_call(name: str, thread: int, rest: str, folder: Path) -> Iterator[Event]:
    if name in ("openat", "unlink", "unlinkat"):
        path = Path(_text(_TEXT.search(rest)))
        if path.parent == folder and (name != "openat" or "O_CREAT" in rest):
            yield Event("made" if name == "openat" else "removed", path.name)
        return
    path = Path(_text(_FILE.match(rest)))
    if name == "write" and path.parent != folder:
        word, _, receipt = _text(_CONTENT.search(rest)).strip().partition(" ")
        if word == "thanks":
            yield Event("thanked", content=receipt.encode())
    elif path == folder and name in _SYNCS:
        yield Event("sync-asked", "", thread)
    elif path.parent == folder and not path.name.endswith("-shm"):
        yield _change_of_file(name, thread, rest, path.name)


def _change_of_file(name: str, thread: int, rest: str, file: str) -> Event:
    said = _CONTENT.search(rest)
    if name == "pwrite64" and said is not None:
        return Event("wrote", file, offset=int(said[3]), content=_plain(said[1]))
    if name == "ftruncate":
        return Event("shortened", file, offset=int(re.findall(r"\d+", rest.rpartition(">, ")[2])[0]))
    if name in _SYNCS:
        return Event("sync-asked", file, thread)
    raise AssertionError(f"{name} on {file} is not understood by this disk")


def _text(found: re.Match[str] | None) -> str:
    return _plain(found[1]).decode(errors="replace") if found else ""


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass
class _File:
    """A file's certain content, and the changes it may forget, each with its number."""

    certain: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Event]] = field(default_factory=list)

    def settle(self, until: int) -> None:
        """A sync that was asked for at a number has ended."""
        for number, event in self.pending:
            if number <= until:
                _change(self.certain, event)
        self.pending = [(number, event) for number, event in self.pending if number > until]

    def torn(self, chance: Random) -> bytes:
        """The content with any of the sectors that are not certain."""
        content = bytearray(self.certain)
        for _, event in self.pending:
            for piece in _pieces(event):
                if chance.random() < 0.5:
                    _change(content, piece)
        return bytes(content)


def _change(content: bytearray, event: Event) -> None:
    if event.kind == "shortened":
        content.extend(bytes(max(0, event.offset - len(content))))
        del content[event.offset :]
        return
    content.extend(bytes(max(0, event.offset - len(content))))
    content[event.offset : event.offset + len(event.content)] = event.content


def _pieces(event: Event) -> Iterator[Event]:
    """A change cut at the borders of sectors."""
    if event.kind == "shortened":
        yield event
        return
    start, end = event.offset, event.offset + len(event.content)
    while start < end:
        border = min(end, (start // SECTOR + 1) * SECTOR)
        yield Event(
            "wrote",
            event.file,
            offset=start,
            content=event.content[start - event.offset : border - event.offset],
        )
        start = border


class Disk:
    """A folder on a disk that loses its power at a moment of our choice."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._now = {name: _File(bytearray(content)) for name, content in contents.items()}
        self._certain = dict(self._now)
        self._renamed: list[tuple[int, str, _File | None]] = []
        self._asked: dict[tuple[int, str], int] = {}
        self._numbers = count()

    def take(self, event: Event) -> None:
        """Let the next thing happen."""
        number = next(self._numbers)
        if event.kind == "made" and event.file not in self._now:
            self._now[event.file] = _File()
            self._renamed.append((number, event.file, self._now[event.file]))
        elif event.kind == "removed" and self._now.pop(event.file, None):
            self._renamed.append((number, event.file, None))
        elif event.kind in ("wrote", "shortened"):
            self._now[event.file].pending.append((number, event))
        elif event.kind == "sync-asked":
            self._asked[event.thread, event.file] = number
        elif event.kind == "synced":
            self._synced(event.file, self._asked.pop((event.thread, event.file)))

    def _synced(self, file: str, until: int) -> None:
        if file:
            self._now[file].settle(until)
            return
        for _, name, there in (each for each in self._renamed if each[0] <= until):
            _name(self._certain, name, there)
        self._renamed = [each for each in self._renamed if each[0] > until]

    def certain(self) -> dict[str, bytes]:
        """The files with nothing but what was synced."""
        return {name: bytes(file.certain) for name, file in self._certain.items()}

    def torn(self, chance: Random) -> dict[str, bytes]:
        """The files with any part of what was not synced."""
        names = dict(self._certain)
        for _, name, there in self._renamed[: chance.randint(0, len(self._renamed))]:
            _name(names, name, there)
        return {name: file.torn(chance) for name, file in names.items()}


def _name(names: dict[str, _File], name: str, there: _File | None) -> None:
    if there is None:
        names.pop(name, None)
    else:
        names[name] = there


Cut = tuple[list[str], dict[str, bytes]]


def cuts(disk: Disk, happened: Iterator[Event], chance: Random, wanted: Callable[[], bool]) -> Iterator[Cut]:
    """The power fails after a thank-you, and just before a sync has ended, as often as it is wanted.

    Gives the receipts said by then and the files left, first with what is certain, then torn.
    """
    thanked: list[str] = []
    for event in happened:
        if event.kind == "synced" and wanted():
            yield list(thanked), disk.torn(chance)
        disk.take(event)
        if event.kind == "thanked":
            thanked.append(event.content.decode())
            if wanted():
                yield list(thanked), disk.certain()
                yield list(thanked), disk.torn(chance)
