"""What was changed because people said so."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('fixes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('tag', sa.String(length=10), nullable=False),
    sa.Column('words', sa.String(length=200), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('noted_by', sa.Integer(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("words <> ''", name=op.f('ck_fixes_words')),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_fixes_item_id')),
    sa.ForeignKeyConstraint(['noted_by'], ['accounts.id'], name=op.f('fk_fixes_noted_by')),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['accounts.id'], name=op.f('fk_fixes_withdrawn_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fixes'))
    )
