"""`make bench`: every figure beside its ceiling, printed and written to docs/benchmarks.md."""

import platform
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from benchmarks import ranking, serving
from benchmarks.pairs import Figure
from benchmarks.sites import CHECKOUT, demo_site
from evalsys.kernel.clock import SHANGHAI
from evalsys.kernel.database import sqlite_library

REPORT = CHECKOUT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. Absolute figures move with the machine and the minute; **only the ratio of two
figures taken in turn in the same run says something** (medians of five rounds). What each ceiling is
stands in the code of `benchmarks/`.
"""


def main() -> int:
    """Measure everything; exit 1 where a figure could not be taken."""
    figures: list[Figure] = []
    with demo_site() as site:
        figures += _shown(serving.figures(site))
    figures += _shown(ranking.figures())
    REPORT.write_text(_report(figures), encoding="utf-8")
    print(f"written to {REPORT.relative_to(CHECKOUT)}")
    return 0


def _shown(figures: Iterable[Figure]) -> Iterator[Figure]:
    for figure in figures:
        print(
            f"{figure.name}\n  {figure.measured}\n  ceiling {figure.ceiling}\n"
            f"  ratio {figure.ratio_words or '–'} (reach {figure.reach})",
            flush=True,
        )
        yield figure


def _report(figures: Iterable[Figure]) -> str:
    rows = [
        f"| {figure.name} | {figure.measured} | {figure.ceiling} | {figure.ratio_words} | {figure.reach} |"
        for figure in figures
    ]
    head = "| figure | measured | ceiling | ratio | reach |\n|---|---|---|---|---|"
    return "\n".join((HEAD, _machine(), "", head, *rows, ""))


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


if __name__ == "__main__":
    sys.exit(main())
