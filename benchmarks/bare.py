"""The ceiling of a rating: a bare WSGI program that does the same durable work with hand-written SQL.

The same tables, driver, pragmas and engine, one transaction for each rating: key, rating, whose work it
was, trace with its mark, sums of the day, running totals, the stamp of the sums. Nothing else: no framework,
no form object, no event, no case for a bad rating, no check of the code but looking it up. On SQLite,
writers wait for each other on a lock: SQLite's own waiting is a slow poll.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

import psycopg

from evalsys.kernel.database import sqlite_library

DATABASE = os.environ["BENCHMARK_DATABASE"]
ON_SQLITE = not DATABASE.startswith("postgresql")
DRIVER: Any = sqlite_library()
SHANGHAI = timezone(timedelta(hours=8))
LEVELS = frozenset({"1", "2", "3", "4", "5"})
DAY_KEY = secrets.token_bytes(32)

PLACES: dict[str, tuple[int, int, int]] = {
    code: tuple(place) for code, place in json.loads(os.environ["BENCHMARK_PLACES"]).items()
}
_local = threading.local()
_one_at_a_time = threading.Lock()


@contextmanager
def _locked() -> Iterator[None]:
    """The only one who writes, among the threads and then among the processes."""
    with _one_at_a_time:
        if not hasattr(_local, "lock"):
            _local.lock = open(f"{DATABASE}.bare", "ab")  # noqa: SIM115
        fcntl.flock(_local.lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(_local.lock, fcntl.LOCK_UN)


def _turn() -> AbstractContextManager[None]:
    return _locked() if ON_SQLITE else nullcontext()


def _said(statement: str) -> str:
    """The statement with the marks of the driver."""
    return statement if ON_SQLITE else statement.replace("?", "%s")


BEGIN = "BEGIN IMMEDIATE" if ON_SQLITE else "BEGIN"
NEW_SUBMISSION = _said(
    "INSERT INTO submissions (key, content_hash, receipt_hash, rating_id) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
NEW_RATING = _said(
    "INSERT INTO ratings (id, root, kind, replaces, level, channel, entry, origin, evidence, window_id, "
    "hall_id, unit_id, item_id, item_type, counts_on, received_at, half_day, dictionary_version, salt) "
    "VALUES (?, ?, 'first', NULL, ?, 'on-the-go', 'window-code', 'citizen', 'C', "
    "?, ?, ?, NULL, '', ?, ?, ?, 'national-2020', ?)"
)
SITTING = _said(
    "SELECT staff_id FROM duties "
    "WHERE window_id = ? AND withdrawn_at IS NULL AND starts_at <= ? AND ends_at > ?"
)
NEW_ATTRIBUTION = _said(
    "INSERT INTO attributions (rating_id, seq, staff_id, how, at, proposed_by, decided_by, reason) "
    "VALUES (?, 1, ?, ?, ?, NULL, NULL, '')"
)
NEW_TRACE = _said(
    "INSERT INTO rating_traces (rating_id, at, terminal, device_hash) VALUES (?, ?, 'phone', ?)"
)
_LEVELS = [f"n{level}" for level in (5, 4, 3, 2, 1)]
_OTHERS = [
    *(f"{kind}{level}" for kind in ("held", "excluded", "unscored") for level in (5, 4, 3, 2, 1)),
    *("bound", "assisted", "done_yes", "done_no", "done_asking"),
]
ADD_UP = {
    str(level): _said(
        "INSERT INTO daily_sums (day, window_id, staff_id, unit_id, item_type, channel, entry, "
        f"{', '.join((*_LEVELS, *_OTHERS))}) VALUES (?, ?, ?, ?, '', 'on-the-go', 'window-code', "
        f"{', '.join('1' if name == f'n{level}' else '0' for name in (*_LEVELS, *_OTHERS))}) "
        f"ON CONFLICT (day, window_id, staff_id, unit_id, item_type, channel, entry) "
        f"DO UPDATE SET n{level} = daily_sums.n{level} + 1"
    )
    for level in (5, 4, 3, 2, 1)
}
_COUNTS = ["n5", "n4", "n3", "n2", "n1", "held", "excluded", "bound", "assisted", "services", "prompted"]


def _move_total(table: str, keys: tuple[str, ...], level: int) -> str:
    """One more of a level in a running total: by its own entry, and by all entries together."""
    counts = ", ".join("1" if name == f"n{level}" else "0" for name in _COUNTS)
    row = f"'on-the-go', {', '.join('?' for _ in keys)}, {counts}"
    return _said(
        f"INSERT INTO {table} (day, entry, channel, {', '.join((*keys, *_COUNTS))}) "
        f"VALUES (?, 'window-code', {row}), (?, '', {row}) "
        f"ON CONFLICT (day, entry, channel, {', '.join(keys)}) "
        f"DO UPDATE SET n{level} = {table}.n{level} + 1"
    )


TOTALS = {"window_totals": ("window_id", "unit_id"), "staff_totals": ("staff_id", "unit_id", "hall_id")}
MOVE_WINDOW, MOVE_STAFF = (
    {str(level): _move_total(table, keys, level) for level in (5, 4, 3, 2, 1)}
    for table, keys in TOTALS.items()
)
NEW_DAY = [
    _said(
        f"INSERT INTO {table} SELECT ?, entry, channel, {', '.join((*keys, *_COUNTS))} FROM {table} "
        "WHERE day = (SELECT MAX(day) FROM total_days WHERE day < ?)"
    )
    for table, keys in TOTALS.items()
]
IS_BEGUN = _said("SELECT 1 FROM total_days WHERE day = ?")
BEGIN_DAY = _said("INSERT INTO total_days (day) VALUES (?)")
NEW_STAMP = _said("UPDATE stamps SET value = ? WHERE name = 'sums'")
_begun: set[str] = set()


def connected() -> Any:
    """This thread's connection, with what the product sets on its own."""
    if not hasattr(_local, "connection"):
        _local.connection = _sqlite() if ON_SQLITE else _postgresql()
    return _local.connection


