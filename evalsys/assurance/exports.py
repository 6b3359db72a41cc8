"""The journal as files: the stored columns as they are, so that anybody can derive the chain again."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from evalsys.assurance.queries.journal import Entry
from evalsys.kernel import tables
from evalsys.kernel.refusals import Refused
from evalsys.kernel.tables import Value

Batches = Iterable[Sequence[Entry]]

COLUMNS = (
    *("id", "at", "actor_kind", "actor_id", "unit_id", "verb", "object", "reason", "details"),
    *("prev_hash", "hash"),
)
MOST_IN_WORKBOOK = 100_000  # rows; as CSV and JSON there is no limit


class TooMany(Refused):
    """More entries than a workbook should hold."""


def _line(entry: Entry) -> list[Value]:
    """An entry's columns; the instant as it was hashed, in UTC."""
    said = vars(entry) | {"at": entry.at.isoformat()}
    return [said[name] for name in COLUMNS]


def as_csv(batches: Batches) -> Iterator[bytes]:
    """The entries as CSV, piece by piece; what a spreadsheet would take for a formula is neutralised."""
    yield ",".join(COLUMNS).encode("utf-8-sig") + b"\r\n"
    for batch in batches:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([tables.neutral(value) for value in _line(entry)] for entry in batch)
        yield text.getvalue().encode()


def as_json(batches: Batches) -> Iterator[bytes]:
    """The entries as one JSON list, piece by piece; the only file that alters no sign."""
    between = "[\n"
    for entry in chain.from_iterable(batches):
        said: Mapping[str, Any] = dict(zip(COLUMNS, _line(entry), strict=True))
        yield f"{between}{json.dumps(said, ensure_ascii=False)}".encode()
        between = ",\n"
    yield b"[]\n" if between == "[\n" else b"\n]\n"


def as_xlsx(batches: Batches) -> Iterator[bytes]:
    """The entries as a workbook, in one piece, made at once; raises TooMany."""
    return iter((tables.as_xlsx({"journal": (COLUMNS, _at_most(batches))}),))


def _at_most(batches: Batches) -> Iterator[list[Value]]:
    for number, entry in enumerate(chain.from_iterable(batches)):
        if number == MOST_IN_WORKBOOK:
            raise TooMany("超过10万条,一个表格放不下。请缩短日期,或改用csv、json。")
        yield _line(entry)


WAYS: Mapping[str, tuple[Callable[[Batches], Iterator[bytes]], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_json, "application/json"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
