"""What is kept is found while nothing has changed, by nobody afterwards, and never takes all memory."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.orm import Session

from evalsys.kernel import database, kept, signals, writer
from evalsys.kernel.database import db, transaction
from evalsys.kernel.kept import Shelf, Version
from evalsys.kernel.models import SiteFact, Stamp
from tests.conftest import Inside

FIRST: Version = (date(2026, 3, 2), 1, 1)
SECOND: Version = (date(2026, 3, 2), 2, 1)


def test_a_thing_is_found_for_its_version_only() -> None:
    shelf: Shelf[str] = Shelf(room=9)
    shelf.put(FIRST, "24", "税务局")
    assert shelf.find(FIRST, "24") == "税务局"
    assert shelf.find(SECOND, "24") is None
    shelf.put(SECOND, "25", "人社局")
    assert shelf.find(SECOND, "24") is None


def test_what_was_read_too_early_is_never_found_later() -> None:
    """A slow reader puts down what was true before the change, after the others have gone on."""
    shelf: Shelf[str] = Shelf(room=9)
    shelf.put(SECOND, "24", "人社局")
    shelf.put(FIRST, "24", "税务局")
    assert shelf.find(SECOND, "24") is None


def test_nothing_is_kept_while_the_version_is_not_known() -> None:
    shelf: Shelf[str] = Shelf(room=9)
    shelf.put(None, "24", "税务局")
    assert shelf.find(None, "24") is None


def test_the_oldest_makes_room() -> None:
    shelf: Shelf[int] = Shelf(room=3)
    for number in range(100):
        shelf.put(FIRST, str(number), number)
    assert [number for number in range(100) if shelf.find(FIRST, str(number)) is not None] == [97, 98, 99]


def note_something(session: Session | Connection, name: str = "fact") -> None:
    session.execute(SiteFact.__table__.insert(), {"name": name, "value": "1"})


def is_told(session: Session) -> bool:
    return session.scalars(select(Stamp.told).where(Stamp.name == "organisation")).one()


def signal_of(app: Flask) -> str:
    return signals.serial(app.extensions["evalsys.settings"].instance, kept._SIGNAL)


def test_a_change_moves_the_version_at_once(app: Flask) -> None:
    watch = kept.watch_of(app)
    before = watch.version()
    assert watch.version() == before
    with app.app_context(), transaction() as session:
        note_something(session)
        assert watch.version() == before, "nobody else can read it yet"
    assert watch.version() != before


def test_whoever_writes_tells(app: Flask) -> None:
    watch = kept.watch_of(app)
    before = watch.version()
    with app.app_context():
        writer.run(note_something)
    assert watch.version() != before


def test_what_changes_nothing_shown_moves_nothing(app: Flask) -> None:
    watch = kept.watch_of(app)
    before = watch.version()
    with app.app_context(), transaction() as session:
        session.execute(text("INSERT INTO jobs (name, period, done_at) VALUES ('x', '2026', '2026-03-02')"))
    assert watch.version() == before


def test_what_is_taken_back_moves_nothing(app: Flask, committed: Inside) -> None:
    watch = kept.watch_of(app)
    before = watch.version(), signal_of(app)

    def fail(session: Session) -> None:
        note_something(session)
        raise LookupError

    with pytest.raises(LookupError):
        committed(fail)
    assert (watch.version(), signal_of(app)) == before


def test_a_lost_signal_is_made_up_for_by_the_next_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever dies between the commit and the signal, and every other machine."""
    monkeypatch.setattr(signals, "_give", lambda _file: None)
    watch = kept.watch_of(app)
    before = watch.version()
    with app.app_context(), transaction() as session:
        note_something(session)
    monkeypatch.setattr(kept, "LOOK_EVERY", 0.0)
    assert watch.version() != before


def test_a_change_past_this_program_is_found_and_told(
    app: Flask, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = kept.watch_of(app)
    before = watch.version()
    with app.app_context():
        other = create_engine(db.engine.url)
    with other.begin() as connection:
        note_something(connection)
    other.dispose()
    # The next of ours that writes at all tells it to the processes of this machine.
    assert committed(is_told) is False
    assert committed(is_told) is True
    assert signal_of(app) != "0"
    monkeypatch.setattr(kept, "LOOK_EVERY", 0.0)
    assert watch.version() != before


def test_without_its_database_nothing_is_taken_for_known(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    watch = kept.watch_of(app)
    assert watch.version() is not None
    nowhere = create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'site.sqlite3'}")
    monkeypatch.setattr(watch, "_engine", nowhere)
    monkeypatch.setattr(kept, "LOOK_EVERY", 0.0)
    assert watch.version() is None


def test_a_look_never_waits_for_who_writes(
    app: Flask, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the thread was last allowed to write plays no part: a look reads."""
    watch = kept.watch_of(app)
    seen: list[bool] = []
    read_stamp = watch._read_stamp

    def look() -> int | None:
        seen.append(database.is_writing())
        return read_stamp()

    monkeypatch.setattr(watch, "_read_stamp", look)
    with app.app_context(), transaction():
        assert database.is_writing()
        assert watch.version() is not None
    assert seen == [False]


def test_others_go_on_while_one_looks_but_believe_nothing_old(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = kept.watch_of(app)
    before = watch.version()
    monkeypatch.setattr(kept, "LOOK_EVERY", 3600.0)
    # Another thread is looking, and does not come back.
    assert watch._one_looks.acquire(blocking=False)
    watch._looked_at -= 2000
    assert watch.version() == before
    watch._looked_at -= 2000
    assert watch.version() is None
    watch._one_looks.release()
    assert watch.version() == before
