"""What a worker holds in memory, and how large the log before the database grows, under load.

`python -m benchmarks.memory [RATINGS] [REQUESTS]` prints every step.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from benchmarks import imports
from benchmarks.client import get, load
from benchmarks.filling import fill
from benchmarks.page import signed_in
from benchmarks.pairs import Figure
from benchmarks.processor import descendants_of
from benchmarks.rating import ratings
from benchmarks.sites import CHECKOUT, Site, copy_of, demo_site, inside, product
from evalsys.kernel import clock, database

RATINGS, REQUESTS = 100_000, 20_000
MOST, LARGEST_LOG = 150, 70  # megabytes; the log is cut to 64 MiB after a long reader
CLIENTS, READERS = 32, 4
DAYS = 365
PAGES = (
    *(f"/rankings/{subject}" for subject in ("windows", "staff", "departments")),
    *("/comments", "/comments?level=1", "/comments?words=1"),
    *(f"/rankings/windows.{kind}" for kind in ("csv", "xlsx")),
)


@dataclass(frozen=True)
class Held:
    """What was held at one moment: megabytes of the largest worker, now and at most; of the WAL file."""

    asked: int
    worker: float
    most: float
    log: float

    def __str__(self) -> str:
        return (
            f"{self.asked:>9,} requests: worker {self.worker:.0f} MB (at most {self.most:.0f} MB), "
            f"WAL {self.log:.1f} MB"
        )


@dataclass(frozen=True)
class Parts:
    """What a worker holds once it is loaded, in megabytes by part."""

    held: dict[str, float]

    def in_words(self) -> str:
        """Sentences: what holds it, and what cannot be saved."""
        parts = ", ".join(
            f"{name} {megabytes:.0f}"
            for name, megabytes in sorted(self.held.items(), key=lambda one: -one[1])
        )
        floor = sum(self.held[name] for name in (imports.FIRST, *imports.LIBRARIES))
        return (
            "Before its first request a process that has loaded the product holds "
            f"{sum(self.held.values()):.0f} MB: {parts}. The floor is {floor:.0f} MB: Python and the "
            "libraries without which nothing is answered. What comes later is prepared statements, "
            "templates, kept pages, and what threads hold at once."
        )


def parts_of_worker(site: Site, _server: str = "") -> Parts:
    """What the libraries and the product hold, loaded one after the other in a fresh process."""
    find = "import sys, evalsys.app; print(*sys.modules)"
    modules = _said(site, "-c", find).split()
    known = {module for several in imports.FOR_FILES.values() for module in several}
    return Parts(json.loads(_said(site, "-m", "benchmarks.imports", *sorted(known & set(modules)))))


def _said(site: Site, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=site.environment, check=True, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    ).stdout


def figures(site: Site, number: int = RATINGS, requests: int = REQUESTS) -> Iterator[Figure]:
    """What one worker holds after all the requests, and how large the log has become."""
    with copy_of(site) as ours:
        with inside(ours.environment), database.transaction() as session:
            fill(session, 1, number, clock.today(), DAYS)
        steps = list(measured(ours, requests))
    first, last = steps[0], steps[-1]
    where = f"{number:,} ratings, SQLite, after {last.asked:,} requests"
    yield Figure(
        "memory",
        f"a worker, {where}",
        f"{last.worker:.0f} MB · at first {first.worker:.0f} MB · at most {last.most:.0f} MB",
        "",
        "",
        f"≤ {MOST} MB",
        last.worker <= MOST,
    )
    log = max(step.log for step in steps)
    yield Figure(
        "memory", f"the log, {where}", f"{log:.1f} MB", "", "", f"≤ {LARGEST_LOG} MB", log <= LARGEST_LOG
    )


def measured(site: Site, requests: int, steps: int = 5) -> Iterator[Held]:
    """Ask one worker for ratings, forms and pages, and look at it before and after each step."""
    with product(site) as served:
        yield _held(site, served.process, 0)
        codes = list(site.places)
        cookie = signed_in(served.port, *site.accounts["leadership"])
        for step in range(1, steps + 1):
            number = requests // steps
            load(served.port, islice(ratings(codes), number // 2), CLIENTS, 303)
            pages = [get(path, cookie, packed=True) for path in islice(cycle(PAGES), number // 50)]
            forms = [get(f"/q/{code}") for code in islice(cycle(codes), number - number // 2 - len(pages))]
            load(served.port, forms, CLIENTS, 200)
            load(served.port, pages, READERS, 200)
            yield _held(site, served.process, step * number)


def _held(site: Site, server: int, asked: int) -> Held:
    told = [_told(process) for process in descendants_of(server)]
    now, most = max(told, default=(0.0, 0.0))
    log = site.file.with_name(f"{site.file.name}-wal")
    return Held(asked, now, most, log.stat().st_size / 1e6 if log.exists() else 0.0)


def _told(process: int) -> tuple[float, float]:
    """Megabytes a process holds now, and held at most."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    now, most = (int(told[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
    return now, most


def main(ratings: int = RATINGS, requests: int = REQUESTS) -> None:
    """Print what is held at the beginning and after every step."""
    with demo_site() as site:
        with inside(site.environment), database.transaction() as session:
            fill(session, 1, ratings, clock.today(), DAYS)
        print(f"{ratings:,} ratings, file {site.file.stat().st_size / 1e6:.0f} MB")
        began = time.monotonic()
        for held in measured(site, requests):
            print(f"{held}, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:]))
