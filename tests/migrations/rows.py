"""Rows for every table of any release, made from what the database itself says of its tables.

No model is asked: those are of the present release. Each column is given values of its type, those that its
table's checks name among them, and rows of other tables it points to; the database says which it takes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Time,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeEngine

ROWS = 2  # of each table
TRIES = 3000
START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
_NAMED = re.compile(r"'([^']*)'")
_VERSION = "alembic_version"
DRAWN_ANEW = {"stamps"}  # by whatever is written

Row = dict[str, Any]


def tables(connection: Connection) -> list[Table]:
    """Every table there is, those pointed to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != _VERSION]


def fill(connection: Connection, there: Sequence[Table], seed: int) -> None:
    """Put two rows into every table that has none yet."""
    chance = Random(seed)
    for table in there:
        here = connection.execute(select(table).limit(1)).first()
        if here is None:
            for number in range(1, ROWS + 1):
                _add(connection, table, number, chance)


def all_rows(connection: Connection, there: Sequence[Table]) -> dict[str, list[Row]]:
    """What stands in every table."""
    # As words: each release's tables are new ones, and to work out a statement for each takes longest.
    return {
        table.name: [
            dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}").mappings()
        ]
        for table in there
    }


def _add(connection: Connection, table: Table, number: int, chance: Random) -> None:
    """Try rows until the database takes one."""
    words = _words(connection, table)
    for _ in range(TRIES):
        row = _row(connection, table, number, words, chance)
        if row is None:
            continue
        try:
            with connection.begin_nested():
                connection.execute(insert(table), row)
        except IntegrityError:
            continue
        return
    raise AssertionError(f"no row could be made for {table.name}")


def _words(connection: Connection, table: Table) -> dict[str, list[str]]:
    """The words that a table's checks name beside each of its columns."""
    words: dict[str, list[str]] = {column.name: [] for column in table.columns}
    for check in inspect(connection).get_check_constraints(table.name):
        named = _NAMED.findall(check["sqltext"])
        for name, found in words.items():
            if re.search(rf"\b{name}\b", check["sqltext"]):
                found.extend(word for word in named if word)
    return words


def _row(
    connection: Connection, table: Table, number: int, words: dict[str, list[str]], chance: Random
) -> Row | None:
    row = {
        column.name: _value(column, number, words[column.name], chance)
        for column in table.columns
        if not (column.nullable and chance.random() < 0.5)
    }
    for pointing in table.foreign_key_constraints:
        if pointing.referred_table is table:
            own = {pair.parent.name: row.get(pair.column.name) for pair in pointing.elements}
            row |= own if chance.random() < 0.5 else dict.fromkeys(own)
            continue
        found = list(connection.execute(select(*(pair.column for pair in pointing.elements)).limit(ROWS)))
        if not found:
            return None
        for pair, value in zip(pointing.elements, chance.choice(found), strict=True):
            if pair.parent.name in row or not pair.parent.nullable:
                row[pair.parent.name] = value
    return row


Make = Callable[[Column[Any], int, Random], Any]

# By type; what is none of these is words.
_MADE: tuple[tuple[type[TypeEngine[Any]], Make], ...] = (
    (Boolean, lambda _column, _number, chance: chance.random() < 0.5),
    (DateTime, lambda _column, number, chance: START + timedelta(days=number, hours=chance.randrange(8))),
    (Date, lambda _column, number, _chance: START.date() + timedelta(days=number)),
    (Time, lambda _column, _number, chance: time(9 + chance.randrange(8))),
    (Integer, lambda column, number, chance: number if column.primary_key else chance.randrange(1, 6)),
    (Float, lambda _column, number, _chance: float(number)),
    (Numeric, lambda _column, number, _chance: float(number)),
    (LargeBinary, lambda _column, number, _chance: bytes([number]) * 32),
)


def _value(column: Column[Any], number: int, words: list[str], chance: Random) -> Any:
    for kind, make in _MADE:
        if isinstance(column.type, kind):
            return make(column, number, chance)
    if words and chance.random() < 0.9:
        return chance.choice(words)
    return f"{number}{column.name}"[: getattr(column.type, "length", None) or 40]


def rows_lost(before: dict[str, list[Row]], after: dict[str, list[Row]]) -> Iterator[str]:
    """The tables that went, or whose rows do not all stand as they did, as far as their columns are there."""
    for name, rows in before.items():
        if name in DRAWN_ANEW:
            continue
        if name not in after:
            yield f"{name} is gone"
            continue
        kept = sorted(set(rows[0]) & set(after[name][0])) if rows and after[name] else []
        seen = [[row[column] for column in kept] for row in after[name]]
        for row in rows:
            if [row[column] for column in kept] not in seen:
                yield f"{name}: {row}"
