"""The schema's way up: `evalsys upgrade` is the only way a database is made."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from evalsys.kernel import paths


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.migrations_folder()))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database up to a revision, inside the caller's transaction."""
    command.upgrade(_config(connection), revision)


def present_revision(connection: Connection) -> str | None:
    """The revision the database stands at; None for an empty place."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(connection: Connection) -> bool:
    """Whether the database stands at the newest revision."""
    head = ScriptDirectory.from_config(_config(connection)).get_current_head()
    return present_revision(connection) == head
