"""What was deleted leaves the files: SQLite's log is emptied, and on demand everything is written anew."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from evalsys.kernel.database import db
from evalsys.kernel.refusals import Refused
from evalsys.kernel.turns import Turn

PATIENCE = 120.0  # seconds for a turn to write


class OthersWrite(Refused):
    """Nobody let this command have its turn; nothing was changed by it."""

    status = 503


def leave_nothing_behind(*, rewrite: bool = False) -> None:
    """Take what was deleted out of the database's files.

    Deleted rows are overwritten in place as they go. This empties SQLite's log; `rewrite` copies the whole
    database into fresh pages, which keeps writers waiting and needs as much room again. Raises OthersWrite.
    """
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        _sqlite(rewrite=rewrite)
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _postgresql(connection, rewrite=rewrite)


def _sqlite(*, rewrite: bool) -> None:
    turn = Turn(Path(db.engine.url.database or ""))
    if not turn.take(PATIENCE):
        raise OthersWrite("数据库一直有人在写,没有轮到。请过一会儿再运行。")
    try:
        with closing(db.engine.raw_connection()) as connection:
            if rewrite:
                connection.cursor().execute("VACUUM")
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        turn.leave()


def _postgresql(connection: Connection, *, rewrite: bool) -> None:
    connection.exec_driver_sql("VACUUM FULL" if rewrite else "VACUUM")
