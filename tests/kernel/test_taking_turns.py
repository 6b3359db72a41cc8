"""On SQLite one writer works at a time: the others wait in turn, and readers do not wait at all."""

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import OperationalError

from evalsys.kernel import database, writer
from evalsys.kernel.database import db, transaction, write_connection
from evalsys.kernel.models import SiteFact
from evalsys.kernel.turns import Turn
from tests.builders import a_token, a_window, code_of, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

LONG = 60.0  # seconds
PATIENCE = 3.0  # seconds; SQLite itself would wait for eight


def test_a_citizens_form_is_read_while_somebody_writes(app: Flask, client: PageClient):
    with app.app_context(), write_connection():
        began = time.monotonic()
        with ThreadPoolExecutor(1) as elsewhere:
            answer = elsewhere.submit(client.post, "/q/00000000000", data={"level": "5"}).result()
        assert answer.status_code == 404
        assert time.monotonic() - began < PATIENCE


def test_who_has_written_reads_afterwards_without_a_turn(app: Flask, committed: Inside) -> None:
    app.test_client().post("/api/v1/services", json={}, headers=a_token(app, "data-steward"))
    assert not database.is_writing()
    with app.app_context(), db.engine.connect() as reader:
        reader.execute(select(SiteFact)).all()
        committed(lambda session: session.execute(update(SiteFact).values(value="later")))


def test_staff_who_are_not_given_their_turn_are_told_so_and_nothing_is_written(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who wrote outside the turns would keep the citizens' writer out while it has its own."""
    monkeypatch.setattr(database, "_PATIENCE_FOR_A_TURN", 0.1)
    with app.test_request_context("/", method="POST"):
        if db.engine.dialect.name != "sqlite":
            pytest.skip("on PostgreSQL nobody takes turns")
        database.intend_to_write()
        note = SiteFact.__table__.insert().values(name="counted", value="0")
        turn = Turn(Path(db.engine.url.database or ""))
        assert turn.take(LONG)
        try:
            with pytest.raises(OperationalError):
                db.session.execute(note)
        finally:
            turn.leave()
        db.session.rollback()
        db.session.execute(note)


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


class SlowUpload(io.RawIOBase):
    """A form that is still arriving: before its last part has come, somebody else writes."""

    def __init__(self, form: bytes, meanwhile: Callable[[], object]) -> None:
        self._parts, self._meanwhile = [form[:1], form[1:]], meanwhile

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        if len(self._parts) == 1:
            self._meanwhile()
        part = self._parts.pop(0) if self._parts else b""
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/admin/organisation/import", "application/x-www-form-urlencoded"),
        ("/api/v1/services", "application/json"),
    ],
)
def test_a_rating_does_not_wait_for_an_upload_that_is_still_arriving(
    app: Flask, address: str, kind: str
) -> None:
    waited: list[float] = []

    def rate() -> None:
        began = time.monotonic()
        with app.app_context():
            writer.run(lambda connection: _note(connection, "0"))
        waited.append(time.monotonic() - began)

    def elsewhere() -> None:
        with ThreadPoolExecutor(1) as other:
            other.submit(rate).result()

    client = signed_in(app, "data-steward")
    by_token = a_token(app, "business-system") if address.startswith("/api/") else {}
    form = b"a=" + b"x" * 2000
    arriving = {
        "wsgi.input": io.BufferedReader(SlowUpload(form, elsewhere), buffer_size=16),
        "CONTENT_LENGTH": str(len(form)),
    }
    client.post(address, environ_overrides=arriving, content_type=kind, headers=by_token)
    assert waited
    assert waited[0] < PATIENCE


def test_who_rates_hears_of_a_strangers_lock_before_staff_do(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL's writer has limits of its own, set with its connection")
        with write_connection() as writing:
            journal = writing.exec_driver_sql("PRAGMA journal_mode").scalar()
            writers = writing.exec_driver_sql("PRAGMA busy_timeout").scalar()
        with db.engine.connect() as other:
            others = other.exec_driver_sql("PRAGMA busy_timeout").scalar()
    # Without a log a commit waits for whoever reads, and for that two seconds are too few.
    assert (writers, others) == (2000 if journal == "wal" else 8000, 8000)


def test_a_rating_that_meets_a_lock_on_the_sums_is_refused_in_time(
    app: Flask, committed: Inside, client: PageClient
) -> None:
    code = committed(lambda session: code_of(session, a_window(session)))
    with app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("SQLite locks no single table")
        with transaction() as session:
            session.execute(text("LOCK TABLE daily_sums IN EXCLUSIVE MODE"))
            began = time.monotonic()
            with ThreadPoolExecutor(1) as elsewhere:
                rating = elsewhere.submit(
                    client.post, f"/q/{code}", data={"level": "5", "key": "0123456789abcdef0123456789"}
                )
                try:
                    answer = rating.result(timeout=9)
                finally:
                    session.rollback()
    assert answer.status_code == 503
    assert 2 <= time.monotonic() - began <= 8
