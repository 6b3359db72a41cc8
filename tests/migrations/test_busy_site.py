"""An upgrade on a site at work: it waits briefly, gives up with a sentence, and ratings go on."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from evalsys.kernel import paths, revision, schema
from evalsys.kernel.database import db
from tests.builders import a_window, code_of
from tests.conftest import Inside
from tests.pages import PageClient

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.parametrize("engine_name", ["postgresql"]),
]

PATIENCE = 40.0  # seconds within which an upgrade must have given up, on the busiest of machines
COLUMN = 'op.add_column("ratings", sa.Column("weight", sa.Integer(), nullable=True))'
INDEX = 'gently.add_index("ix_ratings_level", "ratings", ["level"])'
MIGRATION = """
import sqlalchemy as sa
from alembic import op
from evalsys.migrations import gently
revision = "next"
down_revision = "{present}"
def upgrade(): {change}
"""


@pytest.fixture
def code(app: Flask, committed: Inside) -> str:
    """The code of a window where citizens rate meanwhile."""
    return str(committed(lambda session: code_of(session, a_window(session))))


@pytest.fixture
def pending(app: Flask, change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more migration, not yet run; every try waits one second."""
    folder = tmp_path / "migrations"
    shutil.copytree(paths.migrations_folder(), folder)
    with app.app_context(), db.engine.connect() as connection:
        present = revision.present(connection)
    (folder / "versions" / "next.py").write_text(MIGRATION.format(present=present, change=change))
    monkeypatch.setattr(paths, "migrations_folder", lambda: folder)
    monkeypatch.setattr(schema, "LOCK_TIMEOUT", 1)


@contextmanager
def somebody_reading_for_long(app: Flask) -> Iterator[None]:
    """A transaction that has read the ratings and does not end."""
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(text("SELECT COUNT(*) FROM ratings"))
        yield


def upgrade(app: Flask) -> None:
    with app.app_context():
        schema.upgrade()


def rated_meanwhile(client: PageClient, code: str, upgrading: Future[None]) -> list[int]:
    """The answers to ratings given one after the other until the upgrade ended."""
    answers: list[int] = []
    patience_ends = time.monotonic() + PATIENCE
    while not answers or not (upgrading.done() or time.monotonic() > patience_ends):
        form = {"level": "5", "key": uuid4().hex}
        answers.append(client.post(f"/q/{code}", data=form).status_code)
    return answers


def state(app: Flask) -> tuple[str | None, set[str], set[str]]:
    """The revision, the columns of the ratings, and their indexes that are valid."""
    valid = text("SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid")
    with app.app_context(), db.engine.connect() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("ratings")}
        return revision.present(connection), columns, set(connection.execute(valid).scalars())


def half_made(app: Flask) -> list[str]:
    """The indexes that an interrupted try has left behind."""
    invalid = text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    with app.app_context(), db.engine.connect() as connection:
        return list(connection.execute(invalid).scalars())


@pytest.mark.parametrize("change", [COLUMN, pytest.param(INDEX, marks=pytest.mark.long)])
def test_an_upgrade_gives_up_in_time_and_ratings_go_on(
    app: Flask, client: PageClient, code: str, pending: None
) -> None:
    before = state(app)
    with ThreadPoolExecutor() as pool, somebody_reading_for_long(app):
        upgrading = pool.submit(upgrade, app)
        answers = rated_meanwhile(client, code, upgrading)
        with pytest.raises(schema.SiteBusy, match=r"站点正忙.*再运行 evalsys upgrade"):
            upgrading.result(0)
    assert set(answers) == {303}
    assert state(app) == before

    upgrade(app)
    present, columns, indexes = state(app)
    assert present == "next"
    assert "weight" in columns or "ix_ratings_level" in indexes


@pytest.mark.long
@pytest.mark.parametrize("change", [INDEX])
def test_an_index_left_half_made_is_made_again(app: Flask, pending: None) -> None:
    with somebody_reading_for_long(app), pytest.raises(schema.SiteBusy):
        upgrade(app)
    assert half_made(app) == ["ix_ratings_level"]

    upgrade(app)
    assert half_made(app) == []
    assert "ix_ratings_level" in state(app)[2]


@pytest.mark.parametrize("change", [INDEX])
def test_two_upgrades_do_not_run_at_once(app: Flask, pending: None) -> None:
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({schema._ONE_AT_A_TIME})"))
        with pytest.raises(schema.SiteBusy, match="另一个"):
            upgrade(app)
        connection.execute(text("SELECT pg_advisory_unlock_all()"))


@pytest.mark.long
@pytest.mark.parametrize("change", [COLUMN])
def test_the_command_says_so_in_one_sentence(app: Flask, pending: None) -> None:
    from evalsys.cli import main

    with somebody_reading_for_long(app), app.app_context():
        done = app.test_cli_runner().invoke(main.commands["upgrade"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: 站点正忙")
