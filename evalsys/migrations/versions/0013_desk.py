"""The desk: categories of orders; orders and reports beside their cases."""

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
