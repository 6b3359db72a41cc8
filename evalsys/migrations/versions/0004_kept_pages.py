"""Changes of what a rating page says are stamped too, and told to every process."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

STAMPED_ALREADY = ('units', 'unit_names', 'halls', 'service_windows', 'window_units', 'staff', 'staff_units')
# With the columns of a window's code that matter: the day it was last scanned changes every day.
STAMPED_NOW: dict[str, Sequence[str]] = {
    'zones': (),
    'window_codes': ('id', 'window_id', 'version', 'revoked_at'),
    'tags': (),
    'site': (),
}


def upgrade() -> None:
    op.add_column('stamps', sa.Column('told', sa.Boolean(), nullable=False, server_default=sa.true()))
    if op.get_bind().dialect.name == 'sqlite':
        for table in STAMPED_ALREADY:
            for verb in ('insert', 'update', 'delete'):
                op.execute(f"DROP TRIGGER {table}_stamped_after_{verb}")
        for table, columns in {**dict.fromkeys(STAMPED_ALREADY, ()), **STAMPED_NOW}.items():
            _stamp_on_sqlite(table, columns)
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION evalsys_stamp_organisation() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE stamps SET value = floor(random() * 9007199254740992)::bigint, told = false "
        "WHERE name = 'organisation'; RETURN NULL; END $$"
    )
    for table, columns in STAMPED_NOW.items():
        op.execute(
            f"CREATE TRIGGER {table}_stamped AFTER INSERT OR {_update(columns)} OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION evalsys_stamp_organisation()"
        )


def _stamp_on_sqlite(table: str, columns: Sequence[str]) -> None:
    for verb in ('INSERT', _update(columns), 'DELETE'):
        op.execute(
            f"CREATE TRIGGER {table}_stamped_after_{verb.split()[0].lower()} AFTER {verb} ON {table} BEGIN "
            "UPDATE stamps SET value = random(), told = false WHERE name = 'organisation'; END"
        )


def _update(columns: Sequence[str]) -> str:
    return f"UPDATE OF {', '.join(columns)}" if columns else 'UPDATE'
