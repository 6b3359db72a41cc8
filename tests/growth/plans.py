"""What the database says it will do for a statement: which indexes it uses, which tables it reads wholly."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event

_READS = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b")
_SCAN = re.compile(r"\bSCAN (\w+)")
_INDEX = re.compile(r"USING (?:COVERING )?INDEX (\w+)")


@dataclass(frozen=True)
class Said:
    """A statement with its parameters as the driver was given them."""

    statement: str
    parameters: Any


@dataclass(frozen=True)
class Plan:
    """The indexes a statement uses, and the tables it reads from end to end."""

    indexes: frozenset[str]
    scanned: frozenset[str]


@contextmanager
def recorded() -> Iterator[list[Said]]:
    """Every statement any engine is given meanwhile, each text once."""
    said: dict[str, Said] = {}

    def listen(_conn: object, _cursor: object, statement: str, parameters: Any, *more: Any) -> None:
        if _READS.match(statement) and not more[-1]:
            said.setdefault(statement, Said(statement, parameters))

    found: list[Said] = []
    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
        found.extend(said.values())


def plan_of(connection: Connection, said: Said) -> Plan:
    """The plan of a statement on either engine."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said.statement}", said.parameters)
        return _of_sqlite(said.statement, [str(row[3]) for row in rows])
    rows = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {said.statement}", said.parameters)
    told = rows.scalar_one()
    indexes: set[str] = set()
    scanned: set[str] = set()
    _walk((json.loads(told) if isinstance(told, str) else told)[0]["Plan"], indexes, scanned)
    return Plan(frozenset(indexes), frozenset(scanned))


def _of_sqlite(statement: str, steps: list[str]) -> Plan:
    scanned = set()
    for step in steps:
        # A scan of an index is as long as one of its table.
        if found := _SCAN.match(step):
            scanned.add(_table(statement, found[1]))
    return Plan(frozenset(index for step in steps for index in _INDEX.findall(step)), frozenset(scanned))


def _table(statement: str, alias: str) -> str:
    """The table behind an alias of a statement."""
    found = re.search(rf'(?:FROM|JOIN|,)\s+"?(\w+)"? AS "?{alias}"?\b', statement)
    return found[1] if found else alias


def _walk(node: dict[str, Any], indexes: set[str], scanned: set[str]) -> None:
    if "Index Name" in node:
        indexes.add(node["Index Name"])
    whole = node["Node Type"] == "Seq Scan" or (
        node["Node Type"].startswith("Index") and "Index Cond" not in node
    )
    if whole and "Relation Name" in node:
        scanned.add(node["Relation Name"])
    for below in node.get("Plans", ()):
        _walk(below, indexes, scanned)
