"""A look at the database that costs one round trip: a single statement, outside every transaction."""

from typing import Any

from flask import Flask, current_app
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from evalsys.kernel.database import db

_ENGINE = "evalsys.engine-for-glances"
CONNECTIONS = 5  # of PostgreSQL, for one process: each is asked for a tenth of a millisecond


def install(app: Flask) -> None:
    """Give the application the connections it glances by."""
    with app.app_context():
        app.extensions[_ENGINE] = db.engine
        if db.engine.dialect.name == "postgresql":
            # Those of requests are pinged, begin a transaction and take it back: four round trips for one.
            # Whether one is broken the glance itself tells.
            at_once = {"pool_pre_ping": False, "isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
            as_all = app.config["SQLALCHEMY_ENGINE_OPTIONS"] | {"pool_size": CONNECTIONS, "max_overflow": 0}
            app.extensions[_ENGINE] = create_engine(db.engine.url, **as_all | at_once)


def glancing_engine() -> Engine:
    """The engine whose connections are for glances only."""
    engine: Engine = current_app.extensions[_ENGINE]
    return engine


def glance(engine: Engine, statement: str) -> tuple[Any, ...] | None:
    """The first row that a statement without places for values finds; None where there is none, or no answer.

    Whoever gets None asks in a transaction and is told what is the matter.
    """
    faults = (engine.dialect.loaded_dbapi.Error, SQLAlchemyError)
    try:
        connection = engine.raw_connection()
    except faults:
        return None
    try:
        cursor = connection.cursor()
        cursor.execute(statement)
        row = cursor.fetchone()
        return None if row is None else tuple(row)
    except faults:
        connection.invalidate()
        return None
    finally:
        connection.close()
