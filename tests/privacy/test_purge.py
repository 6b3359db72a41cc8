"""After their terms nothing that leads to a person is left: in no row, in no dump, in no file."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import make_url, select

from evalsys.kernel import clock
from evalsys.kernel.database import sqlite_library, transaction
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.settings import Settings
from evalsys.privacy import cli
from evalsys.privacy.actions import purging
from evalsys.rectification.models import CaseMessage
from tests.postgres import machine_binaries, wheel_binaries
from tests.privacy.leavings import IDENTITY, NAMES, PHONES, SAYS, end_all_cases, leave_everything
from tests.rectification.people import MONDAY

WANTED = (*PHONES, IDENTITY, *NAMES)
LATER = MONDAY + timedelta(days=91)

# What is of one engine's making is tested on both; the pages are the same.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def dump(settings: Settings) -> str:
    """Everything the database holds, row by row."""
    if settings.database.startswith("sqlite"):
        with closing(sqlite_library().connect(settings.instance / "evalsys.sqlite3")) as connection:
            tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
            rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name, _sql in tables}
            return "\n".join(f"{name} {row}" for name in rows for row in rows[name])
    address = make_url(settings.database).set(drivername="postgresql")
    binaries = machine_binaries() or wheel_binaries()
    assert binaries is not None
    tool = binaries / "pg_dump"
    program = str(tool) if tool.exists() else "pg_dump"
    done = subprocess.run(
        [program, "--inserts", f"--dbname={address.render_as_string(hide_password=False)}"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PGCLIENTENCODING": "UTF8"},
    )
    # A rollback takes no number back that a sequence has given out; each dump has a word of its own, too.
    changing = ("setval", "\\restrict", "\\unrestrict")
    return "\n".join(line for line in done.stdout.splitlines() if not any(word in line for word in changing))


def found_in(text: str) -> set[str]:
    return {wanted for wanted in WANTED if wanted in text}


def in_files(folder: Path) -> set[str]:
    """What stands in any byte of the database's files, free pages and logs included."""
    raw = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return {wanted for wanted in WANTED if wanted.encode() in raw}


def test_after_the_terms_no_dump_and_no_file_leads_to_a_person(app: Flask, site_settings: Settings) -> None:
    leave_everything(app)
    end_all_cases(app, MONDAY)
    # Sealed or masked where they are made: of names and of two of the numbers nothing stands even now.
    assert found_in(dump(site_settings)) == {PHONES[0], PHONES[2], PHONES[3], PHONES[4], IDENTITY}
    if site_settings.database.startswith("sqlite"):
        assert in_files(site_settings.instance) == {PHONES[0], PHONES[2], PHONES[3], PHONES[4], IDENTITY}
    with time_machine.travel(LATER, tick=False), app.app_context():
        said = CliRunner().invoke(cli.group, ["purge"]).output
        assert "已删除" in said
    # While the site goes on: its log is still there, with nothing of them in it.
    assert in_files(site_settings.instance) == set()
    assert found_in(dump(site_settings)) == set()


@ON_SQLITE
def test_a_dry_run_counts_the_same_and_leaves_everything(app: Flask, site_settings: Settings) -> None:
    leave_everything(app)
    end_all_cases(app, MONDAY)
    before = dump(site_settings)
    with time_machine.travel(LATER, tick=False), app.app_context():
        dry = CliRunner().invoke(cli.group, ["purge", "--dry-run"]).output
        assert dump(site_settings) == before
        wet = CliRunner().invoke(cli.group, ["purge"]).output
        assert wet.splitlines()[:-1] == dry.splitlines()[:-1]
        assert "0项" in CliRunner().invoke(cli.group, ["purge"]).output


def counted(app: Flask) -> dict[str, int]:
    with app.app_context(), transaction() as session:
        return dict(purging.purge(session, clock.now()))


@ON_SQLITE
def test_what_was_forgotten_is_journaled_by_kind_and_number(app: Flask) -> None:
    leave_everything(app)
    end_all_cases(app, MONDAY)
    with time_machine.travel(LATER, tick=False):
        gone = counted(app)
        assert {kind for kind, n in gone.items() if n} >= {
            "traces",
            "contacts",
            "words",
            "messages",
            "reports",
        }
        with app.app_context(), transaction() as session:
            noted = select(JournalEntry.details).where(JournalEntry.verb == "purge")
            assert '"contacts": 3' in "".join(session.execute(noted).scalars())
        assert not any(counted(app).values())


@ON_SQLITE
def test_while_a_case_is_at_work_its_words_stay(app: Flask, site_settings: Settings) -> None:
    leave_everything(app)
    with time_machine.travel(LATER, tick=False):
        with app.app_context():
            CliRunner().invoke(cli.group, ["purge"])
        assert {PHONES[0], PHONES[2], IDENTITY} <= found_in(dump(site_settings))
    # It ends on that day: ninety more days are its words kept.
    end_all_cases(app, LATER)
    with time_machine.travel(LATER + timedelta(days=89), tick=False):
        counted(app)
        assert PHONES[0] in found_in(dump(site_settings))
    with time_machine.travel(LATER + timedelta(days=91), tick=False):
        counted(app)
        assert found_in(dump(site_settings)) == set()


@ON_SQLITE
def test_a_number_written_long_after_the_end_goes_ninety_days_later(
    app: Flask, site_settings: Settings
) -> None:
    leave_everything(app)
    end_all_cases(app, MONDAY)
    late = MONDAY + timedelta(days=100)
    counted(app)
    with app.app_context(), transaction() as session:
        one = session.execute(select(CaseMessage).limit(1)).scalar_one()
        letter = {"sender": "supervisor", "text": "请打13312345678", "at": late, "key": "a late letter"}
        session.add(CaseMessage(case_id=one.case_id, **letter))
    with time_machine.travel(late + timedelta(days=89), tick=False):
        counted(app)
        assert "13312345678" in dump(site_settings)
    with time_machine.travel(late + timedelta(days=91), tick=False):
        counted(app)
        assert "13312345678" not in dump(site_settings)


@ON_SQLITE
def test_words_without_numbers_outlast_the_term(app: Flask, site_settings: Settings) -> None:
    leave_everything(app)
    end_all_cases(app, MONDAY)
    with time_machine.travel(LATER, tick=False):
        counted(app)
    text = dump(site_settings)
    assert SAYS not in text
    assert "打不通" in text
    assert "来电" in text
