"""docs/benchmarks.md: when and on what it was measured, every figure by number, what was missed and why."""

import platform
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from benchmarks.pairs import Figure
from benchmarks.sites import CHECKOUT
from evalsys.kernel.clock import SHANGHAI
from evalsys.kernel.database import sqlite_library

FILE = CHECKOUT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. Absolute figures move with the machine and the minute; **only the ratio of two
figures taken in turn in the same run says something** (medians of five rounds where it is close). What each
ceiling is stands in the code of `benchmarks/`; *ms CPU* is what one answer costs all processes of a server.
"""
TITLES = {
    "client": "The load client",
    "P1": "P1 Giving a rating",
    "P2": "P2 Fairness",
    "P3": "P3 The rating form",
    "P4": "P4 The writer on SQLite",
    "P5": "P5 The writer on PostgreSQL",
    "P6": "P6 Killed under load",
    "P7": "P7 Rankings",
    "P8": "P8 The ranking page",
    "P9": "P9 Rebuilding the sums",
    "R13": "R13 Backup and restore",
    "memory": "Memory of a worker, size of the log",
}
TABLE = "| figure | measured | ceiling | ratio | reach | |\n|---|---|---|---|---|---|"


def write(figures: Sequence[Figure], floors: Sequence[str], minutes: float) -> None:
    """Write the whole report."""
    FILE.write_text(text(figures, floors, _machine(), minutes), encoding="utf-8")


def text(figures: Sequence[Figure], floors: Sequence[str], machine: str, minutes: float) -> str:
    """The report's words; parts with the same number stand together, in the order of TITLES."""
    order = list(TITLES)
    parts = [HEAD, f"{machine} · {minutes:.0f} minutes\n"]
    ranked = sorted(figures, key=lambda figure: order.index(figure.number))
    for number, group in groupby(ranked, key=lambda figure: figure.number):
        parts += [f"## {TITLES[number]}\n", TABLE, *map(_row, group), ""]
    if floors:
        parts += ["## What was not reached: where the time goes, and the floor\n", *_apart(floors)]
    return "\n".join(parts)


def _apart(paragraphs: Iterable[str]) -> Iterable[str]:
    return (f"{paragraph}\n" for paragraph in paragraphs)


def _row(figure: Figure) -> str:
    cells = (figure.name, figure.measured, figure.ceiling, figure.ratio, figure.reach, figure.verdict)
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    day = datetime.now(SHANGHAI).date().isoformat()
    library = sqlite_library().sqlite_version
    return (
        f"{day} · {_processor()} · {platform.system()} {platform.release()} · "
        f"Python {platform.python_version()} · SQLite {library}"
    )


def _processor() -> str:
    cores, model = 0, platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        cores += name.strip() == "processor"
        model = value.strip() if name.strip() == "model name" else model
    return f"{cores} cores {model}"
