"""The database: engines made safe, and the one place where a transaction ends."""

import importlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from evalsys.kernel import signals
from evalsys.kernel.refusals import Refused
from evalsys.kernel.settings import Settings
from evalsys.kernel.statements import insert_into
from evalsys.kernel.turns import Turn
from evalsys.kernel.types import Base

db = SQLAlchemy(model_class=Base)

# The writer's own engine: readers, however many, never keep it from a connection.
_FOR_WRITING = "evalsys.engine-for-writing"
_TURN = "evalsys.turn"  # in a connection's own notes

_writing: ContextVar[bool] = ContextVar("writing", default=False)

# A citizen who meets a long lock hears 503 in time; SQLite's own patience with readers is as long.
_PATIENCE = "SET lock_timeout = '5s'; SET statement_timeout = '8s'"
# A machine that vanishes answers nothing, not even that it has gone: the system asks it itself.
_CONNECTING = {
    "connect_timeout": 2,  # seconds
    "keepalives_idle": 2,  # seconds
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,  # milliseconds
}
# Seconds for which staff's requests and commands wait for their turn to write. Who wrote without one would
# keep the writer out, whose turn it is.
_PATIENCE_FOR_A_TURN, _PATIENCE_OF_COMMANDS = 4.0, 120.0

# Of SQLite, for all readers of one process; the writer's is its own. Each holds the schema, what it caches
# and the statements it has prepared: over a megabyte with as many statements as the driver keeps by itself.
CONNECTIONS = 5
PREPARED = 32
LARGEST_LOG = 64 * 1024 * 1024  # bytes

# Milliseconds for which SQLite waits by itself. All of ours take turns: with its log, only a stranger
# keeps the writer out, and who rates hears so soon. With a rollback journal a commit waits for readers.
_WAIT, _WAIT_FOR_A_STRANGER = 8000, 2000

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether a SQLite library is free of the WAL corruption bug.

    The bug stood from 3.7.0 to 3.51.2 and was fixed in 3.51.3, 3.50.7 and 3.44.6.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def sqlite_library() -> ModuleType:
    """The SQLite driver to use: the interpreter's own if safe with WAL, else pysqlite3 where present."""
    if wal_is_safe(sqlite3.sqlite_version_info):
        return sqlite3
    try:
        return importlib.import_module("pysqlite3")
    except ImportError:
        return sqlite3


class NotDurable(Refused):
    """The database would thank for what a power cut takes away."""


def check_durable(session: Session) -> None:
    """Refuse a PostgreSQL server that answers before what was written is on its disk."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    for name in ("synchronous_commit", "fsync", "full_page_writes"):
        if connection.execute(text(f"SHOW {name}")).scalar() == "off":
            raise NotDurable(
                f"PostgreSQL: {name} is off, so a power cut would lose ratings that were thanked for. "
                f"Set {name} = on, for the server and for this site's role and database."
            )


def engine_in_words() -> str:
    """Which database is used and how, for the log: the library decides on SQLite's journal."""
    if db.engine.dialect.name != "sqlite":
        return db.engine.dialect.name
    library = sqlite_library()
    journal = "WAL" if wal_is_safe(library.sqlite_version_info) else "DELETE (this library can damage a WAL)"
    return f"SQLite {library.sqlite_version} ({library.__name__}), journal {journal}"


def _patience_of_staff() -> float:
    return _PATIENCE_FOR_A_TURN if has_request_context() else _PATIENCE_OF_COMMANDS


def _set_up_sqlite(engine: Engine, library: ModuleType, patience: Callable[[], float] | None) -> None:
    # A rollback journal is not gone for good before its folder was synced, which is EXTRA's addition to FULL.
    safe = wal_is_safe(library.sqlite_version_info)
    journal, synchronous = ("WAL", "FULL") if safe else ("DELETE", "EXTRA")
    wait = _WAIT_FOR_A_STRANGER if safe and patience is None else _WAIT
    file = Path(engine.url.database or "")

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        # SQLAlchemy begins transactions itself, below: the driver's own way is too late to be IMMEDIATE.
        connection.isolation_level = None
        for pragma in (
            f"journal_mode={journal}",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            f"busy_timeout={wait}",
            # What was deleted or redacted is overwritten in the file, not only forgotten.
            "secure_delete=ON",
            # Kibibytes for each connection; what was read lately the system keeps as well.
            "cache_size=-250",
            # After a long reader the log shrinks again.
            f"journal_size_limit={LARGEST_LOG}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        record.info[_TURN] = Turn(file)

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        if not _writing.get():
            connection.exec_driver_sql("BEGIN")
            return
        if not connection.info[_TURN].take(patience and patience()):
            raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("others write for too long"))
        # A transaction that read first and writes later fails with BUSY; one that writes says so at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def _come_back(_driver: object, record: Any) -> None:
        # A connection that could not be made anew has forgotten its turn: the old one left it.
        if turn := record.info.get(_TURN):
            turn.leave()


