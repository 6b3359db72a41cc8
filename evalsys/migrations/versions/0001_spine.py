"""The spine: who is there, what was said, how it adds up."""

import sqlalchemy as sa
from alembic import op

from evalsys.migrations.triggers import allow_only_redaction, keep_append_only

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_days',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('provisional', sa.Boolean(), nullable=False),
    sa.Column('notice', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_calendar_days'))
    )
    op.create_table('formula_versions',
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('points', sa.String(length=60), nullable=False),
    sa.Column('min_n_rate', sa.Integer(), nullable=False),
    sa.Column('min_n_rank', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_formula_versions'))
    )
    op.create_table('halls',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_halls')),
    sa.UniqueConstraint('code', name=op.f('uq_halls_code'))
    )
    op.create_table('imports',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('created', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    op.create_table('jobs',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('period', sa.String(length=20), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', 'period', name=op.f('pk_jobs'))
    )
    op.create_table('journal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.String(length=20), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('verb', sa.String(length=60), nullable=False),
    sa.Column('object', sa.String(length=200), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('prev_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal')),
    sa.UniqueConstraint('hash', name=op.f('uq_journal_hash')),
    sa.UniqueConstraint('prev_hash', name=op.f('uq_journal_prev_hash'))
    )
    op.create_table('office_hours',
    sa.Column('opens', sa.Time(), nullable=False),
    sa.Column('closes', sa.Time(), nullable=False),
    sa.PrimaryKeyConstraint('opens', name=op.f('pk_office_hours'))
    )
    op.create_table('regions',
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('parent_code', sa.String(length=12), nullable=True),
    sa.Column('level', sa.String(length=4), nullable=False),
    sa.ForeignKeyConstraint(['parent_code'], ['regions.code'], name=op.f('fk_regions_parent_code')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_regions'))
    )
    op.create_table('site',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_site'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_no', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('party_post', sa.Boolean(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=True),
    sa.Column('to_day', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('staff_no', name=op.f('uq_staff_staff_no'))
    )
    op.create_table('tags',
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('plain', sa.String(length=200), nullable=False),
    sa.Column('en', sa.String(length=200), nullable=False),
    sa.Column('attribution', sa.String(length=20), nullable=False),
    sa.Column('shown_first', sa.Boolean(), nullable=False),
    sa.Column('clue', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('version', 'code', name=op.f('pk_tags'))
    )
    op.create_table('trace_keys',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('secret', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_trace_keys'))
    )
    op.create_table('hall_hours',
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('opens', sa.Time(), nullable=False),
    sa.Column('closes', sa.Time(), nullable=False),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_hall_hours_hall_id')),
    sa.PrimaryKeyConstraint('hall_id', 'weekday', 'opens', name=op.f('pk_hall_hours'))
    )
    op.create_table('units',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('credit_code', sa.String(length=18), nullable=True),
    sa.Column('region_code', sa.String(length=12), nullable=True),
    sa.Column('compare_group', sa.String(length=60), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=True),
    sa.Column('to_day', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['parent_id'], ['units.id'], name=op.f('fk_units_parent_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_units_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_units')),
    sa.UniqueConstraint('code', name=op.f('uq_units_code'))
    )
    op.create_table('zones',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('map_place', sa.String(length=60), nullable=True),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_zones_hall_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zones')),
    sa.UniqueConstraint('hall_id', 'name', name=op.f('uq_zones_hall_id_name'))
    )
    op.create_table('accounts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('display_name', sa.String(length=60), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('totp_secret', sa.String(length=200), nullable=True),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_accounts_staff_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_accounts_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('name', name=op.f('uq_accounts_name'))
    )
    op.create_table('items',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('task_code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('item_type', sa.String(length=2), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('time_limit', sa.String(length=60), nullable=False),
    sa.Column('high_frequency', sa.Boolean(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=True),
    sa.Column('to_day', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_items_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_items')),
    sa.UniqueConstraint('task_code', name=op.f('uq_items_task_code'))
    )
    op.create_table('service_windows',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('from_day', sa.Date(), nullable=True),
    sa.Column('to_day', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_service_windows_hall_id')),
    sa.ForeignKeyConstraint(['zone_id'], ['zones.id'], name=op.f('fk_service_windows_zone_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_windows')),
    sa.UniqueConstraint('hall_id', 'number', name=op.f('uq_service_windows_hall_id_number'))
    )
    op.create_table('staff_units',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('to_day', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_units_staff_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_staff_units_unit_id')),
    sa.PrimaryKeyConstraint('staff_id', 'from_day', name=op.f('pk_staff_units'))
    )
    with op.batch_alter_table('staff_units', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_units_unit_id'), ['unit_id'], unique=False)

    op.create_table('unit_names',
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('short_name', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_unit_names_unit_id')),
    sa.PrimaryKeyConstraint('unit_id', 'from_day', name=op.f('pk_unit_names'))
    )
    op.create_table('account_roles',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=30), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_account_roles_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'role', name=op.f('pk_account_roles'))
    )
    op.create_table('api_tokens',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_api_tokens_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    with op.batch_alter_table('api_tokens', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_api_tokens_account_id'), ['account_id'], unique=False)

    op.create_table('daily_sums',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('item_type', sa.String(length=2), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('entry', sa.String(length=20), nullable=False),
    sa.Column('n5', sa.Integer(), nullable=False),
    sa.Column('n4', sa.Integer(), nullable=False),
    sa.Column('n3', sa.Integer(), nullable=False),
    sa.Column('n2', sa.Integer(), nullable=False),
    sa.Column('n1', sa.Integer(), nullable=False),
    sa.Column('held5', sa.Integer(), nullable=False),
    sa.Column('held4', sa.Integer(), nullable=False),
    sa.Column('held3', sa.Integer(), nullable=False),
    sa.Column('held2', sa.Integer(), nullable=False),
    sa.Column('held1', sa.Integer(), nullable=False),
    sa.Column('excluded5', sa.Integer(), nullable=False),
    sa.Column('excluded4', sa.Integer(), nullable=False),
    sa.Column('excluded3', sa.Integer(), nullable=False),
    sa.Column('excluded2', sa.Integer(), nullable=False),
    sa.Column('excluded1', sa.Integer(), nullable=False),
    sa.Column('unscored5', sa.Integer(), nullable=False),
    sa.Column('unscored4', sa.Integer(), nullable=False),
    sa.Column('unscored3', sa.Integer(), nullable=False),
    sa.Column('unscored2', sa.Integer(), nullable=False),
    sa.Column('unscored1', sa.Integer(), nullable=False),
    sa.Column('bound', sa.Integer(), nullable=False),
    sa.Column('assisted', sa.Integer(), nullable=False),
    sa.Column('done_yes', sa.Integer(), nullable=False),
    sa.Column('done_no', sa.Integer(), nullable=False),
    sa.Column('done_asking', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_daily_sums_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_daily_sums_window_id')),
    sa.PrimaryKeyConstraint('day', 'window_id', 'staff_id', 'unit_id', 'item_type', 'channel', 'entry', name=op.f('pk_daily_sums')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('daily_sums', schema=None) as batch_op:
        batch_op.create_index('ix_daily_sums_staff', ['staff_id', 'day'], unique=False)
        batch_op.create_index('ix_daily_sums_unit', ['unit_id', 'day'], unique=False)
        batch_op.create_index('ix_daily_sums_window', ['window_id', 'day'], unique=False)

    op.create_table('duties',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('import_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('regular','weekend','leader','relief')", name=op.f('ck_duties_kind')),
    sa.CheckConstraint("source IN ('queue','sign-in','rota')", name=op.f('ck_duties_source')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_duties_ends_after_start')),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_duties_import_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_duties_staff_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_duties_window_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duties'))
    )
    with op.batch_alter_table('duties', schema=None) as batch_op:
        batch_op.create_index('ix_duties_staff_starts', ['staff_id', 'starts_at'], unique=False)
        batch_op.create_index('ix_duties_window_starts', ['window_id', 'starts_at'], unique=False)

    op.create_table('item_aliases',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('alias', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_item_aliases_item_id')),
    sa.PrimaryKeyConstraint('item_id', 'alias', name=op.f('pk_item_aliases'))
    )
    op.create_table('item_materials',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('material', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_item_materials_item_id')),
    sa.PrimaryKeyConstraint('item_id', 'place', name=op.f('pk_item_materials'))
    )
    op.create_table('item_windows',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_item_windows_item_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_item_windows_window_id')),
    sa.PrimaryKeyConstraint('item_id', 'window_id', name=op.f('pk_item_windows'))
    )
    with op.batch_alter_table('item_windows', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_windows_window_id'), ['window_id'], unique=False)

    op.create_table('ratings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('root', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('replaces', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('entry', sa.String(length=20), nullable=False),
    sa.Column('origin', sa.String(length=10), nullable=False),
    sa.Column('evidence', sa.String(length=1), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('item_type', sa.String(length=2), nullable=False),
    sa.Column('counts_on', sa.Date(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('half_day', sa.String(length=2), nullable=False),
    sa.Column('dictionary_version', sa.String(length=20), nullable=False),
    sa.Column('salt', sa.LargeBinary(length=16), nullable=False),
    sa.CheckConstraint("(kind = 'first') = (root = id)", name=op.f('ck_ratings_root_is_first')),
    sa.CheckConstraint("channel IN ('face-to-face','back-to-back','on-the-go')", name=op.f('ck_ratings_channel')),
    sa.CheckConstraint("evidence IN ('A','B','C','D')", name=op.f('ck_ratings_evidence')),
    sa.CheckConstraint("half_day IN ('am','pm')", name=op.f('ck_ratings_half_day')),
    sa.CheckConstraint("kind IN ('first','correction','again','follow_up')", name=op.f('ck_ratings_kind')),
    sa.CheckConstraint("origin IN ('citizen','assisted','imported','probe')", name=op.f('ck_ratings_origin')),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_ratings_level')),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_ratings_hall_id')),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_ratings_item_id')),
    sa.ForeignKeyConstraint(['replaces'], ['ratings.id'], name=op.f('fk_ratings_replaces')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_ratings_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_ratings_window_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ratings')),
    sa.UniqueConstraint('replaces', name=op.f('uq_ratings_replaces'))
    )
    with op.batch_alter_table('ratings', schema=None) as batch_op:
        batch_op.create_index('ix_ratings_day', ['counts_on', 'id'], unique=False)
        batch_op.create_index('ix_ratings_root', ['root'], unique=False)
        batch_op.create_index('ix_ratings_window_day', ['window_id', 'counts_on'], unique=False)

    op.create_table('released_cells',
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(length=10), nullable=False),
    sa.Column('part_key', sa.String(length=20), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('n5', sa.Integer(), nullable=False),
    sa.Column('n4', sa.Integer(), nullable=False),
    sa.Column('n3', sa.Integer(), nullable=False),
    sa.Column('n2', sa.Integer(), nullable=False),
    sa.Column('n1', sa.Integer(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_released_cells_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_released_cells_window_id')),
    sa.PrimaryKeyConstraint('kind', 'starts', 'window_id', 'part', 'part_key', 'unit_id', name=op.f('pk_released_cells'))
    )
    op.create_table('sessions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_sessions_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sessions_token_hash'))
    )
    with op.batch_alter_table('sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sessions_account_id'), ['account_id'], unique=False)

    op.create_table('tag_sums',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('tag', sa.String(length=10), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_tag_sums_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_tag_sums_window_id')),
    sa.PrimaryKeyConstraint('day', 'window_id', 'staff_id', 'unit_id', 'channel', 'tag', name=op.f('pk_tag_sums')),
    sqlite_with_rowid=False
    )
    op.create_table('window_codes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('last_scanned_day', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_window_codes_window_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_window_codes')),
    sa.UniqueConstraint('window_id', 'version', name=op.f('uq_window_codes_window_id_version'))
    )
    op.create_table('window_units',
    sa.Column('window_id', sa.Integer(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('to_day', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_window_units_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_window_units_window_id')),
    sa.PrimaryKeyConstraint('window_id', 'from_day', name=op.f('pk_window_units'))
    )
    with op.batch_alter_table('window_units', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_window_units_unit_id'), ['unit_id'], unique=False)

    op.create_table('attributions',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('how', sa.String(length=10), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.CheckConstraint("(staff_id IS NULL) = (how IN ('conflict','gap'))", name=op.f('ck_attributions_staff_unless_open')),
    sa.CheckConstraint("how IN ('queue','sign-in','rota','chosen','conflict','gap','mended')", name=op.f('ck_attributions_how')),
    sa.CheckConstraint('proposed_by <> decided_by', name=op.f('ck_attributions_two_people')),
    sa.ForeignKeyConstraint(['decided_by'], ['accounts.id'], name=op.f('fk_attributions_decided_by')),
    sa.ForeignKeyConstraint(['proposed_by'], ['accounts.id'], name=op.f('fk_attributions_proposed_by')),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_attributions_rating_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_attributions_staff_id')),
    sa.PrimaryKeyConstraint('rating_id', 'seq', name=op.f('pk_attributions'))
    )
    op.create_table('rating_tags',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('tag', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_rating_tags_rating_id')),
    sa.PrimaryKeyConstraint('rating_id', 'seq', 'tag', name=op.f('pk_rating_tags'))
    )
    op.create_table('rating_texts',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=150), nullable=False),
    sa.Column('redacted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_rating_texts_rating_id')),
    sa.PrimaryKeyConstraint('rating_id', 'seq', name=op.f('pk_rating_texts'))
    )
    op.create_table('rating_traces',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('terminal', sa.String(length=60), nullable=False),
    sa.Column('device_hash', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_rating_traces_rating_id')),
    sa.PrimaryKeyConstraint('rating_id', name=op.f('pk_rating_traces'))
    )
    with op.batch_alter_table('rating_traces', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rating_traces_at'), ['at'], unique=False)

    op.create_table('reasons',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('done', sa.String(length=10), nullable=True),
    sa.Column('efficiency', sa.SmallInteger(), nullable=True),
    sa.Column('manner', sa.SmallInteger(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('item_type', sa.String(length=2), nullable=False),
    sa.Column('happened', sa.String(length=20), nullable=True),
    sa.Column('skip', sa.String(length=10), nullable=False),
    sa.Column('text_hash', sa.String(length=64), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("done IN ('yes','no','asking')", name=op.f('ck_reasons_done')),
    sa.CheckConstraint("skip IN ('given','skipped','left')", name=op.f('ck_reasons_skip')),
    sa.CheckConstraint('efficiency BETWEEN 1 AND 5', name=op.f('ck_reasons_efficiency')),
    sa.CheckConstraint('manner BETWEEN 1 AND 5', name=op.f('ck_reasons_manner')),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_reasons_item_id')),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_reasons_rating_id')),
    sa.PrimaryKeyConstraint('rating_id', 'seq', name=op.f('pk_reasons'))
    )
    op.create_table('standings',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('standing', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_standings_reason')),
    sa.CheckConstraint("standing IN ('counted','held','excluded')", name=op.f('ck_standings_standing')),
    sa.CheckConstraint('proposed_by <> decided_by', name=op.f('ck_standings_two_people')),
    sa.ForeignKeyConstraint(['decided_by'], ['accounts.id'], name=op.f('fk_standings_decided_by')),
    sa.ForeignKeyConstraint(['proposed_by'], ['accounts.id'], name=op.f('fk_standings_proposed_by')),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_standings_rating_id')),
    sa.PrimaryKeyConstraint('rating_id', 'seq', name=op.f('pk_standings'))
    )
    op.create_table('submissions',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('receipt_hash', sa.String(length=64), nullable=True),
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_submissions_rating_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_submissions')),
    sa.UniqueConstraint('rating_id', name=op.f('uq_submissions_rating_id')),
    sa.UniqueConstraint('receipt_hash', name=op.f('uq_submissions_receipt_hash'))
    )
    keep_append_only(
        "ratings", "submissions", "reasons", "rating_tags", "attributions", "standings", "journal"
    )
    allow_only_redaction()
