"""A waiting screen learns that something is new: after the commit, never before it, and without a thread."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, func, select

from evalsys.kernel import signals, writer
from evalsys.kernel.database import db, transaction
from evalsys.kernel.models import SiteFact
from tests.pages import PageClient

NAME = "7K3M9QXD"


def note_something(connection: Connection, key: str = "new") -> None:
    """Write a row and say that it is there."""
    connection.execute(SiteFact.__table__.insert(), {"name": key, "value": "1"})
    signals.after_commit(connection, NAME)


def serial(app: Flask) -> str:
    return signals.serial(app.extensions["evalsys.settings"].instance, NAME)


def test_a_signal_is_given_when_the_row_can_be_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def look(file: Path) -> None:
        if file.name != NAME:
            return
        with db.engine.connect() as other:
            wanted = select(func.count()).select_from(SiteFact).where(SiteFact.name == "new")
            seen.append(other.execute(wanted).scalar())

    monkeypatch.setattr(signals, "_give", look)
    with app.app_context():
        writer.run(note_something)
    assert seen == [1]


def test_a_session_gives_its_signals_too(app: Flask) -> None:
    assert serial(app) == "0"
    with app.app_context(), transaction() as session:
        note_something(session.connection())
        assert serial(app) == "0"
    assert serial(app) != "0"


def test_what_was_taken_back_gives_no_signal(app: Flask) -> None:
    def fail(connection: Connection) -> None:
        note_something(connection)
        raise LookupError

    with app.app_context():
        with pytest.raises(LookupError):
            writer.run(fail)
        writer.run(lambda connection: connection.execute(select(SiteFact.name)).all())
    assert serial(app) == "0"


def test_two_signals_in_one_moment_are_two(app: Flask) -> None:
    with app.app_context():
        serials = set()
        for number in range(20):
            writer.run(note_something, f"row {number}")
            serials.add(serial(app))
    assert len(serials) == 20


def test_a_screen_is_told_only_what_is_new(app: Flask, client: PageClient) -> None:
    address = f"/counter/{NAME}/signal"
    assert client.get(f"{address}?since=0").status_code == 204
    with app.app_context():
        writer.run(note_something)
    told = client.get(f"{address}?since=0")
    assert (told.status_code, told.get_data(as_text=True)) == (200, serial(app))
    assert client.get(f"{address}?since={serial(app)}").status_code == 204
    assert told.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["..", "%2e%2e", "a.b", "a%00b", "窗"])
def test_no_name_leads_out_of_the_folder(client: PageClient, name: str) -> None:
    answer = client.get(f"/counter/{name}/signal?since=7")
    assert (answer.status_code, answer.get_data()) == (200, b"0")


def test_a_signal_that_cannot_be_given_costs_nobody_anything(app: Flask) -> None:
    folder = app.extensions["evalsys.settings"].instance / signals.FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file where the folder should be")
    # More than once: the writer has one connection, which must come back each time.
    for key in ("first", "second"):
        with app.app_context():
            writer.run(note_something, key)
    with app.app_context(), db.engine.connect() as connection:
        wanted = select(func.count()).select_from(SiteFact).where(SiteFact.name.in_(["first", "second"]))
        assert connection.execute(wanted).scalar() == 2
