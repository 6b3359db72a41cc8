"""The log before SQLite's database grows while somebody reads for long, and shrinks again afterwards."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from evalsys.kernel.database import LARGEST_LOG, db, sqlite_library, wal_is_safe, write_connection
from evalsys.kernel.settings import Settings

pytestmark = [
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),
    pytest.mark.skipif(
        not wal_is_safe(sqlite_library().sqlite_version_info), reason="this SQLite library keeps no WAL"
    ),
]

PIECE = 8 * 1024 * 1024  # bytes written at once


def log_of(site: Settings) -> Path:
    return site.instance / "evalsys.sqlite3-wal"


def written(app: Flask) -> None:
    """Write one more piece, as the site writes."""
    with app.app_context(), write_connection() as connection:
        connection.execute(text("UPDATE pieces SET content = randomblob(:size)"), {"size": PIECE})


def test_the_log_shrinks_to_its_bound_after_a_long_reader(app: Flask, site_settings: Settings) -> None:
    with app.app_context(), write_connection() as connection:
        connection.execute(text("CREATE TABLE pieces (content BLOB)"))
        connection.execute(text("INSERT INTO pieces VALUES ('')"))
    with app.app_context(), db.engine.connect() as reader:
        reader.execute(text("SELECT * FROM pieces")).all()
        for _ in range(LARGEST_LOG // PIECE + 2):
            written(app)
        assert log_of(site_settings).stat().st_size > LARGEST_LOG + PIECE
    # The first write after the reader empties the log, the second begins it anew.
    written(app)
    written(app)
    assert log_of(site_settings).stat().st_size <= LARGEST_LOG
