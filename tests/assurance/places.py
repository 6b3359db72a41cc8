"""Empty places to restore into, and sites to back up."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, make_url, text

from evalsys.kernel import clock, files
from evalsys.kernel.database import sqlite_library, transaction
from evalsys.kernel.files import Kept
from evalsys.kernel.settings import Settings
from tests.builders import a_rating, a_window, code_of
from tests.conftest import settings_for

PDF = b"%PDF-1.7\n" + b"evidence" * 9
DEVICE = "d" * 64  # the mark of a device, which no backup may hold


class Silent:
    """A progress bar nobody looks at."""

    def update(self, n: int) -> None:
        """Nothing to show."""


def unwatched(_what: str, _size: int) -> Any:
    """Progress that nobody looks at."""
    return nullcontext(Silent())


@contextmanager
def an_empty_place(folder: Path, like: Settings) -> Iterator[Settings]:
    """Another place on the same engine with nothing in it."""
    if not like.database_url:
        yield settings_for(folder)
        return
    url, name = make_url(like.database_url), f"empty_{uuid4().hex[:12]}"
    with connected_to(like) as engine, engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(f"CREATE DATABASE {name}"))
    yield settings_for(folder, url.set(database=name).render_as_string(hide_password=False))
    with connected_to(like) as engine, engine.connect() as connection:
        drop = text(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(drop)


@contextmanager
def connected_to(place: Settings) -> Iterator[Engine]:
    """An engine of its own for a place."""
    module = {} if place.database_url else {"module": sqlite_library()}
    engine = create_engine(place.database, **module)
    yield engine
    engine.dispose()


def tables_of(place: Settings) -> list[str]:
    """The tables that lie in a place; a SQLite file that is not there is not made."""
    if not place.database_url and not Path(make_url(place.database).database or "").exists():
        return []
    with connected_to(place) as engine:
        return inspect(engine).get_table_names()


def rows_of(place: Settings) -> dict[str, int]:
    """How many rows each table of a place has."""
    with connected_to(place) as engine, engine.connect() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in inspect(engine).get_table_names()
        }


def furnished(app: Flask) -> str:
    """Put two ratings, a device's mark and a handed-in file into a site; the code of its window."""
    with app.app_context(), transaction() as session:
        window = a_window(session)
        for number in range(2):
            a_rating(session, window, 5 - number, receipt_hash=f"receipt {number}")
        session.execute(text("UPDATE rating_traces SET device_hash = :mark"), {"mark": DEVICE})
        session.execute(
            text("INSERT INTO trace_keys (day, secret) VALUES (:day, :secret)"),
            {"day": clock.today().isoformat(), "secret": b"the key of a day's device marks."},
        )
        files.store(session, Kept(sha256_of(PDF), "pdf", PDF), None)
        return code_of(session, window)


def sha256_of(content: bytes) -> str:
    """The name of a file that holds this."""
    import hashlib

    return hashlib.sha256(content).hexdigest()
