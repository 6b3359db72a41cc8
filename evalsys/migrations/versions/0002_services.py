"""Services, invitations, prompts and devices."""

import sqlalchemy as sa
from alembic import op

from evalsys.migrations.triggers import keep_append_only

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('devices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('pairing_hash', sa.String(length=64), nullable=True),
    sa.Column('pairing_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('secret_hash', sa.String(length=64), nullable=True),
    sa.Column('paired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('rated_on', sa.Date(), nullable=True),
    sa.Column('rated_half', sa.String(length=2), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('tablet','kiosk','console')", name=op.f('ck_devices_kind')),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_devices_hall_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_devices_window_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_devices')),
    sa.UniqueConstraint('pairing_hash', name=op.f('uq_devices_pairing_hash')),
    sa.UniqueConstraint('public_id', name=op.f('uq_devices_public_id')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_devices_secret_hash'))
    )
    with op.batch_alter_table('devices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_devices_window_id'), ['window_id'], unique=False)

    op.create_table('files',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('by', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('jpg','png','pdf')", name=op.f('ck_files_kind')),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_files'))
    )

    op.create_table('service_sums',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('item_type', sa.String(length=2), nullable=False),
    sa.Column('services', sa.Integer(), nullable=False),
    sa.Column('prompted', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_service_sums_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_service_sums_window_id')),
    sa.PrimaryKeyConstraint('day', 'window_id', 'staff_id', 'unit_id', 'item_type', name=op.f('pk_service_sums'))
    )
    op.create_table('services',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('item_type', sa.String(length=2), nullable=False),
    sa.Column('project_no', sa.String(length=60), nullable=True),
    sa.Column('service_number', sa.Integer(), nullable=True),
    sa.Column('idempotency_key', sa.String(length=64), nullable=True),
    sa.Column('ticket', sa.String(length=40), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('network', sa.Boolean(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('case','consultation')", name=op.f('ck_services_kind')),
    sa.CheckConstraint('(project_no IS NULL) = (service_number IS NULL)', name=op.f('ck_services_pair')),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_services_hall_id')),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_services_item_id')),
    sa.ForeignKeyConstraint(['made_by'], ['accounts.id'], name=op.f('fk_services_made_by')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_services_staff_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_services_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_services_window_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_services')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_services_idempotency_key')),
    sa.UniqueConstraint('project_no', 'service_number', name=op.f('uq_services_project_no_service_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_services_public_id'))
    )
    with op.batch_alter_table('services', schema=None) as batch_op:
        batch_op.create_index('ix_services_window_day', ['window_id', 'day'], unique=False)

    op.create_table('invitations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('service_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('link','ticket','tablet','take-away')", name=op.f('ck_invitations_kind')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_invitations_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitations_token_hash'))
    )
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitations_service_id'), ['service_id'], unique=False)

    op.create_table('prompts',
    sa.Column('service_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('sent','shown','rated','unrated')", name=op.f('ck_prompts_state')),
    sa.ForeignKeyConstraint(['device_id'], ['devices.id'], name=op.f('fk_prompts_device_id')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_prompts_service_id')),
    sa.PrimaryKeyConstraint('service_id', name=op.f('pk_prompts'))
    )
    with op.batch_alter_table('prompts', schema=None) as batch_op:
        batch_op.create_index('ix_prompts_device_state', ['device_id', 'state'], unique=False)

    op.create_table('service_ratings',
    sa.Column('service_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_service_ratings_rating_id')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_service_ratings_service_id')),
    sa.PrimaryKeyConstraint('service_id', name=op.f('pk_service_ratings')),
    sa.UniqueConstraint('rating_id', name=op.f('uq_service_ratings_rating_id'))
    )
    op.create_table('paper_forms',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('serial', sa.String(length=40), nullable=False),
    sa.Column('scan', sa.String(length=64), nullable=False),
    sa.Column('entered_by', sa.Integer(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['entered_by'], ['accounts.id'], name=op.f('fk_paper_forms_entered_by')),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_paper_forms_rating_id')),
    sa.ForeignKeyConstraint(['scan'], ['files.sha256'], name=op.f('fk_paper_forms_scan')),
    sa.PrimaryKeyConstraint('rating_id', name=op.f('pk_paper_forms')),
    sa.UniqueConstraint('serial', name=op.f('uq_paper_forms_serial'))
    )
    op.create_table('sign_in_failures',
    sa.Column('attempt_hash', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('attempt_hash', name=op.f('pk_sign_in_failures'))
    )
    with op.batch_alter_table('sign_in_failures', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_failures_failed_at'), ['failed_at'], unique=False)

    keep_append_only("paper_forms")
    keep_append_only("service_ratings")
    _let_holds_lapse()


def _let_holds_lapse() -> None:
    """A hold nobody decided on ends by itself: that row is nobody's, and can only let the rating count."""
    with op.batch_alter_table('standings', schema=None) as batch_op:
        batch_op.alter_column('proposed_by', existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column('decided_by', existing_type=sa.Integer(), nullable=True)
        batch_op.drop_constraint(op.f('ck_standings_two_people'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_standings_two_people'),
            "(proposed_by IS NOT NULL AND decided_by IS NOT NULL AND proposed_by <> decided_by)"
            " OR (proposed_by IS NULL AND decided_by IS NULL AND standing = 'counted')",
        )
    # SQLite changes a table by making it anew, and the guards go with the old one.
    if op.get_bind().dialect.name == "sqlite":
        keep_append_only("standings")
