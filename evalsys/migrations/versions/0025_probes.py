"""What each try of a way in found: the results of the synthetic probe."""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('probes',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', sa.String(length=20), nullable=False),
    sa.Column('taken', sa.String(length=5), nullable=False),
    sa.Column('fault', sa.String(length=20), nullable=False),
    sa.Column('slowest', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'entry', 'at', name=op.f('pk_probes'))
    )
