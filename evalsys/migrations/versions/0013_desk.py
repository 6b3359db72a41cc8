"""The desk: categories of orders; orders and reports beside their cases; who is on call."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('order_categories',
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('profile', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_order_categories')),
    sa.UniqueConstraint('name', name=op.f('uq_order_categories_name'))
    )
    op.create_table('orders',
    sa.Column('case_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('category', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('upstream_no', sa.String(length=60), nullable=True),
    sa.Column('upstream_due', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('duty_id', sa.Integer(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finish_by', sa.DateTime(timezone=True), nullable=False),
    sa.Column('content', sa.String(length=64), nullable=False),
    sa.Column('taken_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_orders_case_id')),
    sa.ForeignKeyConstraint(['category'], ['order_categories.code'], name=op.f('fk_orders_category')),
    sa.ForeignKeyConstraint(['duty_id'], ['duties.id'], name=op.f('fk_orders_duty_id')),
    sa.ForeignKeyConstraint(['taken_by'], ['accounts.id'], name=op.f('fk_orders_taken_by')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_orders')),
    sa.UniqueConstraint('source', 'upstream_no', name=op.f('uq_orders_source_upstream_no'))
    )
    op.create_table('not_done_reports',
    sa.Column('case_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('type', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('matter', sa.String(length=60), nullable=False),
    sa.Column('receipt_hash', sa.String(length=64), nullable=False),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_not_done_reports_case_id')),
    sa.ForeignKeyConstraint(['taken_by'], ['accounts.id'], name=op.f('fk_not_done_reports_taken_by')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_not_done_reports')),
    sa.UniqueConstraint('receipt_hash', name=op.f('uq_not_done_reports_receipt_hash'))
    )
    op.create_table('on_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_on_call_lasts')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_on_call_account_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_on_call_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_on_call'))
    )
    with op.batch_alter_table('on_call', schema=None) as batch_op:
        batch_op.create_index('ix_on_call_ends_at', ['ends_at'], unique=False)

    op.create_table('order_calls',
    sa.Column('case_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_order_calls_account_id')),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_order_calls_case_id')),
    sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_order_calls'))
    )
