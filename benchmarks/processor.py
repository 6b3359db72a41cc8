"""What /proc says: the processes something has started, and the processor time they have used so far."""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def used_by(process: int) -> float:
    """Seconds of processor time used so far by a process and by all that descend from it."""
    told = _told()
    return sum(told[one][1] for one in told if one == process or process in _above(one, told))


def descendants_of(process: int) -> list[int]:
    """The processes that descend from one, in the order of their numbers."""
    told = _told()
    return sorted(one for one in told if process in _above(one, told))


def _told() -> dict[int, tuple[int, float]]:
    """Each process with its parent and its seconds of processor time."""
    told: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            told[int(entry.name)] = int(words[1]), (int(words[11]) + int(words[12])) / TICKS
    return told


def _above(process: int, told: dict[int, tuple[int, float]]) -> Iterator[int]:
    while process in told:
        process = told[process][0]
        yield process
