"""Alive and ready: what programs that watch the site are told, and who is told what."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from evalsys.app import create_app
from evalsys.kernel import clock, readiness
from evalsys.kernel.database import db, write_connection
from evalsys.kernel.settings import Settings
from evalsys.wiring import CHECKS
from tests.assurance.sealed_sites import sealed_all
from tests.builders import a_rating, a_window
from tests.conftest import Inside
from tests.pages import PageClient

TOKEN = "a token that programs elsewhere hold"
ELSEWHERE = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
THAT_MATTER = ["disk", "engine", "schema", "write"]


def forgotten(app: Flask) -> None:
    """Let the next question be examined anew, however soon it comes."""
    readiness.install(app, CHECKS)


def asked(app: Flask, **how: Any) -> tuple[int, dict[str, Any]]:
    """The status and the words of a fresh look."""
    forgotten(app)
    answer = app.test_client().get("/readyz", **how)
    return answer.status_code, answer.get_json()


@contextmanager
def refused_by_the_database(app: Flask) -> Iterator[None]:
    """A trigger refuses the row that every look writes."""
    refusal = {
        "sqlite": [
            "CREATE TRIGGER full_disk BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'full'); END",
            "CREATE TRIGGER full_disk_2 BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'full'); END",
        ],
        "postgresql": ["ALTER TABLE jobs RENAME COLUMN done_at TO gone"],
    }
    repair = {
        "sqlite": ["DROP TRIGGER full_disk", "DROP TRIGGER full_disk_2"],
        "postgresql": ["ALTER TABLE jobs RENAME COLUMN gone TO done_at"],
    }
    for statements in (refusal, repair):
        with app.app_context(), write_connection() as connection:
            for statement in statements[db.engine.dialect.name]:
                connection.execute(text(statement))
        if statements is refusal:
            yield


def test_a_fresh_site_is_alive_and_ready(app: Flask) -> None:
    assert app.test_client().get("/healthz").get_json() == {"alive": True}
    status, says = asked(app)
    assert status == 200
    assert says["ready"] is True
    assert sorted(name for name, found in says["checks"].items() if found["matters"]) == THAT_MATTER
    assert {found["ok"] for name, found in says["checks"].items() if name != "work"} == {True}


def test_a_write_that_is_refused_makes_the_site_unready_and_heals(app: Flask) -> None:
    with refused_by_the_database(app):
        status, says = asked(app)
        assert (status, says["ready"], says["checks"]["write"]["ok"]) == (503, False, False)
        assert app.test_client().get("/healthz").status_code == 200
    assert asked(app)[0] == 200


def test_a_schema_that_is_behind_makes_the_site_unready(app: Flask) -> None:
    with app.app_context(), write_connection() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    status, says = asked(app)
    assert (status, says["checks"]["schema"]["ok"]) == (503, False)


def test_work_that_does_not_get_on_is_said_but_ratings_are_taken(app: Flask) -> None:
    with app.app_context(), write_connection() as connection:
        long_ago = clock.now() - timedelta(hours=1)
        connection.execute(
            text("INSERT INTO jobs (name, period, done_at) VALUES ('seal', 'then', :at)"),
            {"at": long_ago.isoformat(sep=" ") if db.engine.dialect.name == "sqlite" else long_ago},
        )
    status, says = asked(app)
    assert (status, says["checks"]["work"]["ok"]) == (200, False)
    assert says["checks"]["work"]["seconds_ago"] >= 3600


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_site_that_has_never_sealed_a_day_says_so(app: Flask, committed: Inside) -> None:
    long_ago = clock.now() - timedelta(days=4)
    committed(lambda session: a_rating(session, a_window(session), 5, at=long_ago))
    assert asked(app)[1]["checks"]["seals"]["ok"] is False
    metrics = app.test_client().get("/metrics").get_data(as_text=True)
    assert float(re.findall(r"(?m)^evalsys_sealed_days_behind (\S+)$", metrics)[0]) > 2
    committed(lambda session: sealed_all(session, clock.now()))
    assert asked(app)[1]["checks"]["seals"]["ok"] is True


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
class TestWhoIsToldWhat:
    """Details are for operators: on the machine itself, or with the token."""

    @pytest.fixture
    def app(self, site_settings: Settings) -> Flask:
        app = create_app(Settings(**{**vars(site_settings), "metrics_token": TOKEN}))
        app.test_client_class = PageClient
        return app

    def test_strangers_learn_only_whether_it_is_ready(self, app: Flask) -> None:
        assert asked(app, **ELSEWHERE) == (200, {"ready": True})

    def test_a_front_on_this_machine_asks_for_strangers(self, app: Flask) -> None:
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
            assert asked(app, headers={name: "192.0.2.7"})[1] == {"ready": True}, name

    def test_the_token_opens_and_a_wrong_one_does_not(self, app: Flask) -> None:
        held = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
        guessed = {"headers": {"Authorization": f"Bearer {TOKEN[:-1]}"}}
        assert "checks" in asked(app, **held, **ELSEWHERE)[1]
        assert asked(app, **guessed, **ELSEWHERE)[1] == {"ready": True}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_who_asks_within_a_second_is_told_the_same(app: Flask) -> None:
    looks = []
    counting = readiness.Check("looks", lambda _session, now: readiness.Finding(not looks.append(now)))
    readiness.install(app, [counting])
    with time_machine.travel(clock.now(), tick=False):
        for _ in range(5):
            app.test_client().get("/readyz")
    assert len(looks) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_programs_that_watch_ask_the_machine_by_any_name_and_nobody_else_does(
    site_settings: Settings, app: Flask
) -> None:
    named = create_app(replace(site_settings, trusted_hosts=("pj.example.gov.cn",)))
    for host in ("127.0.0.1:8000", "10.0.0.7", "pj.example.gov.cn"):
        client = named.test_client()
        assert [
            client.get(path, headers={"Host": host}).status_code
            for path in ("/healthz", "/readyz", "/metrics")
        ] == [200, 200, 200], host
        assert (client.get("/status", headers={"Host": host}).status_code == 200) is host.startswith("pj."), (
            host
        )
    with named.app_context():
        db.session.remove()
        db.engine.dispose()
