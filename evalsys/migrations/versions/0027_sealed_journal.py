"""A day's seal says where the journal ended when it was made; seals made before say nothing of it."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('seals', sa.Column('journal', sa.LargeBinary(length=32), nullable=True))