def _sqlite() -> Any:
    connection = DRIVER.connect(DATABASE, isolation_level=None, timeout=30)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _postgresql() -> Any:
    connection = psycopg.connect(DATABASE.replace("+psycopg", ""), autocommit=True)
    connection.prepare_threshold = 1
    return connection


def close() -> None:
    """Let go of this thread's connection and lock."""
    for kept in vars(_local).values():
        kept.close()
    vars(_local).clear()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """POST /q/<code> with level and key: stored, added up, 303 to the receipt."""
    place = PLACES.get(environ["PATH_INFO"].removeprefix("/q/"))
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    form = parse_qs(body)
    level, key = form.get("level", [""])[0], form.get("key", [""])[0]
    if place is None or level not in LEVELS or not 16 <= len(key) <= 64:
        start_response("422 Unprocessable Content", [("Content-Length", "0")])
        return [b""]
    receipt = secrets.token_hex(8)
    rate(place, level, (key, receipt, environ.get("REMOTE_ADDR", "")), datetime.now(UTC))
    start_response("303 See Other", [("Location", f"/receipt/{receipt}"), ("Content-Length", "0")])
    return [b""]


def rate(place: tuple[int, int, int], level: str, sent: tuple[str, str, str], now: datetime) -> None:
    """One durable transaction; what was sent is the key, the receipt and the device."""
    key, receipt, device = sent
    here = now.astimezone(SHANGHAI)
    at, minute = _stored(now), _stored(now.replace(second=0, microsecond=0))
    window, hall, unit = place
    rating = secrets.randbits(62) + 1
    day, half = here.date().isoformat(), "am" if here.hour < 12 else "pm"
    content = hashlib.sha256(f"{level} {window}".encode()).hexdigest()
    submission = (_hash(key), content, _hash(receipt), rating)
    mark = hmac.new(DAY_KEY, device.encode(), hashlib.sha256).hexdigest()[:32]
    salt = secrets.token_bytes(16)
    connection = connected()
    _begin_day(connection, day)
    with _turn():
        connection.execute(BEGIN)
        connection.execute(NEW_SUBMISSION, submission)
        connection.execute(NEW_RATING, (rating, rating, level, window, hall, unit, day, minute, half, salt))
        sitting = connection.execute(SITTING, (window, at, at)).fetchone()
        staff = sitting[0] if sitting else None
        connection.execute(NEW_ATTRIBUTION, (rating, staff, "rota" if staff else "gap", minute))
        connection.execute(NEW_TRACE, (rating, at, mark))
        connection.execute(ADD_UP[level], (day, window, staff or 0, unit))
        connection.execute(MOVE_WINDOW[level], (day, window, unit) * 2)
        connection.execute(MOVE_STAFF[level], (day, staff or 0, unit, hall) * 2)
        # Last: on PostgreSQL whoever draws a stamp waits for everybody who has drawn one and not committed.
        connection.execute(NEW_STAMP, (secrets.randbits(62),))
        connection.execute("COMMIT")


def _begin_day(connection: Any, day: str) -> None:
    """Begin a day with the totals of the day before it, by whoever is first."""
    if day in _begun:
        return
    with _one_at_a_time:
        connection.execute(BEGIN)
        connection.execute(NEW_STAMP, (secrets.randbits(62),))
        if connection.execute(IS_BEGUN, (day,)).fetchone() is None:
            for carrying in NEW_DAY:
                connection.execute(carrying, (day, day))
            connection.execute(BEGIN_DAY, (day,))
        connection.execute("COMMIT")
    _begun.add(day)


def _stored(instant: datetime) -> str | datetime:
    return instant.strftime("%Y-%m-%d %H:%M:%S.%f") if ON_SQLITE else instant


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
