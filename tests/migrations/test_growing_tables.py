"""No migration locks, scans or rewrites a table full of ratings: what each says is looked at."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from flask import Flask

from evalsys.kernel import schema
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings
from evalsys.migrations import gently
from tests.migrations.places import an_empty_place, revisions
from tests.migrations.statements import faults_of, recorded

# No site held a row when these changed tables of one another.
FOUNDING = ("0001", "0002")


def test_no_migration_stands_in_the_way_of_ratings(site_settings: Settings, engine_name: str) -> None:
    faults = {}
    with an_empty_place(site_settings):
        for revision in revisions():
            with recorded() as said:
                schema.upgrade(revision)
            assert any("ALEMBIC_VERSION" in statement for statement in said)
            if revision not in FOUNDING:
                faults[revision] = faults_of(said, on_sqlite=engine_name == "sqlite")
    assert {revision: found for revision, found in faults.items() if found} == {}


def said_by(change: Callable[[], object]) -> list[str]:
    """What a migration says that makes this change; nothing of it is kept."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
        step = context.begin_transaction(_per_migration=True)
        with recorded() as said, Operations.context(context), step:
            change()
            connection.rollback()
    return said


def add(column: sa.Column[int]) -> Callable[[], object]:
    return lambda: op.add_column("ratings", column)


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda: op.create_index("ix_naughty", "ratings", ["level"]), "locks the writers out"),
        (lambda: op.drop_index("ix_ratings_root"), "locks everybody out"),
        (lambda: op.execute("CREATE UNIQUE INDEX ix_naughty ON ratings (salt)"), "locks the writers out"),
        (add(sa.Column("weight", sa.Integer(), nullable=False)), "lack the new column"),
        (add(sa.Column("weight", sa.Float(), server_default=sa.text("random()"))), "its own default"),
        (lambda: op.alter_column("ratings", "level", type_=sa.BigInteger()), "type writes the table anew"),
        (lambda: op.alter_column("services", "staff_id", nullable=False), "looked at under a lock"),
        (lambda: op.create_check_constraint("ck_naughty", "ratings", "level > 0"), "looked at under a lock"),
        (lambda: op.create_unique_constraint("uq_naughty", "services", ["id"]), "looked at under a lock"),
        (lambda: op.execute("UPDATE services SET ticket = NULL"), "one long transaction"),
        (lambda: op.execute("LOCK TABLE ratings"), "a table is locked"),
    ],
)
def test_a_change_that_stands_in_the_way_is_named(
    app: Flask, change: Callable[[], object], fault: str
) -> None:
    with app.app_context():
        (found,) = faults_of(said_by(change))
    assert fault in found


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize(
    "change",
    [
        lambda: gently.add_index("ix_gentle", "ratings", ["level"]),
        lambda: gently.drop_index("ix_ratings_root", "ratings"),
        add(sa.Column("weight", sa.Integer(), nullable=False, server_default="1")),
        add(sa.Column("weight", sa.Integer(), nullable=True)),
        lambda: op.execute("ALTER TABLE ratings ADD CONSTRAINT ck_gentle CHECK (level > 0) NOT VALID"),
    ],
)
def test_a_gentle_change_is_let_through(app: Flask, change: Callable[[], object]) -> None:
    with app.app_context():
        assert faults_of(said_by(change)) == []


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_an_index_beside_the_writers_stands_alone(app: Flask) -> None:
    def change() -> None:
        op.add_column("ratings", sa.Column("weight", sa.Integer()))
        gently.add_index("ix_gentle", "ratings", ["weight"])

    with app.app_context():
        assert "of its own" in faults_of(said_by(change))[0]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_table_written_anew_is_named_on_sqlite_too(app: Flask) -> None:
    def change() -> None:
        with op.batch_alter_table("rating_tags") as table:
            table.alter_column("tag", type_=sa.String(20))

    with app.app_context():
        assert "written anew" in faults_of(said_by(change), on_sqlite=True)[0]
