"""Where a database's schema stands; read without what changes it, which no server needs to hold."""

from sqlalchemy import Connection, inspect, text

from evalsys.kernel import paths


def present(connection: Connection) -> str | None:
    """The revision the database stands at; None for an empty place."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def newest() -> str:
    """The newest revision there is: migrations stand in one line, and their files begin with its number."""
    return max(file.name.partition("_")[0] for file in paths.migrations_folder().glob("versions/[0-9]*.py"))


def is_current(connection: Connection) -> bool:
    """Whether the database stands at the newest revision."""
    return present(connection) == newest()
