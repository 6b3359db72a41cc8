"""Decisions on what counts are listed by when they were taken."""

from evalsys.migrations.gently import add_index

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index('ix_standings_at', 'standings', ['at', 'rating_id'])
