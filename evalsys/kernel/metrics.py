"""Counters of all processes of a site, each in a small mapped file of its own, added up when they are read.

A process writes into its own file only and never waits for another; a file outlives its process, so that
no counter falls while the server runs. What is counted names routes, methods and statuses: no window, no
level, nobody.
"""

import json
import mmap
import os
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from threading import Lock

from flask import Flask

FOLDER = "metrics"
SIZE = 256 * 1024  # bytes of one process's file
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # upper bounds in seconds
_HEAD, _ENTRY, _NUMBER = struct.Struct("=Q"), struct.Struct("=HH"), struct.Struct("=d")
_KEPT = "evalsys.metrics"

# A name and its labels; the labels as they stand in the text.
Key = tuple[str, str]


class Metrics:
    """The counters of this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._pid = 0
        self._one_writes = Lock()
        self._end = 0
        self._places: dict[bytes, int] = {}
        self._known: dict[tuple[object, ...], int] = {}

    def count(self, name: str, by: float = 1.0, **labels: object) -> None:
        """Add to a counter."""
        with self._one_writes:
            if at := self._at(name, labels, 1):
                self._put(at, self._get(at) + by)

    def show(self, name: str, value: float) -> None:
        """Set a value of this process; the values of those that run are added up."""
        with self._one_writes:
            if at := self._at(name, {}, 1):
                self._put(at, value)

    def observe(self, name: str, seconds: float, **labels: object) -> None:
        """Add how long something took to a histogram: their number, their sum, one of the steps."""
        step = 16 + 8 * bisect_left(BUCKETS, seconds)
        with self._one_writes:
            if at := self._at(name, labels, 2 + len(BUCKETS) + 1):
                self._put(at, self._get(at) + 1)
                self._put(at + 8, self._get(at + 8) + seconds)
                self._put(at + step, self._get(at + step) + 1)

    def _get(self, at: int) -> float:
        found: float = _NUMBER.unpack_from(self._file, at)[0]
        return found

    def _put(self, at: int, value: float) -> None:
        _NUMBER.pack_into(self._file, at, value)

    def _at(self, name: str, labels: Mapping[str, object], n: int) -> int:
        """Where the numbers of a key stand; 0 where the file is full."""
        if self._pid != os.getpid():
            self._open()
        asked = (name, *labels.values())
        at = self._known.get(asked)
        if at is None:
            key = json.dumps([name, _written(labels)], ensure_ascii=False).encode()
            # Numbers stand at multiples of eight: whoever reads meanwhile finds the old one or the new one.
            key += b" " * (-(_ENTRY.size + len(key)) % 8)
            at = self._known[asked] = self._places.get(key) or self._place(key, n)
        return at

    def _open(self) -> None:
        """Take this process's own file; one left by an earlier process of the same number is gone on with."""
        self._file = self._mapped()
        self._end = max(_HEAD.unpack_from(self._file)[0], _HEAD.size)
        self._places = {key: at for key, at, _n in _entries(self._file)}
        self._known = {}
        self._pid = os.getpid()

    def _mapped(self) -> mmap.mmap:
        """The file in memory; without room on the disk, memory alone: nobody's rating waits for a figure."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._folder / str(os.getpid()), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                # All of its room at once: a page that finds none later would end the process.
                os.posix_fallocate(descriptor, 0, SIZE)
                return mmap.mmap(descriptor, SIZE)
            finally:
                os.close(descriptor)
        except OSError:
            return mmap.mmap(-1, SIZE)

    def _place(self, key: bytes, n: int) -> int:
        """Where the numbers of a new key stand; 0 where the file is full."""
        numbers = self._end + _ENTRY.size + len(key)
        end = numbers + 8 * n
        if end > SIZE:
            return 0
        _ENTRY.pack_into(self._file, self._end, len(key), n)
        self._file[self._end + _ENTRY.size : numbers] = key
        # Last: whoever reads meanwhile finds whole entries only.
        _HEAD.pack_into(self._file, 0, end)
        self._end = end
        return numbers


def install(app: Flask, instance: Path) -> None:
    """Give the application its counters."""
    app.extensions[_KEPT] = Metrics(instance)


def of(app: Flask) -> Metrics:
    """The application's counters in this process."""
    metrics: Metrics = app.extensions[_KEPT]
    return metrics


def forget(instance: Path) -> None:
    """Begin anew, before the server's processes do."""
    for file in (instance / FOLDER).glob("*"):
        file.unlink(missing_ok=True)


def read(instance: Path, shown: frozenset[str]) -> dict[Key, list[float]]:
    """All processes' numbers added up; those of the names in `shown` only of processes that run."""
    found: dict[Key, list[float]] = {}
    for file in sorted((instance / FOLDER).glob("[0-9]*")):
        runs = Path(f"/proc/{file.name}").exists()
        for (name, labels), numbers in _numbers(file.read_bytes()):
            if runs or name not in shown:
                known = found.setdefault((name, labels), [0.0] * len(numbers))
                found[name, labels] = [one + other for one, other in zip(known, numbers, strict=True)]
    return found


def _numbers(content: bytes) -> Iterator[tuple[Key, tuple[float, ...]]]:
    for key, at, n in _entries(content):
        name, labels = json.loads(key)
        yield (name, labels), struct.unpack_from(f"={n}d", content, at)


def _entries(content: bytes | mmap.mmap) -> Iterator[tuple[bytes, int, int]]:
    """The keys of a file, where their numbers stand, and how many."""
    at, end = _HEAD.size, _HEAD.unpack_from(content)[0]
    while at < end:
        length, n = _ENTRY.unpack_from(content, at)
        numbers = at + _ENTRY.size + length
        yield bytes(content[at + _ENTRY.size : numbers]), numbers, n
        at = numbers + 8 * n


def _written(labels: Mapping[str, object]) -> str:
    return ",".join(f'{name}="{_quoted(str(value))}"' for name, value in labels.items())


def _quoted(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def as_text(numbers: Mapping[Key, Sequence[float]], says: Mapping[str, tuple[str, str]]) -> str:
    """The numbers as Prometheus reads them; `says` has each name's kind and what it means."""
    lines: list[str] = []
    for name, (kind, meaning) in says.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        for (_name, labels), values in sorted(
            (key, value) for key, value in numbers.items() if key[0] == name
        ):
            lines += (
                _histogram(name, labels, values) if kind == "histogram" else [_line(name, labels, values[0])]
            )
    return "\n".join(lines) + "\n"


def _histogram(name: str, labels: str, values: Sequence[float]) -> list[str]:
    n, total, *steps = values
    before = f"{labels}," if labels else ""
    # Each step as Prometheus has it: all that took no longer.
    names = [*(f"{bound:g}" for bound in BUCKETS), "+Inf"]
    bounds = zip(names, accumulate(steps), strict=True)
    buckets = [_line(f"{name}_bucket", f'{before}le="{bound}"', step) for bound, step in bounds]
    return [*buckets, _line(f"{name}_sum", labels, total), _line(f"{name}_count", labels, n)]


def _line(name: str, labels: str, value: float) -> str:
    return f"{name}{{{labels}}} {value:.10g}" if labels else f"{name} {value:.10g}"
