"""The desk: refusals noted at windows, and how many reports came just now."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('refusal_drafts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('matter', sa.String(length=60), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('noted_by', sa.Integer(), nullable=True),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.Integer(), nullable=True),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('dropped_because', sa.String(length=200), nullable=True),
    sa.CheckConstraint('(settled_at IS NULL) = (case_id IS NULL AND dropped_because IS NULL)', name=op.f('ck_refusal_drafts_settled_somehow')),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_refusal_drafts_case_id')),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_refusal_drafts_hall_id')),
    sa.ForeignKeyConstraint(['noted_by'], ['accounts.id'], name=op.f('fk_refusal_drafts_noted_by')),
    sa.ForeignKeyConstraint(['settled_by'], ['accounts.id'], name=op.f('fk_refusal_drafts_settled_by')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_refusal_drafts_window_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refusal_drafts')),
    sa.UniqueConstraint('key', name=op.f('uq_refusal_drafts_key'))
    )
    with op.batch_alter_table('refusal_drafts', schema=None) as batch_op:
        batch_op.create_index('ix_refusal_drafts_hall', ['hall_id', 'settled_at', 'id'], unique=False)

    op.create_table('report_marks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_report_marks_hall_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_marks'))
    )
    with op.batch_alter_table('report_marks', schema=None) as batch_op:
        batch_op.create_index('ix_report_marks_at', ['at'], unique=False)
