"""Transactions: whole or not at all; and the SQLite library that may use WAL."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.evaluation.models import Rating
from evalsys.kernel import clock, jobs, journal, writer
from evalsys.kernel.database import NotDurable, db, transaction, wal_is_safe
from evalsys.kernel.journal import entry_hash
from evalsys.kernel.models import JobDone, JournalEntry
from evalsys.kernel.settings import Settings
from evalsys.kernel.types import Instant
from evalsys.scoring import cli as scoring
from tests.builders import a_rating, a_window
from tests.conftest import Inside


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_wal_is_used_only_with_a_library_free_of_its_bug(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_commits_are_durable(app: Flask, engine_name: str) -> None:
    with app.app_context(), db.engine.connect() as connection:
        if engine_name == "sqlite":
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
            assert connection.execute(text("PRAGMA recursive_triggers")).scalar() == 1
        else:
            assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_server_that_thanks_before_it_has_written_is_refused(
    app: Flask, site_settings: Settings, committed: Inside
) -> None:
    def thank_early(session: Session) -> None:
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))

    committed(thank_early)
    with app.app_context():
        db.engine.dispose()
    with pytest.raises(NotDurable, match="synchronous_commit"):
        create_app(site_settings)


def test_a_command_that_fails_leaves_nothing(app: Flask) -> None:
    def build_and_fail() -> None:
        with transaction() as session:
            a_window(session)
            raise RuntimeError

    with app.app_context():
        with pytest.raises(RuntimeError):
            build_and_fail()
        with transaction() as session:
            assert session.execute(text("SELECT count(*) FROM service_windows")).scalar() == 0


def test_an_action_that_fails_half_way_leaves_nothing(app: Flask, committed: Inside) -> None:
    window = committed(a_window)

    def record_and_fail(connection) -> None:
        a_rating(connection, window)
        raise RuntimeError

    with app.app_context():
        with pytest.raises(RuntimeError):
            writer.run(record_and_fail)
        with transaction() as session:
            assert session.scalar(select(func.count()).select_from(Rating)) == 0
            assert session.execute(text("SELECT count(*) FROM daily_sums")).scalar() == 0


def test_fifty_posts_of_one_key_at_once_are_one_rating(app: Flask, committed: Inside) -> None:
    window = committed(a_window)
    answers = []

    def post() -> None:
        with app.app_context():
            answers.append(writer.run(a_rating, window, 2, key="one-key-for-all-fifty", receipt_hash="r"))

    threads = [threading.Thread(target=post) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.root for answer in answers}) == 1
    assert sum(answer.is_new for answer in answers) == 1
    assert committed(lambda session: session.scalar(select(func.count()).select_from(Rating))) == 1
    assert committed(lambda s: s.execute(text("SELECT sum(n2) FROM daily_sums")).scalar()) == 1


def test_after_a_rebuild_the_planner_knows_how_much_there_is(app: Flask, committed: Inside) -> None:
    committed(lambda session: a_rating(session, a_window(session), 5))
    with app.app_context():
        done = app.test_cli_runner().invoke(scoring.group, ["rebuild"])
        assert done.exit_code == 0, done.output
        if db.engine.dialect.name != "postgresql":
            pytest.skip("SQLite plans by its indexes")
        counted = text("SELECT reltuples FROM pg_class WHERE relname = 'daily_sums'")
        assert db.session.execute(counted).scalar_one() == 1


def test_the_journal_is_one_chain(app: Flask, committed: Inside) -> None:
    def write(session: Session) -> None:
        for number in range(3):
            journal.record(session, None, "test", f"object {number}", reason="看", n=number)

    committed(write)

    def walk(session: Session) -> None:
        before = "0" * 64
        for entry in session.scalars(select(JournalEntry).order_by(JournalEntry.id)):
            facts = {
                name: getattr(entry, name)
                for name in ("actor_kind", "actor_id", "unit_id", "verb", "object", "reason", "details")
            }
            assert entry.prev_hash == before
            assert entry.hash == entry_hash(before, entry.at, facts)
            before = entry.hash

    committed(walk)


def test_a_job_is_done_once_for_a_period(app: Flask, committed: Inside) -> None:
    done = []
    job = jobs.Timed("count", jobs.daily, lambda session, now: done.append(now))
    now = clock.now()
    committed(lambda session: jobs.perform(session, job, now))
    assert committed(lambda session: jobs.due(session, [job], now)) == []
    assert committed(lambda session: session.scalar(select(func.count()).select_from(JobDone))) == 1
    assert len(done) == 1


def test_two_workers_at_once_do_a_job_once(app: Flask, committed: Inside) -> None:
    done, failed = [], []
    job = jobs.Timed("count", jobs.daily, lambda session, now: done.append(now))
    now = clock.now()
    both = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            both.wait()
            try:
                with transaction() as session:
                    jobs.perform(session, job, now)
            except SQLAlchemyError as error:
                failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), failed) == (1, [])


def test_a_worker_that_ends_is_started_again_and_the_last_ends_with_the_site() -> None:
    started: list[jobs.Process] = []
    stopping = threading.Event()

    def start() -> jobs.Process:
        ends_at_once = "" if len(started) < 2 else "import time; time.sleep(60)"
        started.append(subprocess.Popen([sys.executable, "-c", ends_at_once]))
        return started[-1]

    watch = threading.Thread(target=jobs.keep_running, args=(start(), start, stopping, 0.01))
    watch.start()
    until = time.monotonic() + 30
    while time.monotonic() < until and len(started) < 3:
        time.sleep(0.05)
    stopping.set()
    watch.join()
    assert [worker.poll() for worker in started] == [0, 0, -signal.SIGTERM]


def test_an_instant_without_an_offset_is_refused() -> None:
    from datetime import datetime

    from sqlalchemy.dialects import sqlite

    with pytest.raises(ValueError, match="offset"):
        Instant().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())  # noqa: DTZ001
