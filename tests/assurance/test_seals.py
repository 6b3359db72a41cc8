"""Closed days are sealed: every row in one day, nothing twice, nothing left out, each day after the last."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.assurance.actions import seals as sealing
from evalsys.assurance.models import SealedEntry
from evalsys.assurance.queries import seals
from evalsys.assurance.rules import seals as rules
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.rules import Explanation
from evalsys.kernel import clock
from tests.assurance.sealed_sites import MORNING, found, rated, sealed_all
from tests.builders import a_window


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
