"""A small hall with every way to rate, served over HTTP, and all its rows for comparison."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import MetaData, select, text
from sqlalchemy.orm import Session

from evalsys.assurance.actions.asking import Site
from evalsys.assurance.queries import probes
from evalsys.assurance.rules.probes import Way
from evalsys.identity.actions import devices
from evalsys.kernel import clock
from evalsys.kernel.database import db, write_connection
from evalsys.kernel.pulse import PULSE
from tests.builders import a_clerk, a_rating, a_window, around, code_of, on_duty
from tests.conftest import Inside
from tests.server import served_here


def a_hall_with_every_way(committed: Inside) -> str:
    """One window with a code, a tablet, a clerk and some ratings, and a kiosk beside it; the code."""

    def make(session: Session) -> str:
        window = a_window(session)
        on_duty(session, window, a_clerk(session), *around(clock.now()))
        for kind, window_id in (("tablet", window.window_id), ("kiosk", None)):
            new = devices.NewDevice(kind, window.hall_id, window_id, kind)
            _, code = devices.add_device(session, new, None, clock.now())
            devices.pair_device(session.connection(), code, clock.now())
        a_rating(session, window, 5)
        return code_of(session, window)

    return str(committed(make))


@contextmanager
def served(app: Flask) -> Iterator[Site]:
    """The application behind a real socket."""
    with served_here(app) as address:
        yield Site(address)


def ways_of(app: Flask, now: datetime) -> list[Way]:
    """Every way there is."""
    with app.app_context():
        return probes.ways(db.session(), now)


def everything(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table, but for the beat that rehearsals write in place of what they take back."""
    tables = MetaData()
    with app.app_context(), db.engine.connect() as connection:
        tables.reflect(connection)
        found = {
            name: sorted(map(repr, connection.execute(select(table))))
            for name, table in tables.tables.items()
        }
    found["jobs"] = [row for row in found["jobs"] if not row.startswith(f"('{PULSE}'")]
    return found


def run(app: Flask, statement: str) -> None:
    """Run one statement, as somebody with the database's password could."""
    with app.app_context(), write_connection() as connection:
        connection.execute(text(statement))
