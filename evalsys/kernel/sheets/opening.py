"""Has spreadsheets opened by a process of its own: a hostile file ends that process and nothing else."""

import subprocess
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from evalsys.kernel import apart

MOST_MEMORY = 2 * 1024**3
"""Bytes of address space the opening process may take; far more than any file of a hall needs."""
MOST_UNPACKED = 100 * 1024**2
"""Bytes a packed file may unpack to."""
MOST_CELLS = 3_000_000
"""A sheet that stretches further is refused before it fills the memory."""
LONGEST = 120
"""Seconds after which opening is given up."""

_BROKEN = "打不开,可能已损坏;请用表格软件打开后另存为xlsx再导入"

Place = tuple[int, int]


class CannotOpen(Exception):
    """The file cannot be opened; the sentence says why and what to do."""


@dataclass(frozen=True)
class Opened:
    """One sheet as the file holds it; merged cells have their value in the first corner only."""

    title: str
    is_visible: bool
    rows: list[list[Any]]
    merged: list[tuple[Place, Place]]


def opened(content: bytes) -> list[Opened]:
    """The worksheets of an xlsx or xls file, in order; raises CannotOpen."""
    try:
        told = apart.answer_of("evalsys.kernel.sheets.unpacking", content, LONGEST)
    except (subprocess.TimeoutExpired, ValueError):
        raise CannotOpen(_BROKEN) from None
    if isinstance(told, str):
        raise CannotOpen(told)
    return [Opened(title, shown, _revived(rows), merged) for title, shown, rows, merged in told]


def _revived(rows: list[list[Any]]) -> list[list[Any]]:
    return [[_cell(cell) if isinstance(cell, list) else cell for cell in row] for row in rows]


def _cell(told: list[Any]) -> date | time | timedelta:
    kind, value = told
    if kind == "instant":
        return datetime.fromisoformat(value)
    if kind == "day":
        return date.fromisoformat(value)
    return time.fromisoformat(value) if kind == "hour" else timedelta(seconds=value)
