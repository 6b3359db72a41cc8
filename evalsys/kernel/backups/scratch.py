"""A place beside the site's own, to try a backup out in; gone afterwards."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, NullPool, create_engine, make_url
from sqlalchemy.exc import ProgrammingError

from evalsys.kernel.refusals import Refused
from evalsys.kernel.settings import Settings
from evalsys.kernel.turns import Turn

NAME = "drill"  # of the folder; the database has the site's own name before it
_NOT_ALLOWED = "42501"


class NoScratch(Refused):
    """No place could be made to try a backup out in."""


@contextmanager
def scratch(site: Settings) -> Iterator[Settings]:
    """The settings of an empty place: a folder of the instance, on PostgreSQL a database of its own too.

    Whatever an interrupted use has left is removed first. Raises NoScratch where another one is at work, or
    the role may make no database.
    """
    folder = site.instance / NAME
    turn = Turn(folder)
    if not turn.take(0):
        raise NoScratch("另一次演练正在进行,请等它结束。")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        with _database(site) as address:
            yield Settings(instance=folder, database_url=address)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        turn.leave()


@contextmanager
def _database(site: Settings) -> Iterator[str]:
    url = make_url(site.database)
    if url.get_backend_name() == "sqlite":
        yield ""
        return
    own = f"{url.database}_{NAME}"
    _drop(url, own)
    try:
        _say(url, "CREATE DATABASE {name} TEMPLATE template0", own)
    except ProgrammingError as fault:
        if getattr(fault.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        raise NoScratch(
            '演练要建一个临时数据库,而 {user} 没有这个权限。请以管理员执行:ALTER ROLE "{user}" CREATEDB',
            user=url.username,
        ) from fault
    try:
        yield url.set(database=own).render_as_string(hide_password=False)
    finally:
        _drop(url, own)


def _drop(url: URL, name: str) -> None:
    _say(url, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name)


def _say(url: URL, statement: str, name: str) -> None:
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        quoted = engine.dialect.identifier_preparer.quote(name)
        connection.exec_driver_sql(statement.format(name=quoted))
