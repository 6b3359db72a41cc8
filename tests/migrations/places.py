"""Places without any table, and the migrations that lead up from there."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.script import ScriptDirectory
from sqlalchemy import text

from evalsys.app import assemble
from evalsys.kernel import paths
from evalsys.kernel.database import db
from evalsys.kernel.settings import Settings


def revisions() -> list[str]:
    """Every revision, the oldest first."""
    script = ScriptDirectory(str(paths.migrations_folder()))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


@contextmanager
def an_empty_place(settings: Settings) -> Iterator[None]:
    """Inside an application whose database has lost every table."""
    (settings.instance / "evalsys.sqlite3").unlink(missing_ok=True)
    app = assemble(settings)
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
        yield
        db.session.remove()
        db.engine.dispose()
