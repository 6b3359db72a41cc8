"""No address and no browser's name is kept; once the day's key is gone no two ratings are one device's."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalsys.assurance.actions.signals import find_signals
from evalsys.evaluation.actions.traces import destroy_traces
from evalsys.evaluation.models import RatingTrace, TraceKey
from evalsys.evaluation.rules.keys import device_mark
from evalsys.kernel import clock, compacting
from evalsys.kernel.database import transaction
from evalsys.kernel.settings import Settings
from tests.conftest import Inside
from tests.privacy.leavings import ADDRESS, AGENT, a_citizen, a_code, leave_everything, rated
from tests.privacy.test_purge import dump
from tests.rectification.people import MONDAY

NEXT_DAY = MONDAY + timedelta(days=1)
DEVICE = f"{ADDRESS} {AGENT}"

# What is of one engine's making is tested on both; the pages are the same.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@ON_SQLITE
def test_after_a_full_walk_no_address_and_no_browser_is_written_anywhere(
    app: Flask, site_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    leave_everything(app)
    client = a_citizen(app)
    client.post("/sign-in", data={"name": "nobody", "password": "wrong password"})
    client.get("/receipt/AAAA-AAAA-AAAA")
    kept = dump(site_settings)
    assert "rating_traces" in kept
    for known in (ADDRESS, AGENT):
        assert known not in kept
        assert known not in caplog.text
        assert known.encode() not in bytes_below(site_settings.instance)


def marks(app: Flask) -> list[str]:
    def read(session: Session) -> list[str]:
        rows = session.execute(select(RatingTrace.device_hash).order_by(RatingTrace.at))
        return [mark for (mark,) in rows if mark is not None]

    with app.app_context(), transaction() as session:
        return read(session)


def destroyed(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        destroy_traces(session, clock.now())


@ON_SQLITE
def test_the_next_day_the_same_device_is_another(app: Flask) -> None:
    code = a_code(app)
    rated(a_citizen(app), code)
    rated(a_citizen(app), code)
    first, second = marks(app)
    assert first == second
    with time_machine.travel(NEXT_DAY, tick=False):
        destroyed(app)
        rated(a_citizen(app), code)
        *_before, third = marks(app)
        assert third != first
        # The key of the day before is gone: nothing that is kept makes its mark again.
        with app.app_context(), transaction() as session:
            secrets = session.execute(select(TraceKey.secret)).scalars().all()
            assert [device_mark(secret, DEVICE) for secret in secrets] == [third]


@ON_SQLITE
def test_after_two_days_nothing_says_that_two_ratings_are_one_devices(
    app: Flask, site_settings: Settings
) -> None:
    code = a_code(app)
    for _again in range(6):
        rated(a_citizen(app), code)
    (mark,) = set(marks(app))
    assert mark in dump(site_settings)
    with time_machine.travel(NEXT_DAY, tick=False), app.app_context(), transaction() as session:
        find_signals(session, clock.now())
    with time_machine.travel(MONDAY + timedelta(hours=47), tick=False):
        destroyed(app)
        assert marks(app) == []
        assert mark not in dump(site_settings)


@ON_SQLITE
def test_a_destroyed_key_is_in_no_byte_of_the_file(
    app: Flask, site_settings: Settings, committed: Inside
) -> None:
    """Of many days at once, so that whole pages of the file are given back."""
    days = [MONDAY.date() - timedelta(days=n) for n in range(999)]
    rows = [{"day": day, "secret": b"secret of a day".ljust(32)} for day in days]
    committed(lambda session: session.execute(insert(TraceKey), rows))
    assert b"secret of a day" in bytes_below(site_settings.instance)
    with time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC), tick=False), app.app_context():
        destroyed(app)
        compacting.leave_nothing_behind()
        assert b"secret of a day" not in bytes_below(site_settings.instance)


def test_a_rewritten_file_holds_what_it_held(app: Flask, site_settings: Settings) -> None:
    leave_everything(app)
    before = sorted(dump(site_settings).splitlines())
    with app.app_context():
        compacting.leave_nothing_behind(rewrite=True)
    assert sorted(dump(site_settings).splitlines()) == before
