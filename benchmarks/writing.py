"""P4 and P5: what the writer commits in a second, beside the engine's own single-row commits."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.pairs import ROUNDS, Figure
from benchmarks.sites import Site, copy_of, inside
from benchmarks.writers import ROWS
from evalsys.kernel import database
from evalsys.kernel.database import sqlite_library
from tests.postgres import machine_binaries, wheel_binaries

CLIENTS = 64
SECONDS = 1.0
RAW = "INSERT INTO benchmark_rows (key, window_id, level, salt) VALUES (hex(randomblob(12)), 1, 5, ?)"
PGBENCH = (
    "INSERT INTO benchmark_rows (key, window_id, level, salt) "
    "VALUES (md5(random()::text || clock_timestamp()::text), 1, 5, '\\x62656e63686d61726b27732073616c74');\n"
)
WORDS = {
    "row": "an action of one row, each in its savepoint",
    "rows": "an action of one row, done together",
    "rating": "record_rating with all that follows",
    "storm": "record_rating, everybody at one window",
    "queue": "the queue and its threads alone, without a database",
    "driver": "the same rows, as many in each commit, by psycopg alone",
}


class Writers:
    """Processes with the product's writer, asked in step."""

    def __init__(self, programs: list[subprocess.Popen[str]]) -> None:
        self._programs = programs
        for program in programs:
            _line(program)

    def rate(self, what: str, seconds: float = SECONDS) -> float:
        """How many all of them committed a second."""
        for program in self._programs:
            assert program.stdin is not None
            print(what, seconds, file=program.stdin, flush=True)
        return sum(float(_line(program)) for program in self._programs)


def _line(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    line = program.stdout.readline()
    if not line:
        raise RuntimeError("a writing process ended")
    return line


@contextmanager
def writers(site: Site, processes: int) -> Iterator[Writers]:
    """So many processes, with CLIENTS threads among them."""
    with inside(site.environment), database.transaction() as session:
        ROWS.create(session.connection())
    command = [sys.executable, "-m", "benchmarks.writers", str(CLIENTS // processes)]
    with ExitStack() as opened:
        programs = []
        for _ in range(processes):
            program = subprocess.Popen(
                command,
                env=site.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=site.environment["PYTHONPATH"],
            )
            opened.enter_context(program)
            programs.append(program)
        yield Writers(programs)


def on_sqlite(site: Site) -> Iterator[Figure]:
    """P4: one process with a batch of up to 64, beside one row and one commit after the other."""
    with copy_of(site) as ours, writers(ours, 1) as crew:
        connection = _raw_connection(ours)
        note = ""
        for what, reach in (("queue", None), ("row", None), ("rows", 6.0), ("rating", None)):
            found = _in_turn(lambda what=what: crew.rate(what), lambda: raw_rate(connection))
            name = f"SQLite writer, {CLIENTS} waiting, {WORDS[what]} ÷ raw single-row durable commits"
            yield _beside("P4", name, found, reach, note)
            note = note or _floor(found)
        connection.close()


def _raw_connection(site: Site) -> Any:
    connection = sqlite_library().connect(site.file, isolation_level=None, timeout=30)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def raw_rate(connection: Any, seconds: float = SECONDS) -> float:
    """Single rows, each committed durably before the next, a second."""
    done, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds:
        connection.execute(RAW, (b"benchmark's salt",))
        done += 1
    return done / (time.perf_counter() - began)


def on_postgresql(site: Site, server: str) -> Iterator[Figure]:
    """P5: two processes with 32 waiting each, beside pgbench with 64 clients; and everybody at one window."""
    with copy_of(site, server) as ours, writers(ours, 2) as crew:
        driver, queue = (
            _in_turn(lambda what=what: crew.rate(what), lambda: pgbench_rate(ours))
            for what in ("driver", "queue")
        )
        yield _beside("P5", f"PostgreSQL, 2 processes, {WORDS['driver']} ÷ pgbench insert", driver, None)
        yield _beside("P5", f"PostgreSQL, 2 processes, {WORDS['queue']} ÷ pgbench insert", queue, None)
        note = (
            f"{_floor(queue)} The driver alone, without queue, thread or answer, reaches {driver[2]:.2f} on "
            "this machine, where clients and server share the cores."
        )
        for what, reach in (("row", None), ("rows", 2.5), ("rating", None)):
            yield _beside(
                "P5",
                f"PostgreSQL, 2 batching writers, {CLIENTS} waiting, {WORDS[what]} ÷ pgbench insert",
                _in_turn(lambda what=what: crew.rate(what), lambda: pgbench_rate(ours)),
                reach,
                note,
            )
        yield _beside(
            "P5",
            f"PostgreSQL, 2 batching writers, {CLIENTS} waiting, {WORDS['storm']} ÷ over all windows",
            _in_turn(lambda: crew.rate("storm"), lambda: crew.rate("rating")),
            0.9,
        )


def pgbench_rate(site: Site, seconds: int = 1) -> float:
    """Plain single-row inserts of 64 clients, each its own durable transaction, a second."""
    binaries = machine_binaries() or wheel_binaries()
    assert binaries is not None
    script = site.folder / "insert.sql"
    script.write_text(PGBENCH)
    address = urlsplit(site.environment["EVALSYS_DATABASE_URL"])
    command = [binaries / "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
    command += ["-T", str(seconds), "-f", script, "-h", parse_qs(address.query)["host"][0]]
    command += ["-U", address.username or "", address.path.removeprefix("/")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


def _floor(queue: tuple[float, float, float]) -> str:
    return (
        "To hand each action from a waiting thread to the one that writes, and its answer back, allows "
        f"{queue[2]:.2f} with a database that takes no time at all."
    )


def _in_turn(ours: Any, bare: Any) -> tuple[float, float, float]:
    """The medians of both rates and of their ratio (ours ÷ bare), round by round."""
    ours()
    bare()
    rates = [(ours(), bare()) if number % 2 == 0 else (bare(), ours())[::-1] for number in range(ROUNDS)]
    return (
        median(one for one, _ in rates),
        median(other for _, other in rates),
        median(one / other for one, other in rates),
    )


def _beside(
    number: str, name: str, found: tuple[float, float, float], reach: float | None, note: str = ""
) -> Figure:
    ours, bare, ratio = found
    return Figure(
        number,
        name,
        f"{ours:,.0f}/s",
        f"{bare:,.0f}/s",
        f"{ratio:.2f}",
        "for comparison" if reach is None else f"≥ {reach:g}",
        None if reach is None else ratio >= reach,
        note,
    )
