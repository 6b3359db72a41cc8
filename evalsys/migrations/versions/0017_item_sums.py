"""What was said of each item, by day."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('item_sums',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('said', sa.String(length=10), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_item_sums_item_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_item_sums_unit_id')),
    sa.PrimaryKeyConstraint('day', 'item_id', 'unit_id', 'said', name=op.f('pk_item_sums')),
    sqlite_with_rowid=False,
    )
    op.create_index('ix_item_sums_item', 'item_sums', ['item_id', 'day'], unique=False)
    _fill()


def _fill() -> None:
    """The sums of the ratings that are there; what a previous release takes meanwhile, `rebuild` brings in."""
    counted = (
        "FROM ratings r LEFT JOIN reasons x ON x.rating_id = r.id "
        "AND x.seq = (SELECT MAX(l.seq) FROM reasons l WHERE l.rating_id = r.id) {more} "
        "WHERE r.origin IN ('citizen', 'assisted') AND r.kind IN ('first', 'correction', 'again') "
        "AND COALESCE(x.item_id, r.item_id) IS NOT NULL AND {said} IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM ratings p WHERE p.replaces = r.id) "
        "AND COALESCE((SELECT s.standing FROM standings s WHERE s.rating_id = r.root "
        "ORDER BY s.seq DESC LIMIT 1), 'counted') = 'counted'"
    )
    tags = "JOIN rating_tags t ON t.rating_id = r.id AND t.seq = x.seq"
    parts = " UNION ALL ".join(
        f"SELECT r.counts_on AS day, COALESCE(x.item_id, r.item_id) AS item_id, r.unit_id, {said} AS said "
        + counted.format(said=said, more=more)
        for said, more in (('CAST(r.level AS VARCHAR(10))', ''), ('x.done', ''), ('t.tag', tags))
    )
    op.execute(
        "INSERT INTO item_sums (day, item_id, unit_id, said, n) "
        f"SELECT day, item_id, unit_id, said, COUNT(*) FROM ({parts}) i GROUP BY 1, 2, 3, 4"
    )
