"""Many rows added to those of the same key in one statement, made once for each engine."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, Integer, Table

_ARRAYS: dict[type[Any], str] = {Date: "date[]", Integer: "integer[]"}


class Adding:
    """Adds rows of a table to those that are there: what is no key is a number, and added.

    Rows are sequences in the order of the table's columns, of days, texts and whole numbers; their order is
    the order in which they are locked. Written for the driver: it runs for every rating.
    """

    def __init__(self, table: Table) -> None:
        columns = [column.name for column in table.columns]
        keys = [column.name for column in table.primary_key]
        into = f"INSERT INTO {table.name} ({', '.join(columns)})"
        sums = (f"{name} = {table.name}.{name} + excluded.{name}" for name in columns if name not in keys)
        merge = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(sums)}"
        arrays = (f"%s::{_ARRAYS.get(type(column.type), 'text[]')}" for column in table.columns)
        self._days = [place for place, column in enumerate(table.columns) if isinstance(column.type, Date)]
        self._one_by_one = f"{into} VALUES ({', '.join('?' * len(columns))}) {merge}"
        self._at_once = " ".join((into, "SELECT * FROM", f"unnest({', '.join(arrays)})", merge))

    def run(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Add these rows; their keys must differ from one another."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(self._one_by_one, [self._for_sqlite(row) for row in rows])
        else:
            arrays = tuple(map(list, zip(*rows, strict=True)))
            connection.exec_driver_sql(self._at_once, arrays)

    def _for_sqlite(self, row: Sequence[Any]) -> tuple[Any, ...]:
        values = list(row)
        for place in self._days:
            day: date = values[place]
            values[place] = day.isoformat()
        return tuple(values)
