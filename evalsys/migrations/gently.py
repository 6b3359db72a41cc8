"""Changes to tables that hold rows while citizens go on rating; used by migrations, never changed afterwards.

A migration that makes or drops an index so does nothing else: PostgreSQL does it outside of any transaction,
and the migration is run again from its beginning when it was interrupted.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_IS_VALID = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def add_index(name: str, table: str, columns: Sequence[str]) -> None:
    """Make an index beside the writers; one left invalid by an interrupted try is made anew."""
    if _is_sqlite():
        op.create_index(name, table, columns, if_not_exists=True)
        return
    with op.get_context().autocommit_block():
        is_valid = op.get_bind().execute(_IS_VALID, {"name": name}).scalar()
        if is_valid is False:
            op.drop_index(name, table, postgresql_concurrently=True)
        if not is_valid:
            op.create_index(name, table, columns, postgresql_concurrently=True)


def drop_index(name: str, table: str) -> None:
    """Drop an index beside the writers; nothing happens where it has gone already."""
    if _is_sqlite():
        op.drop_index(name, table, if_exists=True)
        return
    with op.get_context().autocommit_block():
        op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
