"""日督催: what is due and what is overdue, the same on the terminal, on the page and in the workbook."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.rectification.queries import chasing, facts
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_unit, a_window, signed_in
from tests.rectification.people import MONDAY, walk

Committed = Callable[[Callable[[Session], object]], object]


def two_cases(session: Session) -> None:
    """One with its owner, whose contact is due the next working day, and one nobody has looked at."""
    a_unit(session, "GOV", "督查科")
    for number, target in (("24", State.ACCEPTED), ("25", None)):
        rating = a_rating(session, a_window(session, number), 1, entry="ticket", evidence="B", at=MONDAY)
        case_id = facts.case_of_rating(session, rating.root)
        assert case_id is not None
        if target is not None:
            walk(session, case_id, target)


def test_each_unit_and_the_desk_are_reminded_of_what_they_hold(session: Session) -> None:
    two_cases(session)
    tuesday = MONDAY + timedelta(days=1)
    chased = chasing.chase_list(session, clock.day_of(tuesday), tuesday)
    assert [unit.unit_code for unit in chased] == ["", "TAX"]
    assert [[line.state for line in unit.lines] for unit in chased] == [[State.NEW], [State.ACCEPTED]]


def test_nothing_is_due_before_its_day(session: Session) -> None:
    two_cases(session)
    # Triage ends on the Monday itself, the contact on the Tuesday.
    assert chasing.chase_list(session, clock.day_of(MONDAY - timedelta(days=1)), MONDAY) == []
    assert [unit.unit_code for unit in chasing.chase_list(session, clock.day_of(MONDAY), MONDAY)] == [""]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_page_and_workbook_show_the_same_rows(app: Flask, committed: Committed) -> None:
    committed(two_cases)
    day = clock.day_of(MONDAY) + timedelta(days=1)
    client = signed_in(app, "supervisor", "GOV")
    page = client.get(f"/cases/chase?on={day}")
    assert page.status_code == 200
    book = load_workbook(io.BytesIO(client.get(f"/cases/chase.xlsx?on={day}").data))
    rows = list(book["全部"].values)[1:]
    assert len(rows) == 2
    assert all(str(row[1]) in page.text for row in rows)


def test_a_day_that_cannot_be_read_is_refused_with_a_sentence(app: Flask, committed: Committed) -> None:
    committed(lambda session: a_unit(session, "GOV"))
    refused = signed_in(app, "supervisor", "GOV").get("/cases/chase?on=morgen")
    assert refused.status_code == 422
    assert "2026-01-31" in refused.text
