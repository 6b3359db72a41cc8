"""What people meet when something is not there, or the database is gone."""

import time
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import QueuePool, create_engine, make_url, text

from evalsys.kernel.database import db
from tests.builders import a_token, signed_in
from tests.pages import PageClient


@pytest.fixture
def without_database(app: Flask, postgres: str) -> Flask:
    """An application whose database has gone away under it."""
    name = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
    engine.dispose()
    return app


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_without_a_database_the_page_says_at_once_that_nothing_was_saved(without_database: Flask) -> None:
    client = without_database.test_client()
    began = time.monotonic()
    answer = client.post("/q/ABCDE123456", data={"level": "1", "key": "k" * 20})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "还没提交" in answer.get_data(as_text=True)
    assert time.monotonic() - began < 10
    assert client.get("/api/v1/windows", headers={"Authorization": "Bearer x"}).status_code == 503


def test_an_unknown_address_is_a_page_with_a_way_on(client: PageClient) -> None:
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert "重新扫窗口上的码" in answer.get_data(as_text=True)


def test_json_errors_have_one_shape(app: Flask) -> None:
    client = app.test_client()
    headers = a_token(app, "auditor")
    for address, status in (
        ("/api/v1/nothing", 404),
        ("/api/v1/ratings?from=yesterday", 422),
        ("/api/v1/ratings?cursor=x", 422),
    ):
        answer = client.get(address, headers=headers)
        assert answer.status_code == status
        assert set(answer.get_json()["error"]) == {"code", "message", "details"}


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_letter_that_no_text_holds_is_refused_in_words(app: Flask) -> None:
    client = signed_in(app, "auditor")
    for address in ("/admin/journal?object=%00", "/admin/journal?actor=a%00"):
        answer = client.get(address)
        assert (answer.status_code, "读不懂" in answer.get_data(as_text=True)) == (422, True), address
    given = {"name": "a\x00", "password": "x"}
    assert app.test_client().post("/sign-in", data=given).status_code < 500


def test_a_fault_of_ours_shows_a_number_and_no_details(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret details")

    monkeypatch.setattr("evalsys.evaluation.queries.codes.code_for_scan", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/q/ABCDE123456")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "编号" in page
    assert "secret details" not in page


def test_where_no_connection_comes_free_people_are_told_to_come_again(app: Flask, client: PageClient) -> None:
    with app.app_context(), ExitStack() as held:
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        for _ in range(pool.size() + max(pool._max_overflow, 0)):
            held.enter_context(db.engine.connect())
        answer = client.get("/q/ABCDE123456")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
