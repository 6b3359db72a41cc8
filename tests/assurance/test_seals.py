"""Closed days are sealed: every row in one day, nothing twice, nothing left out, each day after the last."""

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys import wiring
from evalsys.assurance import cli
from evalsys.assurance.actions import seals as sealing
from evalsys.assurance.models import SealedEntry
from evalsys.assurance.queries import seal_proofs, seals
from evalsys.assurance.rules import seals as rules
from evalsys.evaluation.actions.follow_up import follow_up_rating
from evalsys.evaluation.actions.ratings import record_rating
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.rows import Chance
from evalsys.evaluation.rules import Answer, Explanation, Visit
from evalsys.kernel import clock, jobs, settings
from evalsys.kernel.database import db
from tests.assurance.sealed_sites import MORNING, anchor_of, found, rated, sealed_all
from tests.builders import a_window
from tests.conftest import Inside


def test_each_closed_day_is_sealed_and_chained_to_the_day_before(session: Session) -> None:
    window = a_window(session)
    for day in (0, 1, 1, 3):
        rated(session, window, at=MORNING + timedelta(days=day))
    sealed_all(session, MORNING + timedelta(days=5))
    days = seals.sealed_days(session)
    assert [(day.day, day.entries) for day in reversed(days)] == [
        (date(2026, 3, 2) + timedelta(days=at), entries) for at, entries in enumerate((2, 4, 0, 2, 0))
    ]
    assert [day.before for day in days] == [*(day.seal for day in days[1:]), rules.FIRST]
    assert found(session) == []


def test_the_day_that_is_not_over_is_left_open(session: Session) -> None:
    window = a_window(session)
    rated(session, window, at=MORNING)
    rated(session, window, at=MORNING + timedelta(days=1))
    sealed_all(session, clock.end_of(date(2026, 3, 2)) + timedelta(minutes=9))
    assert seals.sealed_days(session) == []
    sealed_all(session, clock.end_of(date(2026, 3, 2)) + timedelta(minutes=10))
    assert [day.day for day in seals.sealed_days(session)] == [date(2026, 3, 2)]
    with pytest.raises(rules.NotClosed):
        sealing.seal_piece(session, MORNING + timedelta(days=1), date(2026, 3, 3))


def test_what_comes_late_is_sealed_next_with_a_leaf_of_its_own(session: Session) -> None:
    receipt = rated(session, a_window(session), at=MORNING)
    sealed_all(session, MORNING + timedelta(days=1))
    later = MORNING + timedelta(days=2)
    explain_rating(session.connection(), receipt, Explanation(tags=(), text="等了很久"), later)
    sealed_all(session, later + timedelta(days=1))
    rows = session.execute(
        select(SealedEntry.kind, SealedEntry.day).order_by(SealedEntry.day, SealedEntry.kind)
    )
    assert [tuple(row) for row in rows] == [
        ("attribution", date(2026, 3, 2)),
        ("rating", date(2026, 3, 2)),
        ("reasons", date(2026, 3, 4)),
    ]
    assert found(session) == []


