"""What a migration says to the database, and which of it a site full of ratings cannot bear."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine, event

# Where a change may stand in front of its table: `ALTER TABLE ONLY public."ratings"`.
_TABLE = r'(?:ONLY )?(?:PUBLIC\.)?"?(\w+)"?'
_CREATED = re.compile(rf"CREATE TABLE (?:IF NOT EXISTS )?{_TABLE}")
_INDEXED = re.compile(rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON {_TABLE}")
_ALTERED = re.compile(rf"ALTER TABLE (?:IF EXISTS )?{_TABLE} (.*)")
_WRITTEN = re.compile(rf"(?:UPDATE|DELETE FROM) {_TABLE}")
_VOLATILE = re.compile(r"DEFAULT (?:\(?\w*(?:RANDOM|UUID|CLOCK_TIMESTAMP|NEXTVAL)\w*\(?|.*SERIAL)")
_LOOKS_AT_ROWS = re.compile(
    r"ALTER COLUMN \S+ SET NOT NULL"
    r"|ADD (?:CONSTRAINT|CHECK|FOREIGN|UNIQUE|PRIMARY)(?!.*(?:NOT VALID|USING INDEX))"
)
_CHANGES = re.compile(r"CREATE TABLE|ALTER|INSERT|UPDATE|DELETE|CREATE (?:OR REPLACE )?(?:TRIGGER|FUNCTION)")


# The version, and what every transaction of ours says at its end.
_NOT_ITS_OWN = ("ALEMBIC_VERSION", "UPDATE STAMPS SET TOLD")


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Every statement any engine is given meanwhile, in capitals and on one line."""
    said: list[str] = []

    def listen(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(" ".join(statement.split()).upper())

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


def faults_of(statements: Sequence[str], *, on_sqlite: bool = False) -> list[str]:
    """What of a migration's statements locks, rewrites or scans a table that was there before it.

    SQLite has one lock for everything: there only a table written anew, and its guards lost, is a fault.
    """
    said = [statement for statement in statements if not any(words in statement for words in _NOT_ITS_OWN)]
    new = {found[1] for statement in said if (found := _CREATED.match(statement))}
    faults = [
        f"{fault}: {statement[:120]}"
        for statement in said
        for rule in ((_table_made_anew,) if on_sqlite else (_index, _altered, _written, _locked))
        if (fault := rule(statement, new))
    ]
    if any("CONCURRENTLY" in statement for statement in said) and any(map(_CHANGES.match, said)):
        faults.append("an index is made beside the writers in a migration of its own")
    return faults


Rule = Callable[[str, set[str]], str | None]


def _table_made_anew(statement: str, _new: set[str]) -> str | None:
    return "a table is written anew" if re.match('CREATE TABLE "?_ALEMBIC_TMP_', statement) else None


def _index(statement: str, new: set[str]) -> str | None:
    found = _INDEXED.match(statement)
    if found and found[1] not in new:
        return "an index locks the writers out"
    if re.match(r"(?:DROP INDEX|REINDEX) (?!CONCURRENTLY)", statement):
        return "dropping an index locks everybody out"
    return None


def _altered(statement: str, new: set[str]) -> str | None:
    found = _ALTERED.match(statement)
    if not found or found[1] in new:
        return None
    change = found[2]
    if change.startswith("ADD COLUMN"):
        if "NOT NULL" in change and "DEFAULT" not in change:
            return "rows that are there lack the new column"
        return "every row gets its own default" if _VOLATILE.search(change) or "SERIAL" in change else None
    if re.search(r"ALTER COLUMN \S+ TYPE", change):
        return "a column's type writes the table anew"
    return "every row is looked at under a lock" if _LOOKS_AT_ROWS.match(change) else None


def _written(statement: str, new: set[str]) -> str | None:
    found = _WRITTEN.match(statement)
    return "rows are changed in one long transaction" if found and found[1] not in new else None


def _locked(statement: str, _new: set[str]) -> str | None:
    return "a table is locked" if re.match("LOCK|CLUSTER|VACUUM|TRUNCATE", statement) else None
