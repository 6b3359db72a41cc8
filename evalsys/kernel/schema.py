"""The schema's way up: `evalsys upgrade` is the only way a database is made."""

import logging
import time

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from evalsys.kernel import paths
from evalsys.kernel.database import db, transaction
from evalsys.kernel.refusals import Refused

log = logging.getLogger("evalsys")

# While a change of the schema waits for its table, every rating waits behind it: it gives up before they do.
LOCK_TIMEOUT = 2  # seconds
TRIES = 3
REST = 1.0  # seconds between two tries, for those who waited
_ONE_AT_A_TIME = 0x75706772  # "upgr": the number of the lock that an upgrade holds
_BUSY = {"55P03", "40P01"}  # a lock that did not come in time; a deadlock


class SiteBusy(Refused):
    """Somebody holds what the upgrade needs: what was not changed yet stays as it was."""

    status = 503


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.migrations_folder()))
    config.attributes["connection"] = connection
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the site's database up to a revision.

    SQLite changes in one transaction; PostgreSQL in one for each migration, so that no table stays locked
    for long. Raises SiteBusy where the locks it needs could not be had; it may then be run again.
    """
    if db.engine.dialect.name == "sqlite":
        with transaction() as session:
            command.upgrade(_config(session.connection()), revision)
        return
    for tries_left in reversed(range(TRIES)):
        try:
            _upgrade_in_steps(revision)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _BUSY:
                raise
            if not tries_left:
                raise SiteBusy(
                    "站点正忙:要改的表{seconds}秒内没有空出来,试了{tries}次。没做完的改动都没有生效,"
                    "评价照常进行。请等备份、导出等长时间的操作结束后,再运行 evalsys upgrade。",
                    seconds=LOCK_TIMEOUT,
                    tries=TRIES,
                ) from error
            log.warning("the schema's tables are busy; trying again: %s", error.orig)
            time.sleep(REST)
        else:
            return


def _upgrade_in_steps(revision: str) -> None:
    db.session.rollback()
    # Connections of its own, closed for good: nobody else shall meet these settings or this lock.
    settings = f"-c lock_timeout={LOCK_TIMEOUT}s -c statement_timeout=0"
    engine = create_engine(
        db.engine.url, poolclass=NullPool, hide_parameters=True, connect_args={"options": settings}
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as lock, engine.connect() as steps:
        if not lock.exec_driver_sql(f"SELECT pg_try_advisory_lock({_ONE_AT_A_TIME})").scalar_one():
            raise SiteBusy("另一个 evalsys upgrade 正在进行,请等它结束。")
        command.upgrade(_config(steps), revision)
