"""Whatever is done to the journal by somebody with the whole database in their hands is found."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from evalsys.assurance.queries import journal_checks, seals
from evalsys.kernel import journal
from evalsys.kernel.models import JournalEntry
from tests.assurance.sealed_sites import MORNING, anchor_of, found, rated, sealed_all, two_people
from tests.assurance.tampering import TABLES, Row, laid_open, of, other, rows_of, taken_back
from tests.builders import a_window

TIMES = {"sqlite": 250, "postgresql": 30}
TABLE = TABLES["journal"]
# The number of an entry only says its place among the others.
SAID = [column.name for column in TABLE.c if column.name != "id"]


@pytest.fixture
def sealed(session: Session) -> Session:
    """A journal of thirty entries that ends where the last seal says, and no guard left."""
    window = a_window(session)
    two_people(session)
    for number in range(28):
        reason = None if number % 3 else f"理由{number}"
        journal.record(session, None, "read-ratings", f"object {number}", reason, n=number)
    rated(session, window, at=MORNING)
    laid_open(session)
    sealed_all(session, MORNING + timedelta(days=1))
    return session


def faults(session: Session) -> list[str]:
    """What a look at the journal finds, with the seals there are."""
    return [str(fault) for fault in journal_checks.faults(session, seals.sealed_days(session))]


def edited(session: Session, chance: Random) -> str:
    """One entry says something else."""
    row, name = chance.choice(rows_of(session, TABLE)), chance.choice(SAID)
    fitting = 1 if name.endswith("_id") else "x"
    value = fitting if row[name] is None else other(row[name], chance)
    session.execute(update(TABLE).where(of(TABLE, row)).values({name: value}))
    return f"edit {name}"


def deleted(session: Session, chance: Random) -> str:
    """One entry is gone, the last one perhaps."""
    session.execute(delete(TABLE).where(of(TABLE, chance.choice(rows_of(session, TABLE)))))
    return "delete"


def swapped(session: Session, chance: Random) -> str:
    """Two entries stand in each other's place."""
    one, two = chance.sample(rows_of(session, TABLE), 2)
    for row, number in ((one, 10**6), (two, one["id"])):
        session.execute(update(TABLE).where(of(TABLE, row)).values(id=number))
    session.execute(update(TABLE).where(TABLE.c.id == 10**6).values(id=two["id"]))
    return "swap"


def chained(row: Row, prev_hash: str) -> Row:
    """An entry made to follow another one, with a hash that fits what it says."""
    facts = {name: row[name] for name in journal.FACTS}
    return row | {"prev_hash": prev_hash, "hash": journal.entry_hash(prev_hash, row["at"], facts)}


def inserted(session: Session, chance: Random) -> str:
    """An entry has been slipped in that fits the one before it."""
    rows = rows_of(session, TABLE)
    place = chance.randrange(1, len(rows))
    for row in reversed(rows[place:]):
        session.execute(update(TABLE).where(of(TABLE, row)).values(id=row["id"] + 1))
    new = rows[place] | {"object": "slipped in", "prev_hash": chance.randbytes(32).hex()}
    facts = {name: new[name] for name in journal.FACTS}
    new["hash"] = journal.entry_hash(new["prev_hash"], new["at"], facts)
    session.execute(insert(TABLE).values(new))
    return "insert"


def cut_off(session: Session, chance: Random) -> str:
    """The last entries have gone, or all of them."""
    ids = [row["id"] for row in rows_of(session, TABLE)]
    session.execute(delete(TABLE).where(TABLE.c.id >= chance.choice(ids)))
    return "cut"


def rewritten(session: Session, chance: Random) -> str:
    """One entry says something else, and every one from there on has been chained anew."""
    rows = rows_of(session, TABLE)
    place = chance.randrange(len(rows))
    session.execute(delete(TABLE).where(TABLE.c.id >= rows[place]["id"]))
    rows[place] |= {"object": "something else"}
    before = rows[place]["prev_hash"]
    for row in rows[place:]:
        new = chained(row, before)
        session.execute(insert(TABLE).values(new))
        before = new["hash"]
    return "rewrite"


WAYS: tuple[Callable[[Session, Random], str], ...] = (edited, deleted, swapped, inserted, cut_off, rewritten)


def test_every_one_of_many_changes_is_found(sealed: Session, engine_name: str) -> None:
    chance = Random(20260303)
    assert faults(sealed) == []
    done: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for _ in range(TIMES[engine_name]):
        with taken_back(sealed):
            what = chance.choice(WAYS)(sealed, chance)
            done[what] += 1
            missed[what] += not faults(sealed)
    assert +missed == Counter()
    assert {what.split()[0] for what in done} == {"edit", "delete", "swap", "insert", "cut", "rewrite"}
    edited_columns = {what.split()[1] for what in done if what.startswith("edit")}
    assert edited_columns == set(SAID) or engine_name != "sqlite"
    assert faults(sealed) == []


def test_the_first_bad_entry_is_named(sealed: Session) -> None:
    row = rows_of(sealed, TABLE)[12]
    sealed.execute(update(TABLE).where(of(TABLE, row)).values(reason="另一个理由"))
    (fault,) = faults(sealed)
    assert fault.endswith(f"流水第{row['id']}条与写下时不同")


def test_an_entry_that_is_gone_is_missed_where_it_stood(sealed: Session) -> None:
    rows = rows_of(sealed, TABLE)
    sealed.execute(delete(TABLE).where(of(TABLE, rows[12])))
    (fault,) = faults(sealed)
    assert f"流水第{rows[13]['id']}条没有接在前一条之后" in fault


def test_what_came_after_the_last_seal_is_chained_but_can_be_cut_off_until_the_next(sealed: Session) -> None:
    journal.record(sealed, None, "read-ratings", "late")
    last = sealed.scalar(select(func.max(JournalEntry.id)))
    sealed.execute(delete(TABLE).where(TABLE.c.id == last))
    assert faults(sealed) == []
    sealed_all(sealed, MORNING + timedelta(days=2))
    assert faults(sealed) == []


def test_seals_made_anew_over_another_journal_differ_from_an_anchor(sealed: Session) -> None:
    anchor = anchor_of(sealed)
    with taken_back(sealed):
        rewritten(sealed, Random(1))
        for name in ("seals", "seal_blocks", "sealed_entries"):
            sealed.execute(TABLES[name].delete())
        sealed_all(sealed, MORNING + timedelta(days=1))
        assert faults(sealed) == []
        assert found(sealed, anchor) != []


def test_a_seal_from_before_the_journal_was_sealed_still_holds(session: Session) -> None:
    rated(session, a_window(session), at=MORNING)
    sealed_all(session, MORNING + timedelta(days=1))
    (day,) = seals.sealed_days(session)
    assert day.journal is None
    assert "journal" not in day.public()
    assert found(session, anchor_of(session)) == []
    assert faults(session) == []
