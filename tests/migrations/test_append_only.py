"""Ratings cannot be changed or removed on either engine, and no migration takes the guards away."""

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evalsys.evaluation.actions import standing
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.standing import Decision
from evalsys.evaluation.rules import REDACTED, Explanation
from evalsys.identity.actions.accounts import NewAccount, create_account
from evalsys.identity.queries.accounts import account_by_name
from evalsys.kernel import clock, schema
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings
from evalsys.kernel.types import Base
from tests.builders import a_rating, a_unit, a_window
from tests.conftest import Inside
from tests.migrations.places import an_empty_place, revisions

APPEND_ONLY = (
    "ratings",
    "submissions",
    "reasons",
    "rating_tags",
    "attributions",
    "standings",
    "journal",
)
LATER = (
    *("service_ratings", "paper_forms", "sealed_entries", "seal_blocks", "seals"),
    *("signal_days", "signal_hits", "marked_ratings"),
    *("standing_proposals", "proposed_ratings", "proposal_decisions"),
)


@pytest.fixture
def filled(committed: Inside) -> None:
    """One row at least in every append-only table."""

    def fill(session: Session) -> None:
        root = a_rating(session, a_window(session), 1, receipt_hash="r").root
        connection = session.connection()
        explain_rating(connection, "r", Explanation(tags=("115",), text="慢"), clock.now())
        people = []
        for name in ("one", "two"):
            create_account(session, NewAccount(name, name, a_unit(session), frozenset({"auditor"})), None)
            account = account_by_name(session, name)
            assert account is not None
            people.append(account.id)
        decision = Decision("重复", people[0], people[1], clock.now())
        standing.decide_standing(connection, root, "held", decision)

    committed(fill)


def refused(app: Flask, statement: str) -> bool:
    with app.app_context(), db.engine.connect() as connection:
        try:
            connection.execute(text(statement))
        except DBAPIError as error:
            return "append-only" in str(error.orig) or "redaction" in str(error.orig)
        return False


def test_no_row_is_changed_or_removed(app: Flask, filled: None) -> None:
    acts = [f"DELETE FROM {table}" for table in APPEND_ONLY]
    for table in APPEND_ONLY:
        column = next(iter(Base.metadata.tables[table].columns)).name
        acts.append(f"UPDATE {table} SET {column} = {column}")
    assert [act for act in acts if not refused(app, act)] == []


def test_no_table_is_emptied(app: Flask, filled: None, engine_name: str) -> None:
    emptied = "TRUNCATE {} CASCADE" if engine_name == "postgresql" else "DELETE FROM {}"
    acts = [emptied.format(table) for table in (*APPEND_ONLY, "rating_texts")]
    assert [act for act in acts if not refused(app, act)] == []


def test_replacing_a_row_is_removing_it(app: Flask, filled: None, engine_name: str) -> None:
    if engine_name == "sqlite":
        assert refused(app, "INSERT OR REPLACE INTO ratings SELECT * FROM ratings")


def test_words_change_only_by_redaction(app: Flask, filled: None) -> None:
    assert refused(app, "UPDATE rating_texts SET text = '好'")
    assert refused(app, f"UPDATE rating_texts SET text = '{REDACTED}'")
    assert refused(app, "DELETE FROM rating_texts")
    now = clock.now().isoformat(sep=" ")[:19]
    assert not refused(app, f"UPDATE rating_texts SET text = '{REDACTED}', redacted_at = '{now}'")


def guards(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        wanted = "SELECT tgname || ' ' || tgtype FROM pg_trigger WHERE NOT tgisinternal"
    return set(connection.execute(text(wanted)).scalars())


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_the_guards_survive_every_migration(site_settings: Settings) -> None:
    """Walk an empty place up, one revision at a time: a guard once there is there for ever.

    On SQLite the walk with rows looks at them too.
    """
    seen: set[str] = set()
    with an_empty_place(site_settings):
        for revision in revisions():
            schema.upgrade(revision)
            with db.engine.connect() as connection:
                assert seen <= guards(connection)
                seen = guards(connection)
    for table in (*APPEND_ONLY, *LATER, "rating_texts"):
        assert sum(name.startswith(f"{table}_") for name in seen) >= 2, table


def test_models_and_migrations_agree(app: Flask) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
