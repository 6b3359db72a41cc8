"""What somebody with the whole database in their hands might do to it: a random change of what was sealed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Table, and_, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evalsys.kernel.types import Base, Instant
from tests.assurance.sealed_sites import MORNING, sealed_all

TABLES = Base.metadata.tables
# All that a rater or two people said, and the seals themselves.
SAID = ("ratings", "submissions", "reasons", "rating_tags", "rating_texts", "attributions", "standings")
KEPT = ("sealed_entries", "seal_blocks", "seals")
OPEN = (*SAID, "findings", *KEPT)
# What can be added to a rating that is there.
ADDED = ("ratings", "reasons", "rating_tags", "attributions", "standings", "findings", *KEPT)

Row = dict[str, Any]


def laid_open(session: Session) -> None:
    """Take every guard away, as somebody with the file or the server in their hands can."""
    if session.connection().dialect.name == "sqlite":
        names = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        return
    # No trigger fires, those of the foreign keys among them.
    session.execute(text("SET LOCAL session_replication_role = replica"))


def rows_of(session: Session, table: Table) -> list[Row]:
    """The rows of a table, always in the same order."""
    columns = list(table.c)
    return [dict(row) for row in session.execute(select(*columns).order_by(*table.primary_key)).mappings()]


def other(value: Any, chance: Random) -> Any:
    """Another value of the same kind."""
    if isinstance(value, str):
        return value[:-1] + ("b" if value.endswith("a") else "a") if value else "a"
    if isinstance(value, bytes):
        at = chance.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
    if isinstance(value, datetime):
        return value + chance.choice((-1, 1)) * timedelta(minutes=7)
    if isinstance(value, date):
        return value + chance.choice((-1, 1)) * timedelta(days=1)
    return value + chance.choice((-1, 1))


def of(table: Table, row: Row) -> Any:
    """The condition that names one row."""
    return and_(*(column == row[column.name] for column in table.primary_key))


def edited(session: Session, chance: Random) -> str:
    """One value of one row is another one."""
    table = TABLES[chance.choice(OPEN)]
    row = chance.choice(rows_of(session, table))
    name = chance.choice([column.name for column in table.c])
    wanted = other(row[name], chance) if row[name] is not None else instead_of_nothing(table, name)
    session.execute(update(table).where(of(table, row)).values({name: wanted}))
    return f"edit {table.name}.{name}"


def instead_of_nothing(table: Table, name: str) -> Any:
    """A value for a column that holds none."""
    kind = table.c[name].type
    return MORNING if isinstance(kind, Instant) else {str: "a", int: 1}[kind.python_type]


def deleted(session: Session, chance: Random) -> str:
    """One row is gone."""
    table = TABLES[chance.choice(OPEN)]
    session.execute(delete(table).where(of(table, chance.choice(rows_of(session, table)))))
    return f"delete {table.name}"


def swapped(session: Session, chance: Random) -> str:
    """Two rows have changed what they say, or where they stand."""
    table = TABLES[chance.choice([name for name in OPEN if name != "submissions"])]
    names = [column.name for column in table.c if not column.primary_key and not column.unique]
    rows = rows_of(session, table)
    pairs = [(one, two) for one in rows for two in rows if any(one[name] != two[name] for name in names)]
    one, two = chance.choice(pairs) if pairs else (rows[0], rows[0])
    # Out of the way first: two leaves never stand at one place.
    if table.name == "sealed_entries":
        session.execute(update(table).where(of(table, one)).values(place=10**6))
    session.execute(update(table).where(of(table, two)).values({name: one[name] for name in names}))
    session.execute(update(table).where(of(table, one)).values({name: two[name] for name in names}))
    return f"swap {table.name}"


def inserted(session: Session, chance: Random) -> str:
    """A row has been slipped in that says it is as old as another one."""
    table = TABLES[chance.choice(ADDED)]
    row = dict(chance.choice(rows_of(session, table)))
    new: dict[str, Row] = {
        "ratings": {"id": chance.getrandbits(60), "kind": "first", "replaces": None},
        "rating_tags": {"tag": "999"},
        "sealed_entries": {"seq": 50 + chance.randrange(50), "place": 10**6},
        "seal_blocks": {"number": 77},
        "seals": {
            "day": max(each["day"] for each in rows_of(session, TABLES["seals"])) + timedelta(days=1),
            "before": chance.randbytes(32),
            "seal": chance.randbytes(32),
        },
    }
    row |= new.get(table.name, {"seq": 50 + chance.randrange(50)})
    if table.name == "ratings":
        row["root"] = row["id"]
    session.execute(insert(table).values(row))
    return f"insert {table.name}"


def cut_off(session: Session, chance: Random) -> str:
    """The last days have gone, with what was said on them or without it."""
    days = [row["day"] for row in rows_of(session, TABLES["seals"])]
    first = chance.choice(days[1:])
    leaves = TABLES["sealed_entries"]
    gone = session.execute(select(leaves.c.rating_id).where(leaves.c.day >= first)).scalars().all()
    for name in KEPT:
        session.execute(delete(TABLES[name]).where(TABLES[name].c.day >= first))
    if whole := chance.random() < 0.5:
        for name in (*SAID, "findings"):
            table = TABLES[name]
            session.execute(
                delete(table).where(table.c["id" if name == "ratings" else "rating_id"].in_(gone))
            )
    return f"cut off {'with' if whole else 'without'} the ratings"


def rewritten(session: Session, chance: Random) -> str:
    """A rating says something else, and every leaf, tree and seal has been made anew to fit."""
    ratings = TABLES["ratings"]
    row = chance.choice(rows_of(session, ratings))
    session.execute(update(ratings).where(of(ratings, row)).values(level=row["level"] % 5 + 1))
    last = max(rows_of(session, TABLES["seals"]), key=lambda seal: seal["day"])
    for name in KEPT:
        session.execute(delete(TABLES[name]))
    sealed_all(session, last["made_at"])
    return "rewrite all"


WAYS: tuple[Callable[[Session, Random], str], ...] = (edited, deleted, swapped, inserted, cut_off, rewritten)
# Out of twenty; to make everything anew takes long.
OFTEN = (7, 4, 4, 3, 1.5, 0.5)


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """What happens inside is undone."""
    saved = session.begin_nested()
    try:
        yield
    finally:
        saved.rollback()


def tampered(session: Session, chance: Random) -> str | None:
    """One random change; None where the database itself does not allow it, whoever asks."""
    way = chance.choices(WAYS, OFTEN)[0]
    try:
        with session.begin_nested():
            return way(session, chance)
    except DBAPIError:
        return None
