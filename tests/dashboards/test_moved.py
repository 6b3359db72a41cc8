"""数字为什么变了: what a closed period said, what it says now, and each rating between."""

import csv
import io
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.findings import note_finding
from evalsys.evaluation.actions.ratings import record_rating
from evalsys.evaluation.actions.standing import Decision, decide_standing, mend_attribution
from evalsys.evaluation.rules import Answer, Visit
from evalsys.evaluation.rules.befallen import Decided, History, Said, befallen
from evalsys.identity.actions.accounts import NewAccount, create_account
from evalsys.identity.models import Account
from evalsys.kernel import clock
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.periods import WEEKS, closing_of
from tests.builders import BuiltWindow, a_clerk, a_rating, a_window, signed_in
from tests.conftest import Inside

WEEK = closing_of(WEEKS, date(2026, 3, 4))
DURING = clock.at(WEEK.starts + timedelta(days=2), time(10))
AFTER = clock.end_of(WEEK.period.last) + timedelta(hours=9)
ADDRESS = f"/indicators/moved?period={WEEK.name}"


def typed_in_later(session: Session, window: BuiltWindow, level: int) -> None:
    """A rating on paper of that week that was typed in after it."""
    visit = Visit(
        window_id=window.window_id,
        hall_id=window.hall_id,
        unit_id=window.unit_id,
        entry="paper",
        channel="back-to-back",
        opened_at=DURING,
        received_at=AFTER,
        evidence="C",
    )
    record_rating(session.connection(), visit, Answer(level, uuid4().hex), uuid4().hex)


@pytest.fixture
def moved(committed: Inside) -> None:
    """A week of eight ratings at its close; since then one came, and four were decided on."""

    def make(session: Session) -> None:
        window, clerk = a_window(session), a_clerk(session)
        people = []
        for name in ("one", "two"):
            create_account(session, NewAccount(name, name, window.unit_id, frozenset({"supervisor"})), None)
            people.append(session.scalars(select(Account.id).where(Account.name == name)).one())
        connection = session.connection()
        early, late = (
            Decision("同一人重复", people[0], people[1], at) for at in (DURING + timedelta(hours=2), AFTER)
        )
        roots = [a_rating(session, window, level, at=DURING).root for level in (5, 5, 5, 4, 2, 1, 1, 3)]
        decide_standing(connection, roots[0], "excluded", early)
        decide_standing(connection, roots[1], "excluded", late)
        decide_standing(connection, roots[5], "excluded", late)
        mend_attribution(connection, roots[2], clerk, late)
        note_finding(connection, [roots[4]], "process", AFTER)
        typed_in_later(session, window, 2)

    committed(make)


def test_then_and_now_differ_by_the_rows_between(app: Flask, moved: None) -> None:
    leadership = signed_in(app, "leadership")
    page = leadership.get(ADDRESS).get_data(as_text=True)
    assert "结束时计入7条,现在6条;差评结束时3条,现在3条。" in page
    text = leadership.get(ADDRESS.replace("moved?", "moved.csv?")).text.lstrip("\ufeff")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert sorted((line["kind"], line["more"], line["more_bad"]) for line in lines) == sorted(
        [
            ("是否计入有改动", "-1", "0"),
            ("是否计入有改动", "-1", "-1"),
            ("改对应的人", "0", "0"),
            ("办结查明原因", "0", "0"),
            ("结期以后才收到", "1", "1"),
        ]
    )
    (mended,) = (line for line in lines if line["kind"] == "改对应的人")
    assert (mended["staff_then"], mended["staff_now"], mended["why"]) == ("", "王敏", "同一人重复")


def test_the_workbook_says_what_each_kind_did(app: Flask, moved: None) -> None:
    leadership = signed_in(app, "leadership")
    book = load_workbook(io.BytesIO(leadership.get(ADDRESS.replace("moved?", "moved.xlsx?")).data))
    effects = [line[:4] for line in book["effects"].iter_rows(min_row=2, values_only=True)]
    assert effects == [
        ("结期以后才收到", 1, 1, 1),
        ("是否计入有改动", 2, -2, -1),
        ("等级有更正", 0, 0, 0),
        ("改对应的人", 1, 0, 0),
        ("办结查明原因", 1, 0, 0),
    ]
    assert book["rows"].max_row == 6


def test_a_week_nothing_befell_says_so(app: Flask, moved: None) -> None:
    before = closing_of(WEEKS, WEEK.starts - timedelta(days=7))
    page = signed_in(app, "auditor").get(f"/indicators/moved?period={before.name}").get_data(as_text=True)
    assert "没有变过:计入0条" in page
    assert "下载" not in page


def test_who_reads_the_rows_is_noted(app: Flask, moved: None, committed: Inside) -> None:
    signed_in(app, "supervisor").get(ADDRESS)

    def noted(session: Session) -> int:
        read = select(func.count()).where(JournalEntry.verb == "read-ratings")
        return session.scalar(read.where(JournalEntry.object.contains(WEEK.name))) or 0

    assert committed(noted) == 1


@pytest.mark.parametrize("name", ["2999-W01", "nonsense"])
def test_a_period_that_is_not_over_or_none_is_refused(app: Flask, moved: None, name: str) -> None:
    leadership = signed_in(app, "leadership")
    assert leadership.get(f"/indicators/moved?period={name}").status_code == 422


def test_the_clerks_side_reads_none_of_it(app: Flask, moved: None) -> None:
    assert signed_in(app, "department-lead").get(ADDRESS).status_code == 403


def test_a_correction_is_told_by_the_levels() -> None:
    history = History(1, [Said(1, None, 2, DURING), Said(2, 1, 5, AFTER)])
    history.attributions.append(Decided(1, "7", AFTER))
    then, now = history.state(AFTER), history.state()
    assert then is not None
    assert now is not None
    assert (then.level, then.bad, now.level, now.bad) == (2, 1, 5, 0)
    assert then.who == now.who == "7", "whose work it was is decided with the rating itself"
    assert befallen(then, now) == ("corrected",)
    assert befallen(now, now) == ()


def test_a_rating_whose_moment_is_not_kept_came_when_it_was_noted_whose_work_it_was() -> None:
    moment = clock.end_of(WEEK.period.last)
    late, early = (
        History(1, [Said(1, None, 2, None)], attributions=[Decided(1, "7", at), Decided(2, "8", AFTER)])
        for at in (moment, moment - timedelta(hours=12))
    )
    assert befallen(late.state(moment), late.state()) == ("late",)
    assert befallen(early.state(moment), early.state()) == ("attributed",)
