"""Large answers are made a few at a time, and whoever waits keeps nobody from the database."""

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import QueuePool, text

from evalsys.kernel import few
from evalsys.kernel.database import db
from evalsys.kernel.few import AT_ONCE, few_at_once
from evalsys.kernel.writer import Busy

WITHIN = 60.0  # seconds


def connections_used() -> int:
    pool = db.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


class Large:
    """An answer that is being made until it is told to be finished."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()

    @few_at_once
    def make(self) -> None:
        """Begin, and end when told."""
        self.begun.release()
        assert self.may_end.wait(WITHIN)


def test_no_more_than_a_few_large_answers_are_made_at_once(app: Flask) -> None:
    large = Large()

    def asked() -> None:
        with app.app_context():
            large.make()

    threads = [threading.Thread(target=asked) for _ in range(AT_ONCE + 3)]
    for thread in threads:
        thread.start()
    for _ in range(AT_ONCE):
        assert large.begun.acquire(timeout=WITHIN)
    one_more = large.begun.acquire(timeout=0.5)
    large.may_end.set()
    for thread in threads:
        thread.join(WITHIN)
    assert not one_more
    assert all(large.begun.acquire(timeout=WITHIN) for _ in range(3))


def test_whoever_waits_for_a_place_holds_no_connection(app: Flask) -> None:
    large, has_read = Large(), threading.Event()

    def asked(reading: bool) -> None:
        with app.app_context():
            if reading:
                db.session.execute(text("SELECT 1"))
                assert connections_used() == 1
                has_read.set()
            large.make()

    makers = [threading.Thread(target=asked, args=(False,)) for _ in range(AT_ONCE)]
    for maker in makers:
        maker.start()
        assert large.begun.acquire(timeout=WITHIN)
    waiting = threading.Thread(target=asked, args=(True,))
    waiting.start()
    try:
        assert has_read.wait(WITHIN)
        with app.app_context():
            end = time.monotonic() + WITHIN
            while connections_used() and time.monotonic() < end:
                time.sleep(0.01)
            assert connections_used() == 0
            assert waiting.is_alive()
    finally:
        large.may_end.set()
        for thread in (*makers, waiting):
            thread.join(WITHIN)


def test_whoever_gets_no_place_in_time_is_told_to_come_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = Large()
    makers = [threading.Thread(target=large.make) for _ in range(AT_ONCE)]
    for maker in makers:
        maker.start()
        assert large.begun.acquire(timeout=WITHIN)
    monkeypatch.setattr(few, "PATIENCE", 0.05)
    try:
        with app.app_context(), pytest.raises(Busy):
            large.make()
    finally:
        large.may_end.set()
        for maker in makers:
            maker.join(WITHIN)
