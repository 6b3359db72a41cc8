"""Rank intervals, shrunk scores and bands for any days and any filter, drawn where none are stored."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from evalsys.kernel import settings
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import Period
from evalsys.scoring import actions
from evalsys.scoring.queries import drawing, drawn
from evalsys.scoring.rules import placing
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.drawing import Among, drawn_here
from evalsys.scoring.rules.ranking import STAFF, WINDOWS
from evalsys.scoring.rules.shrinkage import Prior
from tests.builders import a_clerk, a_window
from tests.scoring.halls import summed
from tests.scoring.test_places import DEFAULT, NOW, TODAY

ODD = Period(TODAY - timedelta(days=6), TODAY)
TABLET = {"channel": "face-to-face", "entry": "tablet"}


def placed(session: Session, period: Period, subject: str = WINDOWS, **limits: str):
    asked = Filter(period, **limits)
    found = drawn.ranking(session, subject, asked, EVERYTHING, settings.current(), today=TODAY)
    return {row.named.code: row for row in found.rows}


@pytest.fixture
def hall(session: Session) -> dict[str, object]:
    """Three windows of two departments: good, alike, bad; the bad one is the best on the tablet."""
    built = {
        number: a_window(session, number, unit)
        for number, unit in (("21", "TAX"), ("22", "TAX"), ("23", "SOC"))
    }
    day = TODAY - timedelta(days=2)
    for number, levels in zip(built, [(4000, 5), (1500, 60, 2), (900, 60, 30, 20, 310)], strict=True):
        summed(session, built[number], *levels, day=day)
    for number, levels in zip(built, [(500, 50, 100), (600, 60, 40), (3000,)], strict=True):
        summed(session, built[number], *levels, day=day, **TABLET)
    return built


def test_any_days_are_placed_as_the_stored_ones_are(session: Session, hall) -> None:
    odd = placed(session, ODD)
    assert [odd[code].rank for code in ("C-21", "C-22", "C-23")] == [1, 2, 3]
    assert all(row.place.interval and row.place.band for row in odd.values())
    actions.place_rows(session, NOW)
    stored = placed(session, DEFAULT)
    assert {code: row.place for code, row in stored.items()} == {code: row.place for code, row in odd.items()}


@pytest.mark.parametrize("limit", [{"channel": "face-to-face"}, {"entry": "tablet"}])
def test_one_channel_is_placed_by_its_own_ratings(session: Session, hall, limit) -> None:
    rows = placed(session, ODD, **limit)
    assert [rows[code].rank for code in ("C-23", "C-22", "C-21")] == [1, 2, 3]
    assert (rows["C-23"].place.interval, rows["C-21"].place.interval) == ((1, 1), (3, 3))


def test_a_department_keeps_its_places_among_everybody(session: Session, hall) -> None:
    (row,) = placed(session, ODD, department="SOC").values()
    assert (row.rank, row.place.interval) == (3, (3, 3))


def test_todays_ratings_move_no_place(session: Session, hall) -> None:
    before = placed(session, ODD)
    summed(session, hall["21"], 0, 0, 0, 0, 900, day=TODAY)
    after = placed(session, ODD)
    assert after["C-21"].n == before["C-21"].n + 900
    assert after["C-21"].place == before["C-21"].place
    assert all(row.place is None for row in placed(session, Period(TODAY, TODAY)).values())


def test_the_same_counts_are_drawn_once_and_others_again(session: Session, hall, monkeypatch) -> None:
    drawings = []
    real = placing.places_of

    def counted(rows, draw):
        drawings.append(rows)
        return real(rows, draw)

    monkeypatch.setattr(drawn, "places_of", counted)
    monkeypatch.setattr(drawn, "_kept", {})
    first = placed(session, ODD)
    assert {code: row.place for code, row in placed(session, ODD).items()} == {
        code: row.place for code, row in first.items()
    }
    assert len(drawings) == 1
    summed(session, hall["22"], 0, 0, 0, 0, 400, day=TODAY - timedelta(days=1))
    assert placed(session, ODD)["C-22"].rank == 3
    assert len(drawings) == 2


def test_no_more_is_kept_than_there_is_room_for(session: Session, hall, monkeypatch) -> None:
    kept = {}
    monkeypatch.setattr(drawn, "_kept", kept)
    monkeypatch.setattr(drawn, "ROOM", 2)
    for limit in ({}, {"channel": "face-to-face"}, {"channel": "on-the-go"}):
        placed(session, ODD, **limit)
    assert len(kept) == 2


def test_staff_are_placed_too(session: Session, hall) -> None:
    for number, levels in (("2001", (400,)), ("2002", (380, 20)), ("2003", (200, 100, 50, 30, 20))):
        clerk = a_clerk(session, number)
        summed(session, hall["21"], *levels, day=TODAY - timedelta(days=3), staff_id=clerk)
    rows = placed(session, ODD, STAFF)
    assert (rows["2001"].place.interval, rows["2003"].place.interval) == ((1, 1), (3, 3))


def test_another_process_draws_the_same() -> None:
    prior = Prior((0.8, 0.1, 0.05, 0.03, 0.02), 60.0)
    groups = [
        Among([(400, 5, 0, 0, 0), (150, 60, 2, 0, 0), (90, 6, 3, 2, 31)], prior, (100, 80, 60, 30, 0)),
        Among([(40, 1, 0, 0, 1), (39, 1, 0, 0, 2)], prior, (100, 80, 60, 30, 0)),
    ]
    assert drawing.drawn_apart(groups) == drawn_here(groups)
    assert drawing.drawn_apart([]) == []
