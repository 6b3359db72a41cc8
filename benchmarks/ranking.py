"""What leadership waits for: each ranking over the sums of a hundred thousand and of a million ratings.

The ceiling is the engine's own: the same rows of the sums added up by one hand-written statement.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from benchmarks.filling import fill
from benchmarks.pairs import Figure
from benchmarks.sites import demo_site
from evalsys.app import create_app
from evalsys.kernel import clock, database, settings
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import Period
from evalsys.scoring.queries import sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS
from tests import postgres

SIZES = (100_000, 1_000_000)
SPREAD_OVER = 365
TIMES = 21
REACH = {"SQLite": "p50 ≤ 5 ms", "PostgreSQL": "p50 ≤ 10 ms"}
KEYS = {WINDOWS: "window_id", STAFF: "staff_id", DEPARTMENTS: "unit_id"}


def figures() -> Iterator[Figure]:
    """P7 on both engines, where there is a PostgreSQL server."""
    yield from _on("SQLite", "")
    with _postgresql() as address:
        if address:
            yield from _on("PostgreSQL", address)


@contextmanager
def _postgresql() -> Iterator[str]:
    try:
        with postgres.running_server() as address:
            yield address
    except postgres.NoServer as missing:
        print(f"PostgreSQL left out: {missing}")
        yield ""


def _on(engine: str, address: str) -> Iterator[Figure]:
    with demo_site(0, address) as site:
        app = create_app(settings.from_environment(site.environment))
        with app.app_context():
            filled, smaller = 0, dict.fromkeys(KEYS, 0.0)
            for size in SIZES:
                with database.transaction() as session:
                    period = fill(session, filled + 1, size, clock.today(), SPREAD_OVER)
                filled = size
                for subject in KEYS:
                    with database.transaction() as session:
                        ours, bare = _ranked(session, subject, period)
                    name = f"ranking of {subject}, {period.days} days, {size:,} ratings, {engine}"
                    yield _figure(name, ours, bare, smaller[subject], REACH[engine])
                    smaller[subject] = ours


def _ranked(session: Session, subject: str, period: Period) -> tuple[float, float]:
    chosen = settings.current()
    return _in_turn(
        lambda: sums.ranking(session, subject, Filter(period), EVERYTHING, chosen),
        lambda: _bare(session.connection(), subject, period),
    )


def _figure(name: str, ours: float, bare: float, smaller: float, reach: str) -> Figure:
    growth = f" · {ours / smaller:.2f} × the time at {SIZES[0]:,}" if smaller else ""
    return Figure(
        f"{name} ÷ the engine's own sum",
        f"p50 {ours:.1f} ms{growth}",
        f"p50 {bare:.1f} ms",
        bare / ours,
        reach,
    )


def _bare(connection: Connection, subject: str, period: Period) -> None:
    columns = ", ".join(f"SUM(n{level})" for level in (5, 4, 3, 2, 1))
    statement = text(
        f"SELECT {KEYS[subject]}, channel, {columns} FROM daily_sums "
        f"WHERE day BETWEEN :first AND :last GROUP BY {KEYS[subject]}, channel"
    )
    connection.execute(statement, {"first": period.first, "last": period.last}).all()


def _in_turn(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """The median milliseconds of both, run in turn, one run of each unmeasured."""
    ours()
    bare()
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(TIMES):
        for times, run in zip(took, (ours, bare), strict=True):
            began = time.perf_counter()
            run()
            times.append((time.perf_counter() - began) * 1000)
    return median(took[0]), median(took[1])
