"""A thousand changes of what was sealed, by somebody who can change all of the database: a thousand found."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.findings import note_finding
from evalsys.evaluation.actions.ratings import correct_rating
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.actions.standing import Decision, decide_standing
from evalsys.evaluation.models import RatingText
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import REDACTED, Explanation
from tests.assurance.sealed_sites import MORNING, anchor_of, first_fault, found, rated, sealed_all, two_people
from tests.assurance.tampering import KEPT, TABLES, laid_open, rows_of, taken_back, tampered
from tests.builders import a_clerk, a_window, around, on_duty

# PostgreSQL's answers take longer: a sample.
TIMES = {"sqlite": 1000, "postgresql": 40}


@pytest.fixture
def sealed(session: Session) -> Session:
    """Three sealed days with all that can be said of a rating, and no guard left."""
    window = a_window(session)
    on_duty(session, window, a_clerk(session), *around(MORNING))
    one, other = two_people(session)
    connection = session.connection()
    for day in range(3):
        at = MORNING + timedelta(days=day)
        for level, tag in ((1, "115"), (2, "215"), (5, "511")):
            rated(session, window, level, at=at)
            receipt = rated(session, window, level, at=at)
            explain_rating(connection, receipt, Explanation(tags=tag_of(session, level), text=tag), at)
            root = ratings.root_of_receipt(session, receipt) or 0
        correct_rating(connection, receipt, 4, f"a key of day {day} for it", now=at)
        decide_standing(connection, root, "held", Decision("核实", one, other, at))
        note_finding(connection, [root], "process", at)
    rated(session, window, at=MORNING, evidence="D", entry="kiosk")
    laid_open(session)
    redacted = update(RatingText).where(RatingText.rating_id == root)
    session.execute(redacted.values(text=REDACTED, redacted_at=at))
    sealed_all(session, MORNING + timedelta(days=3))
    return session


def tag_of(session: Session, level: int) -> tuple[str, ...]:
    """One of the tags of a level."""
    return (ratings.tags_of_level(session, level)[0].code,)


def test_every_one_of_many_changes_is_found(sealed: Session, engine_name: str) -> None:
    anchor, chance = anchor_of(sealed), Random(20260302)
    assert found(sealed, anchor) == []
    done: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    while done.total() < TIMES[engine_name]:
        with taken_back(sealed):
            what = tampered(sealed, chance)
            if what is not None:
                done[what] += 1
                missed[what] += first_fault(sealed, anchor) is None
    assert +missed == Counter()
    assert {what.split()[0] for what in done} == {"edit", "delete", "swap", "insert", "cut", "rewrite"}
    assert found(sealed, anchor) == []


def test_without_an_anchor_only_a_cut_or_rewritten_whole_passes(sealed: Session, engine_name: str) -> None:
    """Why the seals are to be kept elsewhere: a chain made anew is as sound as the first."""
    anchor = anchor_of(sealed)
    with taken_back(sealed):
        rows = rows_of(sealed, TABLES["ratings"])
        sealed.execute(
            update(TABLES["ratings"]).where(TABLES["ratings"].c.id == rows[0]["id"]).values(level=3)
        )
        for name in KEPT:
            sealed.execute(TABLES[name].delete())
        sealed_all(sealed, MORNING + timedelta(days=3))
        assert found(sealed) == []
        assert found(sealed, anchor)


def test_the_first_bad_row_is_named(sealed: Session) -> None:
    table = TABLES["ratings"]
    row = next(row for row in rows_of(sealed, table) if row["level"] == 1)
    sealed.execute(update(table).where(table.c.id == row["id"]).values(level=5))
    (fault,) = found(sealed)
    assert fault == f"{row['counts_on']} 评价{row['id']}的评价与封存时不同"
