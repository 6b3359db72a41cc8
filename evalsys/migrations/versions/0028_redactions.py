"""Words that somebody proposes to put out of sight, and the second person's word."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('redaction_proposals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('root', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('agreed', sa.Boolean(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_redaction_proposals_reason')),
    sa.CheckConstraint('proposed_by <> decided_by', name=op.f('ck_redaction_proposals_two_people')),
    sa.CheckConstraint('(decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (agreed IS NULL)', name=op.f('ck_redaction_proposals_decided_whole')),
    sa.ForeignKeyConstraint(['decided_by'], ['accounts.id'], name=op.f('fk_redaction_proposals_decided_by')),
    sa.ForeignKeyConstraint(['proposed_by'], ['accounts.id'], name=op.f('fk_redaction_proposals_proposed_by')),
    sa.ForeignKeyConstraint(['root'], ['ratings.id'], name=op.f('fk_redaction_proposals_root')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redaction_proposals'))
    )
    op.create_index('ix_redaction_proposals_root', 'redaction_proposals', ['root'])
    op.create_index('ix_redaction_proposals_decided', 'redaction_proposals', ['decided_at', 'id'])
