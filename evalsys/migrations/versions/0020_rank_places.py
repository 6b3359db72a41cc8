"""Where the rows of a ranking stand by the statistics of closed days."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rank_runs',
    sa.Column('subject', sa.String(length=20), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('formulas', sa.String(length=40), nullable=False),
    sa.Column('counts_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('subject', 'first', 'last', name=op.f('pk_rank_runs'))
    )
    op.create_table('rank_places',
    sa.Column('subject', sa.String(length=20), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('shrunk', sa.Float(), nullable=False),
    sa.Column('best', sa.Integer(), nullable=True),
    sa.Column('worst', sa.Integer(), nullable=True),
    sa.Column('band', sa.Integer(), nullable=True),
    sa.Column('top', sa.Float(), nullable=True),
    sa.Column('bottom', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('subject', 'first', 'last', 'code', name=op.f('pk_rank_places'))
    )
