"""Two writers that want the same rows crosswise: the server ends one of them, and it is done once more."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, insert, select, text, update

from evalsys.kernel import clock, writer
from evalsys.kernel.database import db, transaction
from evalsys.kernel.models import JobDone

LONG = 60  # seconds
_WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("on SQLite writers take turns")
        with transaction() as session:
            rows = [{"name": name, "period": "", "done_at": clock.now()} for name in ("a", "b")]
            session.execute(insert(JobDone), rows)
        return db.engine


def add_one(connection: Connection, name: str) -> None:
    """Write in one of the two rows: a stroke for each time."""
    connection.execute(update(JobDone).where(JobDone.name == name).values(period=JobDone.period + "|"))


def nothing(_connection: Connection) -> None:
    pass


@pytest.mark.parametrize("neighbours", [0, 2])
def test_who_is_ended_by_a_deadlock_is_done_once_more(app: Flask, engine: Engine, neighbours: int) -> None:
    tries: list[int] = []
    held, holds, begun, go_on = Event(), Event(), Event(), Event()

    def the_other() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL deadlock_timeout = '60s'")
            add_one(connection, "b")
            holds.set()
            assert held.wait(LONG)
            # From here it waits for the writer.
            add_one(connection, "a")

    def crosswise(connection: Connection) -> None:
        tries.append(1)
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '10ms'")
        add_one(connection, "a")
        held.set()
        if len(tries) == 1:
            until(lambda: waiting(engine) > 0)
        add_one(connection, "b")

    def stay(_connection: Connection) -> None:
        begun.set()
        assert go_on.wait(LONG)

    def ask(action: Callable[[Connection], None]) -> None:
        with app.app_context():
            writer.run(action)

    with ThreadPoolExecutor(8) as people:
        other = people.submit(the_other)
        until(lambda: holds.is_set() or other.done())
        assert not other.done()
        asked = [people.submit(ask, stay)]
        assert begun.wait(LONG)
        asked += [people.submit(ask, action) for action in (crosswise, *(nothing,) * neighbours)]
        with app.app_context():
            until(lambda: len(writer.writer_of(app)) == len(asked) - 1)
        go_on.set()
        for answer in (other, *asked):
            answer.result(LONG)
    assert len(tries) == 2
    with app.app_context():
        found = db.session.scalars(select(JobDone.period).where(JobDone.name.in_(["a", "b"]))).all()
    assert found == ["||"] * 2


def waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(_WAITS).scalar_one())


def until(seen: Callable[[], bool]) -> None:
    patience_ends = time.monotonic() + LONG
    while not seen():
        assert time.monotonic() < patience_ends
        time.sleep(0.01)
