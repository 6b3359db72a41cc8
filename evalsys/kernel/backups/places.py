"""The place a backup is of, or is laid into: which tables it has, and how many rows."""

from collections.abc import Collection

from sqlalchemy import Connection, func, inspect, select, table

from evalsys.kernel import revision
from evalsys.kernel.refusals import Refused


class Occupied(Refused):
    """A place that holds something already."""

    def __init__(self) -> None:
        super().__init__(
            "这里已经有数据。备份只恢复到空的位置:请换一个 EVALSYS_INSTANCE 或 EVALSYS_DATABASE_URL。"
        )


class NothingThere(Refused):
    """A place without a site."""


def rows_of(connection: Connection, without: Collection[str] = ()) -> dict[str, int]:
    """How many rows each table has; none in those whose rows are left out."""
    return {
        name: 0
        if name in without
        else connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in sorted(inspect(connection).get_table_names())
    }


def is_empty(connection: Connection) -> bool:
    """Whether a database has no table at all."""
    return not inspect(connection).get_table_names()


def revision_of(connection: Connection) -> str:
    """The revision a site stands at; raises NothingThere where there is none."""
    found = revision.present(connection)
    if found is None:
        raise NothingThere("这里还没有站点,没有可以备份的。")
    return found