def test_rows_of_no_known_moment_are_sealed_with_the_first_open_day(session: Session) -> None:
    receipt = rated(session, a_window(session), 1, at=MORNING, evidence="D", entry="kiosk")
    sealed_all(session, MORNING + timedelta(days=1))
    again = Answer(5, "a key for the follow-up")
    follow_up_rating(session.connection(), receipt, again, now=MORNING + timedelta(days=2))
    sealed_all(session, MORNING + timedelta(days=3))
    days = session.execute(
        select(SealedEntry.day).where(SealedEntry.kind == "rating").order_by(SealedEntry.day)
    )
    assert list(days.scalars()) == [date(2026, 3, 2), date(2026, 3, 3)]
    assert found(session) == []


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces so small that a few ratings need many of them."""
    for name, size in (("LOOKED_AT", 3), ("TAKEN", 2), ("AT_ONCE", 1), ("CLOSED", 1)):
        monkeypatch.setattr(sealing, name, size)
    monkeypatch.setattr(rules, "BLOCK", 4)


def test_many_small_pieces_seal_the_same_as_few_large_ones(
    session: Session, monkeypatch: pytest.MonkeyPatch, in_small_pieces: None
) -> None:
    window = a_window(session)
    for day in (0, 0, 0, 0, 0, 2, 3):
        rated(session, window, at=MORNING + timedelta(days=day))
    now, pieces = MORNING + timedelta(days=4), 0
    while not sealing.seal_piece(session, now).is_last:
        pieces += 1
        assert found(session) == []
    assert pieces >= 6
    assert [day.entries for day in seals.sealed_days(session)] == [2, 2, 0, 10]
    assert found(session) == []
    root = session.execute(select(SealedEntry.rating_id)).scalars().first()
    assert root is not None
    (proof,) = [one for one in seal_proofs.proofs_of(session, root).proofs if one.entry.kind == "rating"]
    leaf = rules.leaf(proof.text, "sha256")
    assert rules.climbed(leaf, proof.steps, "sha256") == proof.day.root


def test_what_is_sealed_is_the_same_on_every_engine(session: Session) -> None:
    window, ids = a_window(session), count(1001)
    chance = Chance(lambda: next(ids), lambda: b"salt of sixteen.")
    visit = Visit(
        window_id=window.window_id,
        hall_id=window.hall_id,
        unit_id=window.unit_id,
        entry="window-code",
        channel="on-the-go",
        opened_at=MORNING,
        received_at=MORNING,
        origin="citizen",
        evidence="C",
    )
    for number, words in enumerate(("", "等了很久 “两小时”")):
        answer = Answer(2, f"key number {number} of two", tags=(), text=words)
        record_rating(session.connection(), visit, answer, f"receipt {number}", chance)
    sealed_all(session, MORNING + timedelta(days=1))
    (day,) = seals.sealed_days(session)
    # Another value, where the tags are still the same, is another form: seals of real sites would break.
    assert (day.entries, day.root.hex()) == (
        5,
        "4675765cddc65b6227c65e6fa7863df2aba61ec86c28f4d150114e36153525b1",
    )


def test_a_site_may_seal_with_sm3_and_go_on_from_other_days(app: Flask, session: Session) -> None:
    window = a_window(session)
    rated(session, window, at=MORNING)
    rated(session, window, at=MORNING + timedelta(days=1))
    sealed_all(session, MORNING + timedelta(days=1))
    app.extensions["evalsys.settings"] = replace(settings.current(), seal_digest="sm3")
    sealed_all(session, MORNING + timedelta(days=2))
    assert [day.algorithm for day in seals.sealed_days(session)] == ["sm3", "sha256"]
    assert found(session) == []


def test_the_worker_seals_after_midnight(app: Flask, committed: Inside) -> None:
    two_days_ago = clock.now() - timedelta(days=2)
    committed(lambda session: rated(session, a_window(session), at=two_days_ago))
    (job,) = [job for job in wiring.TIMED if job.name == "seal"]
    now = clock.now()

    def perform(session: Session, minutes: int) -> None:
        jobs.perform(session, job, now + timedelta(minutes=minutes))

    for minutes in range(3):
        committed(partial(perform, minutes=minutes))
    days = committed(seals.sealed_days)
    assert isinstance(days, list)
    assert days[-1].entries == 2


def test_the_commands_seal_and_compare_with_an_anchor(app: Flask, committed: Inside, tmp_path: Path) -> None:
    def make(session: Session) -> None:
        window = a_window(session)
        for day in range(3):
            rated(session, window, at=MORNING + timedelta(days=day))

    committed(make)
    runner = app.test_cli_runner()
    with app.app_context():
        assert "2026-03-03" in runner.invoke(cli.seal, ["--day", "2026-03-03"]).stdout
        assert runner.invoke(cli.seal, ["--day", clock.today().isoformat()]).exit_code == 1
        kept = tmp_path / "anchor.json"
        kept.write_text(anchor_of(db.session()).written(), encoding="utf-8")
        fine = runner.invoke(cli.verify, ["--anchor", str(kept)])
        told = json.loads(fine.stdout.splitlines()[-1])
        assert (fine.exit_code, told["differences"], told["sealed_days"], told["sealed"]) == (0, 0, 2, 4)
        kept.write_text(
            kept.read_text(encoding="utf-8").replace("2026-03-03", "2026-03-04"), encoding="utf-8"
        )
        broken = runner.invoke(cli.verify, ["--anchor", str(kept)])
        assert broken.exit_code == 1
        assert "2026-03-04 锚文件里有这一天的封存,这里没有" in broken.stdout
        assert json.loads(broken.stdout.splitlines()[-1])["differences"] == 1
        kept.write_text("{}", encoding="utf-8")
        assert "不是封存的锚文件" in runner.invoke(cli.verify, ["--anchor", str(kept)]).output
