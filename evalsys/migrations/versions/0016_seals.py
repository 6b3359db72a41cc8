"""Sealed days: leaves, blocks, the chain of seals, and how far a search for unsealed entries has come."""

import sqlalchemy as sa
from alembic import op

from evalsys.migrations.triggers import keep_append_only

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sealed_entries',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.CheckConstraint("kind IN ('rating','reasons','attribution','standing','finding','redaction')", name=op.f('ck_sealed_entries_kind')),
    sa.PrimaryKeyConstraint('rating_id', 'kind', 'seq', name=op.f('pk_sealed_entries')),
    sa.UniqueConstraint('day', 'place', name=op.f('uq_sealed_entries_day_place'))
    )
    op.create_table('seal_blocks',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('root', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('day', 'number', name=op.f('pk_seal_blocks'))
    )
    op.create_table('seals',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('algorithm', sa.String(length=10), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('root', sa.LargeBinary(length=32), nullable=False),
    sa.Column('before', sa.LargeBinary(length=32), nullable=False),
    sa.Column('seal', sa.LargeBinary(length=32), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("algorithm IN ('sha256','sm3')", name=op.f('ck_seals_algorithm')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_seals')),
    sa.UniqueConstraint('before', name=op.f('uq_seals_before')),
    sa.UniqueConstraint('seal', name=op.f('uq_seals_seal'))
    )
    op.create_table('seal_sweeps',
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('algorithm', sa.String(length=10), nullable=False),
    sa.Column('mark', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('until', name=op.f('pk_seal_sweeps'))
    )
    keep_append_only('sealed_entries', 'seal_blocks', 'seals')
