"""Running totals, and the stamps that say what is stale."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

COUNTS = ('n5', 'n4', 'n3', 'n2', 'n1', 'held', 'excluded', 'bound', 'assisted', 'services', 'prompted')
# Whatever writes to these tables, names and places kept under the old stamp are stale.
ORGANISATION = ('units', 'unit_names', 'halls', 'service_windows', 'window_units', 'staff', 'staff_units')


def upgrade() -> None:
    op.create_table('stamps',
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('value', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_stamps'))
    )
    op.create_table('total_days',
    sa.Column('day', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_total_days'))
    )
    _create_totals('window_totals', ('window_id', 'unit_id'))
    _create_totals('staff_totals', ('staff_id', 'unit_id', 'hall_id'))
    op.execute("INSERT INTO stamps (name, value) VALUES ('sums', 0), ('organisation', 0)")
    _stamp_every_change()
    _fill()


def _create_totals(table: str, keys: tuple[str, ...]) -> None:
    op.create_table(table,
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('entry', sa.String(length=20), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    *(sa.Column(key, sa.Integer(), autoincrement=False, nullable=False) for key in keys),
    *(sa.Column(count, sa.Integer(), nullable=False) for count in COUNTS),
    sa.PrimaryKeyConstraint('day', 'entry', 'channel', *keys, name=op.f(f'pk_{table}')),
    sqlite_with_rowid=False,
    )


def _stamp_every_change() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for table in ORGANISATION:
            for verb in ('INSERT', 'UPDATE', 'DELETE'):
                op.execute(
                    f"CREATE TRIGGER {table}_stamped_after_{verb.lower()} AFTER {verb} ON {table} BEGIN "
                    "UPDATE stamps SET value = random() WHERE name = 'organisation'; END"
                )
        return
    op.execute(
        "CREATE FUNCTION evalsys_stamp_organisation() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE stamps SET value = floor(random() * 9007199254740992)::bigint WHERE name = 'organisation'; "
        "RETURN NULL; END $$"
    )
    for table in ORGANISATION:
        op.execute(
            f"CREATE TRIGGER {table}_stamped AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION evalsys_stamp_organisation()"
        )


def _fill() -> None:
    """The totals of the sums that are there; a previous release that goes on writing moves only the sums."""
    op.execute(
        "INSERT INTO total_days (day) SELECT day FROM daily_sums UNION SELECT day FROM service_sums"
    )
    counted = [f"SUM(n{level})" for level in (5, 4, 3, 2, 1)]
    rest = [
        " + ".join(f"SUM({name}{level})" for level in (5, 4, 3, 2, 1)) for name in ('held', 'excluded')
    ] + ["SUM(bound)", "SUM(assisted)", "0", "0"]
    services = ["0"] * 9 + ["SUM(services)", "SUM(prompted)"]
    # No release before this one ever took a rating out of its clerk's score.
    for table, keys, hall in (
        ('window_totals', ('window_id', 'unit_id'), ''),
        ('staff_totals', ('staff_id', 'unit_id', 'hall_id'), 'JOIN service_windows w ON w.id = window_id'),
    ):
        names = ", ".join(keys)
        moves = " UNION ALL ".join(
            f"SELECT day, {entry} AS entry, {channel} AS channel, {names}, "
            + ", ".join(f"{value} AS {count}" for value, count in zip(values, COUNTS))
            + f" FROM {source} {hall} GROUP BY 1, 2, 3, {names}"
            for source, entry, channel, values in (
                ('daily_sums', 'entry', 'channel', counted + rest),
                ('daily_sums', "''", 'channel', counted + rest),
                ('service_sums', "''", "''", services),
            )
        )
        key = ('entry', 'channel', *keys)
        op.execute(
            f"INSERT INTO {table} (day, {', '.join(key)}, {', '.join(COUNTS)}) "
            f"WITH moves AS ({moves}), "
            f"cells AS (SELECT {', '.join(key)}, MIN(day) AS since FROM moves GROUP BY {', '.join(key)}) "
            f"SELECT t.day, {', '.join(f'c.{name}' for name in key)}, "
            + ", ".join(f"SUM(COALESCE(m.{count}, 0)) OVER so_far" for count in COUNTS)
            + " FROM cells c JOIN total_days t ON t.day >= c.since LEFT JOIN moves m ON m.day = t.day AND "
            + " AND ".join(f"m.{name} = c.{name}" for name in key)
            + f" WINDOW so_far AS (PARTITION BY {', '.join(f'c.{name}' for name in key)} ORDER BY t.day)"
            + f" ORDER BY t.day, {', '.join(f'c.{name}' for name in key)}"
        )
