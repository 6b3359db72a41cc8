"""What is open to everybody: cells, displays on the wall, bulletins."""

import sqlalchemy as sa
from alembic import op

from evalsys.migrations.triggers import keep_append_only

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('public_cells',
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('n5', sa.Integer(), nullable=False),
    sa.Column('n4', sa.Integer(), nullable=False),
    sa.Column('n3', sa.Integer(), nullable=False),
    sa.Column('n2', sa.Integer(), nullable=False),
    sa.Column('n1', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_public_cells_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_public_cells_window_id')),
    sa.PrimaryKeyConstraint('kind', 'starts', 'window_id', 'unit_id', name=op.f('pk_public_cells'))
    )
    op.create_table('boards',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['accounts.id'], name=op.f('fk_boards_created_by')),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_boards_hall_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_boards')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_boards_token_hash'))
    )
    op.create_table('bulletins',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=20), nullable=False),
    sa.Column('place', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('drafted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('drafted_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("place IN ('all','hall','unit')", name=op.f('ck_bulletins_place')),
    sa.ForeignKeyConstraint(['drafted_by'], ['accounts.id'], name=op.f('fk_bulletins_drafted_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulletins')),
    sa.UniqueConstraint('place', 'code', 'starts', 'version', name=op.f('uq_bulletins_place_code_starts_version')),
    sa.UniqueConstraint('public_id', name=op.f('uq_bulletins_public_id'))
    )
    op.create_table('bulletin_steps',
    sa.Column('bulletin_id', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=10), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("act IN ('approve','publish','drop')", name=op.f('ck_bulletin_steps_act')),
    sa.ForeignKeyConstraint(['bulletin_id'], ['bulletins.id'], name=op.f('fk_bulletin_steps_bulletin_id')),
    sa.ForeignKeyConstraint(['by'], ['accounts.id'], name=op.f('fk_bulletin_steps_by')),
    sa.PrimaryKeyConstraint('bulletin_id', 'act', name=op.f('pk_bulletin_steps'))
    )
    keep_append_only("bulletins", "bulletin_steps")

