"""Statements of many rows, compiled once for each engine and then run on the driver itself.

What is written for every rating is written thousands of times an hour: working out the statement anew
each time would cost ten times what the database needs to carry it out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Insert
from sqlalchemy.dialects import postgresql, sqlite

from evalsys.kernel.types import Base

Row = Mapping[str, Any]

# Both know ON CONFLICT, in their own words.
INSERT_INTO: Mapping[str, Callable[[type[Base]], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class Prepared:
    """An INSERT of whole rows; every column of the table is given in each of them."""

    def __init__(self, model: type[Base], ending: Callable[[Any], Insert] = lambda insert: insert) -> None:
        """`ending` adds what comes after the values, to an insert of the present engine: ON CONFLICT …"""
        self._model = model
        self._ending = ending
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write these rows, in their order; none is nothing to do."""
        if not rows:
            return
        engine = connection.dialect.name
        if engine not in self._compiled:
            statement = self._ending(INSERT_INTO[engine](self._model))
            self._compiled[engine] = _Compiled(statement, self._model, connection.dialect)
        compiled = self._compiled[engine]
        connection.exec_driver_sql(compiled.text, [compiled.values(row) for row in rows])


class _Compiled:
    """The text of a statement for one engine, and how its driver wants each value."""

    def __init__(self, statement: Insert, model: type[Base], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        columns = model.__table__.columns
        self.text = str(compiled)
        self._by_place = bool(compiled.positional)
        self._columns = [
            (name, columns[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in (compiled.positiontup if self._by_place else compiled.binds)
        ]

    def values(self, row: Row) -> Any:
        """A row as the driver takes it: by place or by name."""
        values = [
            row[name] if processor is None or row[name] is None else processor(row[name])
            for name, processor in self._columns
        ]
        if self._by_place:
            return tuple(values)
        return {name: value for (name, _), value in zip(self._columns, values, strict=True)}
