"""A site of every release upgrades with its rows: each still stands, and the guards still guard."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from evalsys.kernel import schema
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings
from tests.migrations.places import an_empty_place, revisions
from tests.migrations.rows import Row, all_rows, fill, rows_lost, tables
from tests.migrations.test_append_only import APPEND_ONLY, LATER, guards

# Released steps do not change any more: in `make test` one engine walks all of them, the other the last one.
WALKED = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.long])]


def upgraded() -> Iterator[Any]:
    """Every engine with every release to upgrade from."""
    for revision in revisions():
        yield pytest.param("sqlite", revision, marks=pytest.mark.long)
        ours = [pytest.mark.postgresql]
        later = [] if revision == revisions()[-2] else [pytest.mark.long]
        yield pytest.param("postgresql", revision, marks=ours + later)


def looked_at(before: dict[str, list[Row]], seed: int) -> dict[str, list[Row]]:
    """Look whether what stood before still stands, then put rows into the new tables; what stands now."""
    with db.engine.begin() as connection:
        there = tables(connection)
        assert list(rows_lost(before, all_rows(connection, there))) == []
        fill(connection, there, seed)
        rows = all_rows(connection, there)
    assert [name for name, found in rows.items() if not found] == []
    return rows


def unguarded(connection: Connection) -> list[str]:
    """What can be done to the rows of append-only tables."""
    acts = [f"DELETE FROM {table}" for table in (*APPEND_ONLY, *LATER)]
    for table in (*APPEND_ONLY, *LATER):
        column = _first_column(connection, table)
        acts.append(f"UPDATE {table} SET {column} = {column}")
    return [act for act in acts if not _is_refused(connection, act)]


def _first_column(connection: Connection, table: str) -> str:
    return next(iter(connection.execute(text(f"SELECT * FROM {table}")).keys()))


def _is_refused(connection: Connection, statement: str) -> bool:
    with connection.begin_nested() as step:
        try:
            connection.execute(text(statement))
        except DBAPIError as refusal:
            return "append-only" in str(refusal.orig)
        finally:
            step.rollback()
    return False


@pytest.mark.parametrize("engine_name", WALKED)
def test_each_step_up_keeps_the_rows_and_the_guards(site_settings: Settings) -> None:
    """One walk from the first release to the present one, every table of each with rows in it."""
    with an_empty_place(site_settings):
        before, guarding = dict[str, list[Row]](), set[str]()
        for number, revision in enumerate(revisions()):
            schema.upgrade(revision)
            before = looked_at(before, number)
            with db.engine.connect() as connection:
                assert guarding <= guards(connection), revision
                guarding = guards(connection)
        with db.engine.connect() as connection:
            assert unguarded(connection) == []


@pytest.mark.parametrize(("engine_name", "revision"), list(upgraded()))
def test_a_site_of_each_release_upgrades_at_once(site_settings: Settings, revision: str) -> None:
    with an_empty_place(site_settings):
        schema.upgrade(revision)
        before = looked_at({}, 1)
        schema.upgrade()
        looked_at(before, 2)
        with db.engine.connect() as connection:
            assert unguarded(connection) == []
