"""Signals: marks on closed days' ratings, and what two people say about their standing."""

import sqlalchemy as sa
from alembic import op

from evalsys.migrations.triggers import keep_append_only

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('signal_days',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.Column('traced', sa.Integer(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_signal_days'))
    )
    op.create_table('signal_hits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.String(length=40), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('too-quick','one-device','repeats','same-again','closed-hours','before-close','one-terminal','too-many')", name=op.f('ck_signal_hits_kind')),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_signal_hits_hall_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_signal_hits_window_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signal_hits')),
    sa.UniqueConstraint('day', 'hall_id', 'kind', 'subject', name=op.f('uq_signal_hits_day_hall_id_kind_subject'))
    )
    op.create_index('ix_signal_hits_day', 'signal_hits', ['day', 'id'])
    op.create_table('marked_ratings',
    sa.Column('hit_id', sa.Integer(), nullable=False),
    sa.Column('root', _ID, nullable=False),
    sa.ForeignKeyConstraint(['hit_id'], ['signal_hits.id'], name=op.f('fk_marked_ratings_hit_id')),
    sa.ForeignKeyConstraint(['root'], ['ratings.id'], name=op.f('fk_marked_ratings_root')),
    sa.PrimaryKeyConstraint('hit_id', 'root', name=op.f('pk_marked_ratings'))
    )
    op.create_table('standing_proposals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hit_id', sa.Integer(), nullable=True),
    sa.Column('standing', sa.String(length=10), nullable=False),
    sa.Column('ground', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("standing IN ('counted','held','excluded')", name=op.f('ck_standing_proposals_standing')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_standing_proposals_reason')),
    sa.ForeignKeyConstraint(['hit_id'], ['signal_hits.id'], name=op.f('fk_standing_proposals_hit_id')),
    sa.ForeignKeyConstraint(['proposed_by'], ['accounts.id'], name=op.f('fk_standing_proposals_proposed_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_proposals')),
    sa.UniqueConstraint('id', 'proposed_by', name=op.f('uq_standing_proposals_id_proposed_by'))
    )
    op.create_index('ix_standing_proposals_hit_id', 'standing_proposals', ['hit_id'])
    op.create_table('proposed_ratings',
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('root', _ID, nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['standing_proposals.id'], name=op.f('fk_proposed_ratings_proposal_id')),
    sa.ForeignKeyConstraint(['root'], ['ratings.id'], name=op.f('fk_proposed_ratings_root')),
    sa.PrimaryKeyConstraint('proposal_id', 'root', name=op.f('pk_proposed_ratings'))
    )
    op.create_index('ix_proposed_ratings_root', 'proposed_ratings', ['root'])
    op.create_table('proposal_decisions',
    sa.Column('proposal_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=False),
    sa.Column('agreed', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('proposed_by <> decided_by', name=op.f('ck_proposal_decisions_two_people')),
    sa.ForeignKeyConstraint(['decided_by'], ['accounts.id'], name=op.f('fk_proposal_decisions_decided_by')),
    sa.ForeignKeyConstraint(['proposal_id', 'proposed_by'], ['standing_proposals.id', 'standing_proposals.proposed_by'], name=op.f('fk_proposal_decisions_proposal_id_proposed_by')),
    sa.PrimaryKeyConstraint('proposal_id', name=op.f('pk_proposal_decisions'))
    )
    keep_append_only('signal_days', 'signal_hits', 'marked_ratings', 'standing_proposals', 'proposed_ratings', 'proposal_decisions')
