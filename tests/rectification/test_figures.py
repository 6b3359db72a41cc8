"""Figures of the loop on hand-made histories: what counts, of what, and the same everywhere it is shown."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import update
from sqlalchemy.orm import Session

from evalsys.kernel.periods import Period
from evalsys.rectification.actions.moving import move_case, undo
from evalsys.rectification.models import Case
from evalsys.rectification.queries import facts, figures
from evalsys.rectification.queries.figures import Figures, UnitFigures
from evalsys.rectification.rules.figures import Figure, Held
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_token, a_unit, a_window, signed_in
from tests.rectification.people import HEARD, MONDAY, somebody, walk

Committed = Callable[[Callable[[Session], object]], object]
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


def a_case(session: Session, number: str = "24") -> int:
    rating = a_rating(session, a_window(session, number), 1, entry="ticket", evidence="B", at=MONDAY)
    found = facts.case_of_rating(session, rating.root)
    assert found is not None
    session.execute(update(Case).where(Case.id == found).values(is_reachable=True))
    return found


def counted(session: Session, now: datetime = MONDAY) -> Figures:
    session.expire_all()
    return figures.figures(session, OCTOBER, "bad-review", 30, now)


def tax(found: Figures) -> UnitFigures:
    return next(unit for unit in found.units if unit.code == "TAX")


def pair(found: Figures, figure: Figure) -> tuple[int, int]:
    rate = tax(found).rates[figure]
    return rate.numerator, rate.denominator


def test_a_case_that_went_the_straight_way_counts_everywhere(session: Session) -> None:
    walk(session, a_case(session), State.CLOSED)
    found = counted(session)
    for figure in (
        Figure.CONTACTED,
        Figure.REPLIED,
        Figure.CALLED_BACK,
        Figure.PUT_RIGHT,
        Figure.SATISFIED,
        Figure.SOLVED,
        Figure.IN_TIME,
    ):
        assert pair(found, figure) == (1, 1), figure
    assert pair(found, Figure.REDONE) == (0, 1)
    assert pair(found, Figure.APPEALED) == (0, 1)
    assert pair(found, Figure.UPHELD) == (0, 0)


def test_a_contact_after_its_term_is_of_the_contacted_but_not_in_time(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.ACCEPTED)
    assert pair(counted(session), Figure.CONTACTED) == (0, 0)
    late = MONDAY + timedelta(days=3)
    assert pair(counted(session, late), Figure.CONTACTED) == (0, 1)
    given = {"how": "phone", "when": late, "summary": "已致歉"}
    owner = somebody(session, "owner", "TAX")
    move_case(session.connection(), case_id, State.CONTACTED, owner, given, now=late)
    assert pair(counted(session, late), Figure.CONTACTED) == (0, 1)


def test_a_step_taken_back_counts_nowhere(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.CONTACTED)
    assert pair(counted(session), Figure.CONTACTED) == (1, 1)
    undo(session.connection(), case_id, somebody(session, "owner", "TAX"), now=MONDAY)
    assert pair(counted(session), Figure.CONTACTED) == (0, 0)


def test_what_nobody_did_by_the_end_of_the_term_is_missing_from_the_numerators(session: Session) -> None:
    walk(session, a_case(session), State.RECTIFYING)
    assert pair(counted(session), Figure.IN_TIME) == (0, 0)
    found = counted(session, MONDAY + timedelta(days=30))
    assert pair(found, Figure.IN_TIME) == (0, 1)
    assert pair(found, Figure.REPLIED) == (0, 1)


def test_a_dissatisfied_caller_was_called_but_nothing_is_put_right(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.CALLBACK)
    assert pair(counted(session), Figure.CALLED_BACK) == (0, 0)
    given = dict(HEARD) | {"solved": "no", "satisfied": "dissatisfied", "reason": "还是要跑两趟"}
    caller = somebody(session, "callback-officer", "CALL")
    move_case(session.connection(), case_id, State.REDO, caller, given, now=MONDAY)
    found = counted(session)
    assert pair(found, Figure.CALLED_BACK) == (1, 1)
    assert pair(found, Figure.PUT_RIGHT) == (0, 1)
    assert pair(found, Figure.SATISFIED) == (0, 1)
    assert pair(found, Figure.SOLVED) == (0, 1)
    assert pair(found, Figure.REDONE) == (1, 1)


def test_somebody_who_left_no_way_to_be_reached_is_not_of_the_called(session: Session) -> None:
    case_id = a_case(session)
    walk(session, case_id, State.CALLBACK)
    session.execute(update(Case).where(Case.id == case_id).values(is_reachable=False))
    assert pair(counted(session, MONDAY + timedelta(days=30)), Figure.CALLED_BACK) == (0, 0)


def test_a_call_whose_term_ran_out_is_of_the_called(session: Session) -> None:
    walk(session, a_case(session), State.CALLBACK)
    assert pair(counted(session, MONDAY + timedelta(days=30)), Figure.CALLED_BACK) == (0, 1)


def test_time_is_charged_to_who_held_the_case(session: Session) -> None:
    walk(session, a_case(session), State.RECTIFYING)
    found = counted(session, MONDAY + timedelta(hours=5))
    assert tax(found).held == Held(5 * 3600, 1)
    assert found.desk == Held(0, 1)
    assert found.total.held == Held(5 * 3600, 1)


def test_time_before_anybody_was_told_is_the_desks(session: Session) -> None:
    a_case(session)
    assert counted(session, MONDAY + timedelta(hours=2)).desk == Held(2 * 3600, 1)


def test_cases_of_other_days_are_not_of_the_period(session: Session) -> None:
    walk(session, a_case(session), State.CLOSED)
    september = Period(date(2026, 9, 1), date(2026, 9, 30))
    assert figures.figures(session, september, "bad-review", 30, MONDAY).units == []


def test_units_add_up_to_the_total(session: Session) -> None:
    walk(session, a_case(session), State.CLOSED)
    walk(session, a_case(session, "25"), State.CLOSED, owner="SOC")
    found = counted(session)
    assert found.total.rates[Figure.REPLIED].denominator == 2
    assert sorted(unit.code for unit in found.units) == ["SOC", "TAX"]


def closed_case(session: Session) -> None:
    a_unit(session, "GOV", "督查科")
    walk(session, a_case(session), State.CLOSED)


ASKED = "from=2026-10-01&to=2026-10-31"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_page_files_and_interface_say_the_same(app: Flask, committed: Committed) -> None:
    committed(closed_case)
    client = signed_in(app, "supervisor", "GOV")
    page = client.get(f"/cases/figures?{ASKED}")
    assert page.status_code == 200
    assert "按时联系率" in page.text
    assert "样本不足" in page.text
    said = client.get(f"/api/v1/cases/figures?{ASKED}", headers=a_token(app, "supervisor", "GOV")).json
    assert said is not None
    unit = said["units"][0]
    assert unit["figures"]["contacted"]["denominator"] == 1
    assert not unit["figures"]["contacted"]["enough"]
    rows = list(
        csv.DictReader(io.StringIO(client.get(f"/cases/figures.csv?{ASKED}").data.decode("utf-8-sig")))
    )
    assert rows[0]["contacted.denominator"] == "1"
    assert rows[0]["unit"] == unit["unit"] == "TAX"
    book = load_workbook(io.BytesIO(client.get(f"/cases/figures.xlsx?{ASKED}").data))
    header, first = list(book["figures"].values)[:2]
    assert dict(zip(header, first, strict=True))["contacted.denominator"] == 1
    assert book.sheetnames == ["figures", "definitions"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("figure", list(Figure))
def test_each_figure_leads_to_its_cases(app: Flask, committed: Committed, figure: Figure) -> None:
    committed(closed_case)
    client = signed_in(app, "supervisor", "GOV")
    said = client.get(f"/api/v1/cases/figures?{ASKED}", headers=a_token(app, "supervisor", "GOV")).json
    assert said is not None
    rate = said["total"]["figures"][figure.value]
    for part, n in (
        ("all", rate["denominator"]),
        ("counted", rate["numerator"]),
        ("others", rate["denominator"] - rate["numerator"]),
    ):
        page = client.get(f"/cases/figures/{figure.value}?{ASKED}&unit=TAX&part={part}")
        assert page.status_code == 200
        assert page.text.count('<th scope="row">') == n, part


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "address",
    ["/cases/figures?kind=x", "/cases/figures?from=2026-13-01", "/cases/figures/solved?part=x"],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(
    app: Flask, committed: Committed, address: str
) -> None:
    committed(closed_case)
    refused = signed_in(app, "supervisor", "GOV").get(address)
    assert refused.status_code in (400, 422)
    assert "</html>" in refused.text
