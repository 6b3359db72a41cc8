"""A glance is one statement outside every transaction, and says nothing rather than break."""

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from evalsys.kernel.glances import glance, glancing_engine
from tests.conftest import Inside

HOW_MANY = "SELECT count(*) FROM stamps"
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return glancing_engine()


def a_stamp(session: Session, name: str) -> object:
    return session.execute(
        text("INSERT INTO stamps (name, value, told) VALUES (:name, 1, true)"), {"name": name}
    )


def test_each_glance_sees_what_is_committed_by_then(engine: Engine, committed: Inside) -> None:
    before = glance(engine, HOW_MANY)
    assert before is not None
    committed(lambda session: a_stamp(session, "another"))
    assert glance(engine, HOW_MANY) == (before[0] + 1,)


def test_a_glance_that_finds_nothing_or_fails_says_none(engine: Engine) -> None:
    assert glance(engine, "SELECT 1 WHERE 1 = 0") is None
    assert glance(engine, "SELECT 1 FROM nothing_of_the_kind") is None
    assert glance(engine, "SELECT 1") == (1,)


def test_a_server_that_is_not_there_tells_nothing() -> None:
    assert glance(create_engine("postgresql+psycopg://nobody@/nothing?host=/nowhere"), "SELECT 1") is None


@on_postgresql
def test_a_glance_leaves_no_transaction_open(engine: Engine, session: Session) -> None:
    (pid,) = glance(engine, "SELECT pg_backend_pid()") or (0,)
    state = session.execute(
        text("SELECT state FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid}
    ).scalar()
    assert state == "idle"


@on_postgresql
def test_a_server_that_was_away_is_found_again(engine: Engine, committed: Inside) -> None:
    (pid,) = glance(engine, "SELECT pg_backend_pid()") or (0,)
    committed(lambda session: session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid}))
    assert glance(engine, "SELECT 1") is None
    assert glance(engine, "SELECT 1") == (1,)