def _be_patient(connection: Any, _record: object) -> None:
    connection.execute(_PATIENCE)
    connection.commit()


def install(app: Flask, settings: Settings) -> None:
    """Give the application its database and its one transaction for each request."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    # What a citizen wrote must not stand in the log of a statement that failed.
    options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": 2}  # seconds for a free connection
    if settings.database.startswith("sqlite"):
        settings.instance.mkdir(parents=True, exist_ok=True)
        # What each of them caches and prepares is kept; ever new ones beyond them would cost more.
        options |= {"module": sqlite_library(), "pool_size": CONNECTIONS, "max_overflow": 0}
        options |= {"connect_args": {"cached_statements": PREPARED}}
    else:
        options |= {"pool_pre_ping": True, "connect_args": _CONNECTING}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        # The writer finds out by itself that its connection has gone, and tries again with another.
        options_of_writer = options | {"pool_size": 1, "pool_pre_ping": False}
        if db.engine.dialect.name == "sqlite":
            # One connection with few statements, all of them wanted again at once.
            del options_of_writer["connect_args"]
        app.extensions[_FOR_WRITING] = create_engine(db.engine.url, **options_of_writer)
        if db.engine.dialect.name == "postgresql":
            event.listen(writing_engine(), "connect", _be_patient)
        # The writer waits as long as it takes: who asked it gives up in time, and is told so.
        for engine, patience in ((db.engine, _patience_of_staff), (writing_engine(), None)):
            if engine.dialect.name == "sqlite":
                _set_up_sqlite(engine, options["module"], patience)
            signals.follow(engine)
    app.before_request(_only_read)
    app.after_request(_end_transaction)
    app.teardown_request(_write_no_more)


def _only_read() -> None:
    # Who asks is found by reading, for citizens and devices everything is: they write by the writer alone.
    _writing.set(False)


def _write_no_more(_fault: BaseException | None) -> None:
    # What this thread does next may read for long: with the turn to write it would keep everybody waiting.
    _writing.set(False)


def is_writing() -> bool:
    """Whether the present transaction is one that writes."""
    return _writing.get()


def let_go() -> None:
    """End what this request has read so far: something slow comes next, others need the database."""
    if db.session.registry.has():
        db.session.rollback()


def intend_to_write() -> None:
    """Let this request write from now on, once nothing is left to wait for."""
    let_go()
    _writing.set(request.method not in SAFE_METHODS)


def keep() -> None:
    """Keep what this request wrote although it is refused (a failed sign-in is counted)."""
    g.keep = True


def _end_transaction(response: Response) -> Response:
    if db.session.registry.has():
        if response.status_code < 400 or g.get("keep", False):
            db.session.commit()
        else:
            db.session.rollback()
    return response


def insert_once(connection: Connection, model: type[Base], *unique: str) -> Any:
    """An INSERT that does nothing where a row with the same unique columns (or any such row) is there."""
    return insert_into(connection.dialect.name, model).on_conflict_do_nothing(index_elements=unique or None)


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction of a command or a timed job: all of it, or nothing."""
    token = _writing.set(True)
    db.session.rollback()
    try:
        yield db.session()
        db.session.commit()
    finally:
        # After a commit nothing is left to take back.
        db.session.rollback()
        _writing.reset(token)


def count_rows_anew() -> None:
    """Tell PostgreSQL's planner what the tables hold: after many rows at once it takes them for empty."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")


def writing_engine() -> Engine:
    """The engine of what citizens and devices write."""
    engine: Engine = current_app.extensions[_FOR_WRITING]
    return engine


@contextmanager
def write_connection() -> Iterator[Connection]:
    """A connection inside its own immediate transaction, committed at the end: the writer's."""
    token = _writing.set(True)
    try:
        with writing_engine().begin() as connection:
            yield connection
    finally:
        _writing.reset(token)
