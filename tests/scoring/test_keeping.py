"""The sums follow every rating, in its transaction, and can always be derived again."""

import json
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from evalsys.assurance.cli import verify
from evalsys.evaluation.actions.ratings import correct_rating
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.standing import (
    Decision,
    decide_standing,
    lapse_holds,
    mend_attribution,
)
from evalsys.evaluation.rules import Explanation, WrongTags
from evalsys.identity.actions.accounts import NewAccount, create_account
from evalsys.identity.models import Account
from evalsys.kernel import clock, writer
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.settings import Settings
from evalsys.scoring import actions
from evalsys.scoring.cli import group
from evalsys.scoring.models import DailySum, FormulaVersion, TagSum
from evalsys.scoring.queries import checks
from tests.builders import BuiltWindow, a_clerk, a_rating, a_window, an_item, around, on_duty
from tests.conftest import Inside

AT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
TOTALS_OF_A_CELL = (
    4  # of its window and of its clerk, of its entry and of all together: they disagree with it too
)


def cells(session: Session) -> list[dict[str, object]]:
    rows = session.execute(select(DailySum.__table__).order_by(DailySum.__table__.c.staff_id)).mappings()
    return [{name: value for name, value in row.items() if value not in (0, "")} for row in rows]


def two_people(session: Session, window: BuiltWindow) -> Decision:
    for name in ("one", "two"):
        create_account(session, NewAccount(name, name, window.unit_id, frozenset({"supervisor"})), None)
    one, two = session.scalars(select(Account.id).order_by(Account.name))
    return Decision("重复提交", one, two, AT)


def differences(session: Session) -> int:
    return checks.differences(session).differences


@pytest.fixture
def window(session: Session) -> BuiltWindow:
    return a_window(session)


def test_a_rating_without_anybody_on_duty_counts_for_nobody(session: Session, window: BuiltWindow) -> None:
    a_rating(session, window, 5, at=AT)
    (cell,) = cells(session)
    assert cell["n5"] == 1
    assert "staff_id" not in cell
    assert differences(session) == 0


def test_every_level_is_added_to_its_own_column(session: Session, window: BuiltWindow) -> None:
    for level in (5, 4, 3, 2, 1):
        for _ in range(level):
            a_rating(session, window, level, at=AT)
    (cell,) = cells(session)
    assert [cell[f"n{level}"] for level in (5, 4, 3, 2, 1)] == [5, 4, 3, 2, 1]
    assert differences(session) == 0


@pytest.mark.parametrize("origin", ["imported", "probe"])
def test_imported_ratings_and_probes_reach_no_sum(session: Session, window: BuiltWindow, origin: str) -> None:
    a_rating(session, window, at=AT, origin=origin)
    assert cells(session) == []
    assert differences(session) == 0


def test_assisted_and_bound_ratings_are_counted_apart_too(session: Session, window: BuiltWindow) -> None:
    a_rating(session, window, at=AT, origin="assisted", entry="tablet", evidence="B")
    (cell,) = cells(session)
    assert (cell["n5"], cell["assisted"], cell["bound"]) == (1, 1, 1)
    assert cell["channel"] == "face-to-face"
    assert differences(session) == 0


def test_a_correction_moves_the_rating_and_takes_its_tags_back(session: Session, window: BuiltWindow) -> None:
    a_rating(session, window, 1, at=AT, receipt_hash="r", tags=("108", "115"))
    correct_rating(session.connection(), "r", 4, "key-of-the-correction", now=AT)
    (cell,) = cells(session)
    assert cell["n4"] == 1
    assert "n1" not in cell
    assert session.scalar(select(func.sum(TagSum.n))) == 0
    assert differences(session) == 0


def test_reasons_add_what_was_done_the_matter_and_the_tags(session: Session, window: BuiltWindow) -> None:
    a_rating(session, window, 2, at=AT, receipt_hash="r")
    item = an_item(session, window, item_type="07")
    told = Explanation(tags=("207", "214"), done="no", item_id=item, item_type="07")
    explain_rating(session.connection(), "r", told, AT)
    there = next(cell for cell in cells(session) if "n2" in cell)
    assert there["item_type"] == "07"
    assert there["done_no"] == 1
    assert session.scalar(select(func.sum(TagSum.n))) == 2
    assert differences(session) == 0


def test_a_held_rating_leaves_the_count_and_comes_back(session: Session, window: BuiltWindow) -> None:
    root = a_rating(session, window, 1, at=AT, tags=("115",)).root
    decision = two_people(session, window)
    decide_standing(session.connection(), root, "held", decision)
    (cell,) = cells(session)
    assert (cell["held1"], cell.get("n1")) == (1, None)
    assert differences(session) == 0
    decide_standing(session.connection(), root, "counted", decision)
    (cell,) = cells(session)
    assert (cell["n1"], cell.get("held1")) == (1, None)
    decide_standing(session.connection(), root, "excluded", decision)
    assert cells(session)[0]["excluded1"] == 1
    assert differences(session) == 0


