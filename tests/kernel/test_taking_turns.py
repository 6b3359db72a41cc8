"""On SQLite one writer works at a time: the others wait in turn, and readers do not wait at all."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import Connection, select, update

from evalsys.kernel import writer
from evalsys.kernel.database import db, write_connection
from evalsys.kernel.models import SiteFact
from tests.pages import PageClient

PATIENCE = 3.0  # seconds; SQLite itself would wait for eight


def test_a_citizens_form_is_read_while_somebody_writes(app: Flask, client: PageClient):
    with app.app_context(), write_connection():
        began = time.monotonic()
        with ThreadPoolExecutor(1) as elsewhere:
            answer = elsewhere.submit(client.post, "/q/00000000000", data={"level": "5"}).result()
        assert answer.status_code == 404
        assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("writers", [8])
def test_every_writer_gets_its_turn(app: Flask, writers: int):
    with app.app_context():
        writer.run(lambda connection: _note(connection, "0"))

    def add_one(_: int) -> None:
        with app.app_context():
            writer.run(_add_one)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(add_one, range(40)))
    with app.app_context():
        assert db.session.scalar(select(SiteFact.value).where(SiteFact.name == "counted")) == "40"


def _note(connection: Connection, value: str) -> None:
    connection.execute(SiteFact.__table__.insert().values(name="counted", value=value))


def _add_one(connection: Connection) -> None:
    counted = select(SiteFact.value).where(SiteFact.name == "counted").with_for_update()
    before = int(connection.execute(counted).scalar_one())
    connection.execute(update(SiteFact).where(SiteFact.name == "counted").values(value=str(before + 1)))
