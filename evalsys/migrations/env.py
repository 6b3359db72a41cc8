"""Alembic's way into the schema's history; always given a connection by `evalsys.kernel.schema`."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from evalsys.kernel.types import Base, Instant


def plain(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Render our own column types as plain ones: a migration must not change when our code does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=plain,
    # On PostgreSQL; on SQLite the caller holds one transaction around them all.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