def test_a_hold_lapses_after_five_working_days_without_a_decision(
    session: Session, window: BuiltWindow
) -> None:
    root = a_rating(session, window, 1, at=AT, tags=("115",)).root
    decide_standing(session.connection(), root, "held", two_people(session, window))
    assert lapse_holds(session, AT + timedelta(days=7)) == 0
    assert lapse_holds(session, AT + timedelta(days=8)) == 1
    assert lapse_holds(session, AT + timedelta(days=8)) == 0
    (cell,) = cells(session)
    assert (cell["n1"], cell.get("held1")) == (1, None)
    assert differences(session) == 0


def test_nobody_alone_can_only_let_a_rating_count(session: Session, window: BuiltWindow) -> None:
    root = a_rating(session, window, 1, at=AT).root
    said = (
        "INSERT INTO standings (rating_id, seq, standing, reason, at) VALUES (:root, 1, 'excluded', 'x', :at)"
    )
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(said), {"root": root, "at": "2026-03-02 02:30:00"})


def test_a_mended_attribution_moves_the_rating_to_the_other_clerk(
    session: Session, window: BuiltWindow
) -> None:
    clerk, other = a_clerk(session), a_clerk(session, "1002", "李强")
    on_duty(session, window, clerk, *around(AT))
    root = a_rating(session, window, 3, at=AT, tags=("314",)).root
    mend_attribution(session.connection(), root, other, two_people(session, window))
    counted = {cell["staff_id"]: cell.get("n3") for cell in cells(session)}
    assert counted == {clerk: None, other: 1}
    assert differences(session) == 0


def test_a_hundred_ratings_at_random_leave_no_difference(session: Session, window: BuiltWindow) -> None:
    chance = random.Random(20260302)
    other = a_window(session, "25", "SOC")
    on_duty(session, window, a_clerk(session), *around(AT))
    decision = two_people(session, window)
    for number in range(100):
        place = chance.choice([window, other])
        level = chance.randint(1, 5)
        entry = chance.choice(["tablet", "kiosk", "window-code", "ticket"])
        root = a_rating(session, place, level, at=AT, entry=entry, receipt_hash=f"r{number}").root
        step = chance.randrange(5)
        if step == 0:
            correct_rating(session.connection(), f"r{number}", chance.randint(1, 5), f"k{number:020}", now=AT)
        if step == 1:
            told = Explanation(
                tags=("517",) if level == 5 else (), done=chance.choice([None, "yes", "asking"])
            )
            explain_rating(session.connection(), f"r{number}", told, AT)
        if step == 2:
            decide_standing(session.connection(), root, chance.choice(["held", "excluded"]), decision)
    verdict = checks.differences(session)
    assert (verdict.ratings, verdict.differences) == (100, 0)
    assert verdict.rows > 100


def test_a_sum_that_was_tampered_with_is_named(session: Session, window: BuiltWindow) -> None:
    a_rating(session, window, at=AT, tags=("517",))
    session.execute(update(DailySum).values(n5=DailySum.n5 + 1))
    verdict = checks.differences(session)
    assert verdict.differences == 1 + TOTALS_OF_A_CELL
    assert "2026-03-02" in verdict.examples[0]
    session.execute(delete(TagSum))
    assert differences(session) == 2 + TOTALS_OF_A_CELL
    session.execute(delete(DailySum))
    assert differences(session) == 2 + TOTALS_OF_A_CELL


def test_a_sum_without_ratings_is_found_too(session: Session, window: BuiltWindow) -> None:
    values = {"day": AT.date(), "window_id": window.window_id, "staff_id": 0, "unit_id": window.unit_id}
    session.execute(insert(TagSum).values(**values, channel="on-the-go", tag="517", n=3))
    assert differences(session) == 1


def test_rebuilding_derives_what_was_lost(session: Session, window: BuiltWindow) -> None:
    for level in (5, 4, 1):
        a_rating(session, window, level, at=AT, tags=("517",) if level == 5 else ())
    kept = cells(session)
    session.execute(update(DailySum).values(n5=99))
    session.execute(delete(TagSum))
    for period in checks.chunks(session):
        actions.rebuild(session, period)
    assert cells(session) == kept
    assert differences(session) == 0


UNSEALED = {"journal": 0, "sealed_days": 0, "sealed": 0}


