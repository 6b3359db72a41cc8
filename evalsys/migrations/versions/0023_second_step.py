"""Signing in with a second step, recovery codes, and what a password must not repeat."""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('accounts', sa.Column('totp_step', sa.BigInteger(), nullable=True))
    op.add_column('accounts', sa.Column('password_set_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('sessions', sa.Column('stepped_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('recovery_codes',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_recovery_codes_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'code_hash', name=op.f('pk_recovery_codes'))
    )
    op.create_table('former_passwords',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_former_passwords_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'password_hash', name=op.f('pk_former_passwords'))
    )
