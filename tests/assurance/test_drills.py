"""A drill restores a backup beside the site, looks it through, and leaves nothing but what it found."""

import subprocess
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from evalsys import cli, wiring, working
from evalsys.assurance.actions import drills
from evalsys.assurance.queries.drills import LONGEST, is_asked, latest_drill
from evalsys.kernel import clock, site
from evalsys.kernel.backups.scratch import NAME, NoScratch, scratch
from evalsys.kernel.database import db, transaction
from evalsys.kernel.settings import Settings
from evalsys.kernel.turns import Turn
from tests import postgres
from tests.assurance.places import connected_to, furnished, unwatched
from tests.assurance.sealed_sites import MORNING, rated
from tests.builders import a_window
from tests.conftest import settings_for

NOW = MORNING + timedelta(days=1)


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools of the very server the tests run on."""
    binaries = postgres.machine_binaries() or postgres.wheel_binaries()
    if binaries:
        monkeypatch.setenv("PATH", f"{binaries}:/usr/bin:/bin")


def databases_like(place: Settings) -> list[str]:
    """The databases on a server that have the name of this one, or begin with it."""
    url = make_url(place.database)
    with connected_to(place) as engine, engine.connect() as connection:
        named = text("SELECT datname FROM pg_database WHERE datname LIKE :name")
        return list(connection.execute(named, {"name": f"{url.database}%"}).scalars())


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_drill_tells_that_all_is_well_and_leaves_nothing(session: Session, site_settings: Settings) -> None:
    rated(session, a_window(session), at=MORNING)
    session.commit()
    number = drills.begin(session, NOW)
    session.commit()
    found = drills.drill(site_settings, None, NOW, unwatched)
    drills.end(session, number, NOW + timedelta(minutes=1), found)
    told = latest_drill(session, NOW + timedelta(minutes=2))
    assert told is not None
    assert told.is_well
    assert (told.ratings, told.differences, told.backup_at) == (1, 0, NOW)
    assert told.size
    assert not (site_settings.instance / NAME).exists()
    assert databases_like(site_settings) == [make_url(site_settings.database).database]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_worker_has_a_drill_done_beside_its_work(
    app: Flask, site_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a wrong sum, which the drill finds; the backup stays in its folder."""
    furnished(app)
    monkeypatch.setenv("EVALSYS_INSTANCE", str(site_settings.instance))
    monkeypatch.setenv("EVALSYS_SECRET_KEY", site_settings.secret_key)
    monkeypatch.setenv("EVALSYS_BACKUP_FOLDER", str(tmp_path / "backups"))
    with app.app_context():
        assert working.drill_where_asked(None) is None
        with transaction() as session:
            session.execute(text("UPDATE daily_sums SET n5 = n5 + 1"))
            drills.ask(session, clock.now() + timedelta(days=1))
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as earlier:
            assert working.drill_where_asked(earlier) is earlier
        running = working.drill_where_asked(earlier)
        assert running is not None
        assert running.wait(300) == 1
        assert working.drill_where_asked(running) is None
        told = latest_drill(db.session(), clock.now())
    assert told is not None
    assert told.differences
    assert not told.is_well
    assert len(list((tmp_path / "backups").glob("evalsys-*.zip"))) == 1
    assert not (site_settings.instance / NAME).exists()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_drill_that_fails_says_why(app: Flask, site_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "no-backup.zip").write_text("words")
    environment = {"EVALSYS_INSTANCE": str(site_settings.instance)}
    answer = CliRunner().invoke(cli.main, ["drill", str(tmp_path / "no-backup.zip")], env=environment)
    assert answer.exit_code == 1
    with app.app_context():
        told = latest_drill(db.session(), clock.now())
    assert told is not None
    assert "不是完整的备份文件" in (told.error or "")
    assert not told.is_well


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_drill_is_asked_for_once_there_is_something_to_lose(session: Session) -> None:
    drills.ask(session, NOW)
    assert not is_asked(session)
    rated(session, a_window(session), at=MORNING)
    drills.ask(session, MORNING)
    assert not is_asked(session)
    drills.ask(session, NOW)
    assert is_asked(session)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_drill_is_asked_for_in_a_demo(session: Session) -> None:
    site.declare(session, site.DEMO)
    rated(session, a_window(session), at=MORNING)
    drills.ask(session, NOW)
    assert not is_asked(session)


def test_of_several_nights_waiting_the_last_is_done(session: Session) -> None:
    rated(session, a_window(session), at=MORNING)
    for day in range(3):
        drills.ask(session, NOW + timedelta(days=day))
    later = NOW + timedelta(days=4)
    number = drills.begin_asked(session, later)
    assert number is not None
    assert drills.begin_asked(session, later) is None
    assert not is_asked(session)


def test_a_drill_that_was_cut_off_is_not_well(session: Session) -> None:
    drills.begin(session, NOW)
    assert latest_drill(session, NOW + LONGEST) is None
    told = latest_drill(session, NOW + LONGEST + timedelta(seconds=1))
    assert told is not None
    assert not told.is_well


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_a_killed_drill_left_is_removed_and_two_at_once_are_refused(site_settings: Settings) -> None:
    left = site_settings.instance / NAME / "evalsys.sqlite3"
    left.parent.mkdir()
    left.touch()
    with scratch(site_settings) as place:
        assert list(place.instance.iterdir()) == []
        with pytest.raises(NoScratch), scratch(site_settings):
            pass
    turn = Turn(site_settings.instance / NAME)
    assert turn.take(0)
    turn.leave()


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_role_that_may_make_no_database_is_told_what_to_do(site_settings: Settings) -> None:
    role = f"plain_{uuid4().hex[:12]}"
    url = make_url(site_settings.database).set(username=role).render_as_string(hide_password=False)
    with connected_to(site_settings) as engine, engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    with (
        pytest.raises(NoScratch, match=f'ALTER ROLE "{role}" CREATEDB'),
        scratch(settings_for(site_settings.instance, url)),
    ):
        pass
    with connected_to(site_settings) as engine, engine.begin() as connection:
        connection.execute(text(f"DROP ROLE {role}"))


def test_nights_begin_at_three() -> None:
    (job,) = (job for job in wiring.TIMED if job.name == "ask-for-drill")
    midnight = clock.end_of(date(2026, 3, 1))
    hours = [job.period_of(midnight + timedelta(hours=hour)) for hour in (0, 2, 3, 26)]
    assert hours == ["2026-03-01", "2026-03-01", "2026-03-02", "2026-03-02"]
