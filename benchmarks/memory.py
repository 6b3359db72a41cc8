"""What a worker holds in memory, and how large the log before the database grows, under load.

Run by hand: `python -m benchmarks.memory [RATINGS] [REQUESTS]`; a million and a hundred thousand by default.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path

from benchmarks.client import get, load
from benchmarks.filling import fill
from benchmarks.page import signed_in
from benchmarks.processor import descendants_of
from benchmarks.rating import ratings
from benchmarks.sites import Site, demo_site, inside, product
from evalsys.kernel import clock, database

RATINGS, REQUESTS = 1_000_000, 100_000
CLIENTS = 32
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


def measured(site: Site, requests: int, steps: int = 5) -> Iterator[Held]:
    """Ask one worker for ratings, forms and pages, and look at it before and after each step."""
    with product(site) as served:
        yield _held(site, served.process, 0)
        codes = list(site.places)
        cookie = signed_in(served.port, *site.accounts["leadership"])
        for step in range(1, steps + 1):
            number = requests // steps
            load(served.port, islice(ratings(codes), number // 2), CLIENTS, 303)
            pages = [get(path, cookie) for path in islice(cycle(PAGES), number // 50)]
            forms = [get(f"/q/{code}") for code in islice(cycle(codes), number - number // 2 - len(pages))]
            load(served.port, chain(forms, pages), CLIENTS, 200)
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
