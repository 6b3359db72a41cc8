"""A process that writes by the product's writer from many threads: `python -m benchmarks.writers THREADS`.

Each line on its standard input names what to write, how wide, and for how many seconds; each is answered by
a line with how many were committed a second. The site is that of the environment.

`row` is an action of one row, `rows` the same with a function that does many at once, `rating` is
`record_rating` over all windows, `storm` is `record_rating` at a single one. `driver` is the rows of all
threads by the driver alone, in one statement and one commit after the other; `queue` is `rows` without any
database: what it costs to hand an action to the writer's thread and be told its answer.
"""

import secrets
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, String, Table, insert

from evalsys.app import create_app
from evalsys.evaluation.actions.ratings import record_rating
from evalsys.evaluation.queries import codes
from evalsys.evaluation.rules import Answer, Visit
from evalsys.kernel import clock, database, writer
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.batches import together
from evalsys.organisation.queries.places import Place

ROWS = Table(
    "benchmark_rows",
    MetaData(),
    Column("key", String(32), primary_key=True),
    Column("window_id", Integer),
    Column("level", Integer),
    Column("salt", LargeBinary(16)),
)
_NEW_ROW = insert(ROWS)
SALT = b"benchmark's salt"


def add_row(connection: Connection, key: str) -> None:
    """An action of one row."""
    connection.execute(_NEW_ROW, {"key": key, "window_id": 1, "level": 5, "salt": SALT})


def _add_rows(connection: Connection, several: Sequence[tuple[str]]) -> Sequence[None]:
    rows = [{"key": key, "window_id": 1, "level": 5, "salt": SALT} for (key,) in several]
    connection.execute(_NEW_ROW, rows)
    return [None] * len(several)


@together(_add_rows)
def add_row_among_others(connection: Connection, key: str) -> None:
    """The same, which may be done together with others of its kind."""
    add_row(connection, key)


def write_row(_: int) -> None:
    """One row, in a savepoint of its own where others wait as well."""
    writer.run(add_row, secrets.token_hex(12))


def write_rows(_: int) -> None:
    """One row, together with those of others."""
    writer.run(add_row_among_others, secrets.token_hex(12))


def rate(places: Sequence[Place], number: int) -> None:
    """One rating with everything that follows, at one place after the other."""
    place, now = places[number % len(places)], clock.now()
    visit = Visit(
        window_id=place.window_id,
        hall_id=place.hall_id,
        unit_id=place.unit_id,
        entry="window-code",
        channel="on-the-go",
        opened_at=now,
        received_at=now,
        terminal="phone",
        device="127.0.0.1 benchmark",
    )
    answer = Answer(2 if number % 50 == 0 else 5, secrets.token_urlsafe(24))
    writer.run(record_rating, visit, answer, secrets.token_hex(32))


def queue_rate(crew: "Crew", seconds: float) -> float:
    """Actions a second that are handed over and answered, and not carried out."""
    with patch.object(writer, "commit", lambda _batch: []):
        return crew.rate_of(write_rows, seconds)


@dataclass
class Crew:
    """The threads: each writes until told to stop, and counts what was committed."""

    app: Flask
    threads: int

    def rate_of(self, write: Callable[[int], Any], seconds: float) -> float:
        """How many were committed a second, all threads together."""
        numbers, done, faults = count(), [0] * self.threads, list[BaseException]()
        until = time.perf_counter() + seconds

        def work(own: int) -> None:
            with self.app.app_context():
                try:
                    while time.perf_counter() < until:
                        write(next(numbers))
                        done[own] += 1
                except BaseException as fault:
                    faults.append(fault)
                    raise

        crew = [threading.Thread(target=work, args=(own,)) for own in range(self.threads)]
        began = time.perf_counter()
        for member in crew:
            member.start()
        for member in crew:
            member.join()
        if faults:
            raise faults[0]
        return sum(done) / (time.perf_counter() - began)


def driver_rate(threads: int, seconds: float) -> float:
    """Rows a second by the driver alone, as many in each commit as there are threads."""
    statement = str(_NEW_ROW.compile(dialect=database.db.engine.dialect))
    connection, done = database.db.engine.raw_connection(), 0
    began = time.perf_counter()
    try:
        while time.perf_counter() < began + seconds:
            rows = [
                {"key": secrets.token_hex(12), "window_id": 1, "level": 5, "salt": SALT}
                for _ in range(threads)
            ]
            connection.cursor().executemany(statement, rows)
            connection.commit()
            done += threads
    finally:
        connection.close()
    return done / (time.perf_counter() - began)


def main() -> None:
    """Do what is asked until nothing more is."""
    app = create_app()
    with app.app_context():
        with database.transaction() as session:
            places = [code.place for code in codes.current_codes(session, EVERYTHING, clock.today())]
        crew = Crew(app, int(sys.argv[1]))
        ways: dict[str, Callable[[int], None]] = {
            "row": write_row,
            "rows": write_rows,
            "rating": partial(rate, places),
            "storm": partial(rate, places[:1]),
        }
        bare: dict[str, Callable[[float], float]] = {
            "driver": partial(driver_rate, crew.threads),
            "queue": partial(queue_rate, crew),
        }
        print("ready", flush=True)
        for line in sys.stdin:
            what, seconds = line.split()
            rate_of = bare[what] if what in bare else partial(crew.rate_of, ways[what])
            print(rate_of(float(seconds)), flush=True)


if __name__ == "__main__":
    main()