def test_verify_says_on_its_last_line_what_it_found(app: Flask, committed: Inside) -> None:
    committed(lambda session: a_rating(session, a_window(session), at=AT) and None)
    runner = app.test_cli_runner()
    with app.app_context():
        fine = runner.invoke(verify, [])
    assert fine.exit_code == 0
    assert json.loads(fine.stdout.splitlines()[-1]) == {"ratings": 1, "rows": 1, "differences": 0} | UNSEALED
    committed(lambda session: session.execute(update(DailySum).values(n5=7)) and None)
    with app.app_context():
        broken = runner.invoke(verify, ["--json"])
    assert broken.exit_code == 1
    found = {"ratings": 1, "rows": 1, "differences": 1 + TOTALS_OF_A_CELL}
    assert json.loads(broken.stdout) == found | UNSEALED


def test_the_command_rebuilds_everything(app: Flask, committed: Inside) -> None:
    committed(lambda session: a_rating(session, a_window(session), at=AT) and None)
    committed(lambda session: session.execute(delete(DailySum)) and None)
    with app.app_context():
        done = app.test_cli_runner().invoke(group, ["rebuild"])
    assert done.exit_code == 0, done.output
    assert committed(differences) == 0


def test_a_site_without_ratings_has_no_differences(session: Session) -> None:
    verdict = checks.differences(session)
    assert (verdict.ratings, verdict.rows, verdict.differences, verdict.examples) == (0, 0, 0, ())


def test_new_formulas_are_noted_once_and_journaled(session: Session) -> None:
    for settings in (Settings(), Settings(), Settings(min_n_rank=50)):
        actions.note_formulas(session, settings, AT)
    assert session.scalar(select(func.count()).select_from(FormulaVersion)) == 2
    assert session.scalar(select(func.count()).where(JournalEntry.verb == "formulas")) == 2


def test_a_return_to_earlier_formulas_is_journaled_too(session: Session) -> None:
    for settings in (Settings(), Settings(min_n_rank=50), Settings(), Settings()):
        actions.note_formulas(session, settings, AT)
    assert session.scalar(select(func.count()).select_from(FormulaVersion)) == 2
    assert session.scalar(select(func.count()).where(JournalEntry.verb == "formulas")) == 3


SPOILED = {
    "sqlite": (
        "CREATE TRIGGER spoil AFTER INSERT ON daily_sums BEGIN UPDATE daily_sums SET n1 = n1 + 1; END",
    ),
    "postgresql": (
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.n1 := NEW.n1 + 1; RETURN NEW; END'",
        "CREATE TRIGGER spoil BEFORE INSERT ON daily_sums FOR EACH ROW EXECUTE FUNCTION spoil()",
    ),
}


def test_a_rebuild_that_does_not_match_says_so_and_keeps_nothing(
    app: Flask, committed: Inside, engine_name: str
) -> None:
    committed(lambda session: a_rating(session, a_window(session), at=AT) and None)
    for statement in SPOILED[engine_name]:
        committed(lambda session, said=statement: session.execute(text(said)) and None)
    before = committed(cells)
    with app.app_context():
        answer = app.test_cli_runner().invoke(group, ["rebuild"])
    assert answer.exit_code == 1
    assert "不符" in answer.output
    assert committed(cells) == before


@pytest.mark.parametrize("round_", range(3))
def test_changes_of_one_rating_at_once_leave_no_difference(
    app: Flask, committed: Inside, round_: int
) -> None:
    def prepare(session: Session) -> tuple[int, int, Decision]:
        place, at = a_window(session), clock.now()
        root = a_rating(session, place, 2, at=at, receipt_hash="r", tags=("207",)).root
        return root, a_clerk(session), replace(two_people(session, place), at=at)

    root, clerk, decision = cast(tuple[int, int, Decision], committed(prepare))
    now = decision.at
    told = Explanation(tags=("214",), done="no", item_type="07")
    changes: list[Callable[[Connection], object]] = [
        lambda connection: explain_rating(connection, "r", told, now),
        lambda connection: correct_rating(connection, "r", 4, "key-of-the-correction", now=now),
        lambda connection: decide_standing(connection, root, "held", decision),
        lambda connection: mend_attribution(connection, root, clerk, decision),
        lambda connection: decide_standing(connection, root, "excluded", decision),
    ]
    start, faults = threading.Barrier(len(changes)), []

    def change(action: Callable[[Connection], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                writer.run(action)
            except WrongTags:
                # After the correction these reasons belong to another level.
                return
            except SQLAlchemyError as fault:
                faults.append(fault)

    threads = [threading.Thread(target=change, args=(each,)) for each in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert committed(differences) == 0
