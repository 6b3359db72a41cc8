"""Statements of many rows, compiled once for each engine and then run on the driver itself.

What is written for every rating is written thousands of times an hour: working out the statement anew
each time would cost ten times what the database needs to carry it out.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, bindparam, func, select

from evalsys.kernel.types import Base

Row = Mapping[str, Any]


def insert_into(engine: str, model: type[Base]) -> Any:
    """An INSERT in an engine's own words, which know ON CONFLICT; nobody loads the words of the other."""
    return importlib.import_module(f"sqlalchemy.dialects.{engine}").insert(model)


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
            columns = self._model.__table__.columns
            insert = insert_into(engine, self._model)
            # One statement with an array for each column costs PostgreSQL a fraction of one for each row.
            new = _from_arrays(insert, list(columns)) if engine == "postgresql" else insert
            self._compiled[engine] = _Compiled(self._ending(new), list(columns), connection.dialect)
        compiled = self._compiled[engine]
        connection.exec_driver_sql(compiled.text, compiled.values(rows))


def _from_arrays(insert: Any, columns: Sequence[Any]) -> Any:
    names = [column.name for column in columns]
    array = importlib.import_module("sqlalchemy.dialects.postgresql").ARRAY
    arrays = func.unnest(*(bindparam(column.name, type_=array(column.type)) for column in columns))
    rows = arrays.table_valued(*names, name="given").render_derived()
    return insert.from_select(names, select(*(rows.c[name] for name in names)))


class _Compiled:
    """The text of a statement for one engine, and how its driver wants each value."""

    def __init__(self, statement: Insert, columns: Sequence[Any], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        processors = {c.name: c.type.dialect_impl(dialect).bind_processor(dialect) for c in columns}
        self.text = str(compiled)
        self._by_row = bool(compiled.positional)
        names = compiled.positiontup if self._by_row else processors
        self._columns = [(name, processors[name]) for name in names]

    def values(self, rows: Sequence[Row]) -> Any:
        """Rows as the driver takes them: one after the other, or an array for each column."""
        if self._by_row:
            return [
                tuple([_value(row[name], processor) for name, processor in self._columns]) for row in rows
            ]
        return {name: [_value(row[name], processor) for row in rows] for name, processor in self._columns}


def _value(value: Any, processor: Callable[[Any], Any] | None) -> Any:
    return value if processor is None or value is None else processor(value)
