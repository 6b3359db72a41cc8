"""The ceiling of a rating: a bare WSGI program that does the same durable work with hand-written SQL.

The same tables, driver and pragmas, one transaction for each rating: key, rating, whose work it was,
trace, sum. Nothing else: no framework, no form object, no event, no check of the code but looking it up.
"""

import hashlib
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

from evalsys.kernel.database import sqlite_library

DRIVER: Any = sqlite_library()
SHANGHAI = timezone(timedelta(hours=8))
LEVELS = frozenset({"1", "2", "3", "4", "5"})

PLACES: dict[str, tuple[int, int, int]] = {
    code: tuple(place) for code, place in json.loads(os.environ["BENCHMARK_PLACES"]).items()
}
_local = threading.local()

NEW_SUBMISSION = (
    "INSERT INTO submissions (key, content_hash, receipt_hash, rating_id) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
NEW_RATING = (
    "INSERT INTO ratings (id, root, kind, replaces, level, channel, entry, origin, evidence, window_id, "
    "hall_id, unit_id, item_id, item_type, counts_on, received_at, half_day, dictionary_version, salt) "
    "VALUES (?, ?, 'first', NULL, ?, 'on-the-go', 'window-code', 'citizen', 'C', "
    "?, ?, ?, NULL, '', ?, ?, ?, ?, ?)"
)
SITTING = (
    "SELECT staff_id FROM duties "
    "WHERE window_id = ? AND withdrawn_at IS NULL AND starts_at <= ? AND ends_at > ?"
)
NEW_ATTRIBUTION = (
    "INSERT INTO attributions (rating_id, seq, staff_id, how, at, proposed_by, decided_by, reason) "
    "VALUES (?, 1, ?, ?, ?, NULL, NULL, '')"
)
NEW_TRACE = "INSERT INTO rating_traces (rating_id, at, terminal, device_hash) VALUES (?, ?, '', NULL)"
_LEVELS = [f"n{level}" for level in (5, 4, 3, 2, 1)]
_OTHERS = [
    *(f"{kind}{level}" for kind in ("held", "excluded", "unscored") for level in (5, 4, 3, 2, 1)),
    *("bound", "assisted", "done_yes", "done_no", "done_asking"),
]
ADD_UP = {
    str(level): (
        "INSERT INTO daily_sums (day, window_id, staff_id, unit_id, item_type, channel, entry, "
        f"{', '.join((*_LEVELS, *_OTHERS))}) VALUES (?, ?, ?, ?, '', 'on-the-go', 'window-code', "
        f"{', '.join('1' if name == f'n{level}' else '0' for name in (*_LEVELS, *_OTHERS))}) "
        f"ON CONFLICT (day, window_id, staff_id, unit_id, item_type, channel, entry) "
        f"DO UPDATE SET n{level} = n{level} + 1"
    )
    for level in (5, 4, 3, 2, 1)
}


def connected() -> Any:
    """This thread's connection, with the pragmas the product runs with."""
    if not hasattr(_local, "connection"):
        connection = DRIVER.connect(os.environ["BENCHMARK_FILE"], isolation_level=None, timeout=30)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")
        _local.connection = connection
    return _local.connection


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
    rate(place, level, key, receipt)
    start_response("303 See Other", [("Location", f"/receipt/{receipt}"), ("Content-Length", "0")])
    return [b""]


def rate(place: tuple[int, int, int], level: str, key: str, receipt: str) -> None:
    """One durable transaction."""
    now = datetime.now(UTC)
    here = now.astimezone(SHANGHAI)
    at, minute = _stored(now), _stored(now.replace(second=0, microsecond=0))
    window, hall, unit = place
    rating = secrets.randbits(62) + 1
    day, half = here.date().isoformat(), "am" if here.hour < 12 else "pm"
    connection = connected()
    connection.execute("BEGIN IMMEDIATE")
    content = hashlib.sha256(f"{level} {window}".encode()).hexdigest()
    receipt_hash = hashlib.sha256(receipt.encode()).hexdigest()
    connection.execute(NEW_SUBMISSION, (key, content, receipt_hash, rating))
    connection.execute(
        NEW_RATING,
        (
            rating,
            rating,
            level,
            window,
            hall,
            unit,
            day,
            minute,
            half,
            "national-2020",
            secrets.token_bytes(16),
        ),
    )
    sitting = connection.execute(SITTING, (window, at, at)).fetchone()
    staff = sitting[0] if sitting else None
    connection.execute(NEW_ATTRIBUTION, (rating, staff, "rota" if staff else "gap", minute))
    connection.execute(NEW_TRACE, (rating, at))
    connection.execute(ADD_UP[level], (day, window, staff or 0, unit))
    connection.execute("COMMIT")


def _stored(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%S.%f")
