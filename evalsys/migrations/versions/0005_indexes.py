"""Ratings are read by day and root; indexes that no query used are gone."""

from evalsys.migrations.gently import add_index, drop_index

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index('ix_ratings_day_root', 'ratings', ['counts_on', 'root'])
    drop_index('ix_ratings_day', 'ratings')
    drop_index('ix_daily_sums_unit', 'daily_sums')
    drop_index('ix_staff_units_unit_id', 'staff_units')
    drop_index('ix_window_units_unit_id', 'window_units')
