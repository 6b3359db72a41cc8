"""The bad-review loop: cases, their steps, appeals, contacts, messages, findings."""

import sqlalchemy as sa
from alembic import op

from evalsys.migrations.triggers import keep_append_only

revision = '0012'
down_revision = '0011_outbox'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('case_numbers',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_case_numbers'))
    )
    op.create_table('reply_templates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reply_templates')),
    sa.UniqueConstraint('name', name=op.f('uq_reply_templates_name'))
    )
    op.create_table('responsibilities',
    sa.Column('about', sa.String(length=10), nullable=False),
    sa.Column('what', sa.String(length=60), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.CheckConstraint("about IN ('item','category','word')", name=op.f('ck_responsibilities_about')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_responsibilities_unit_id')),
    sa.PrimaryKeyConstraint('about', 'what', 'unit_id', name=op.f('pk_responsibilities'))
    )
    op.create_table('loop_cases',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('no', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('profile', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('case_class', sa.String(length=20), nullable=True),
    sa.Column('level', sa.SmallInteger(), nullable=True),
    sa.Column('window_id', sa.Integer(), nullable=True),
    sa.Column('hall_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('half_day', sa.String(length=2), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=False),
    sa.Column('visible_from', sa.Date(), nullable=False),
    sa.Column('is_clue', sa.Boolean(), nullable=False),
    sa.Column('is_reachable', sa.Boolean(), nullable=False),
    sa.Column('is_mistake_confirmed', sa.Boolean(), nullable=False),
    sa.Column('owner_unit_id', sa.Integer(), nullable=True),
    sa.Column('owner_account_id', sa.Integer(), nullable=True),
    sa.Column('dispatched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('counted_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finish_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_days', sa.Integer(), nullable=False),
    sa.Column('extended_days', sa.Integer(), nullable=False),
    sa.Column('not_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clocked_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('term', sa.String(length=20), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('yellow_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('red2_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('red3_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('returns', sa.Integer(), nullable=False),
    sa.Column('may_return', sa.Boolean(), nullable=False),
    sa.Column('redo_count', sa.Integer(), nullable=False),
    sa.Column('finding', sa.String(length=20), nullable=True),
    sa.Column('cause', sa.String(length=20), nullable=True),
    sa.Column('solved', sa.String(length=10), nullable=True),
    sa.Column('satisfied', sa.String(length=15), nullable=True),
    sa.Column('pressed', sa.String(length=10), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('rating','pattern','not-done','order')", name=op.f('ck_loop_cases_kind')),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_loop_cases_level')),
    sa.ForeignKeyConstraint(['hall_id'], ['halls.id'], name=op.f('fk_loop_cases_hall_id')),
    sa.ForeignKeyConstraint(['item_id'], ['items.id'], name=op.f('fk_loop_cases_item_id')),
    sa.ForeignKeyConstraint(['owner_account_id'], ['accounts.id'], name=op.f('fk_loop_cases_owner_account_id')),
    sa.ForeignKeyConstraint(['owner_unit_id'], ['units.id'], name=op.f('fk_loop_cases_owner_unit_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_loop_cases_unit_id')),
    sa.ForeignKeyConstraint(['window_id'], ['service_windows.id'], name=op.f('fk_loop_cases_window_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_loop_cases')),
    sa.UniqueConstraint('no', name=op.f('uq_loop_cases_no'))
    )
    with op.batch_alter_table('loop_cases', schema=None) as batch_op:
        batch_op.create_index('ix_loop_cases_day', ['opened_on', 'id'], unique=False)
        batch_op.create_index('ix_loop_cases_owner', ['owner_unit_id', 'state', 'due_at'], unique=False)
        batch_op.create_index('ix_loop_cases_queue', ['state', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_loop_cases_unit', ['unit_id', 'id'], unique=False)
        batch_op.create_index('ix_loop_cases_window', ['window_id', 'opened_on'], unique=False)

    op.create_table('appeals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('root', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rated_unit_id', sa.Integer(), nullable=False),
    sa.Column('filed_by', sa.Integer(), nullable=False),
    sa.Column('ground', sa.String(length=20), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('effect', sa.String(length=15), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'upheld') = (effect IS NOT NULL)", name=op.f('ck_appeals_effect_of_upheld')),
    sa.CheckConstraint("(state IN ('upheld','rejected')) = (decided_at IS NOT NULL)", name=op.f('ck_appeals_decided')),
    sa.CheckConstraint("effect IN ('excluded','reattributed')", name=op.f('ck_appeals_effect')),
    sa.CheckConstraint("evidence <> ''", name=op.f('ck_appeals_evidence')),
    sa.CheckConstraint("ground IN ('mistake','not-this-window','repeated','false','not-a-service')", name=op.f('ck_appeals_ground')),
    sa.CheckConstraint("staff_id IS NULL OR ground = 'not-this-window'", name=op.f('ck_appeals_staff_of_ground')),
    sa.CheckConstraint("state IN ('filed','reviewed','upheld','rejected')", name=op.f('ck_appeals_state')),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_appeals_case_id')),
    sa.ForeignKeyConstraint(['filed_by'], ['accounts.id'], name=op.f('fk_appeals_filed_by')),
    sa.ForeignKeyConstraint(['rated_unit_id'], ['units.id'], name=op.f('fk_appeals_rated_unit_id')),
    sa.ForeignKeyConstraint(['root'], ['ratings.id'], name=op.f('fk_appeals_root')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_appeals_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeals')),
    sa.UniqueConstraint('root', name=op.f('uq_appeals_root'))
    )
    with op.batch_alter_table('appeals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_appeals_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_appeals_decided', ['decided_at', 'id'], unique=False)
        batch_op.create_index('ix_appeals_state', ['state', 'due_at'], unique=False)

    op.create_table('case_assistants',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_case_assistants_case_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_case_assistants_unit_id')),
    sa.PrimaryKeyConstraint('case_id', 'unit_id', name=op.f('pk_case_assistants'))
    )
    op.create_table('case_files',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_case_files_case_id')),
    sa.ForeignKeyConstraint(['sha256'], ['files.sha256'], name=op.f('fk_case_files_sha256')),
    sa.PrimaryKeyConstraint('case_id', 'seq', 'sha256', name=op.f('pk_case_files'))
    )
    op.create_table('case_links',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('same_as', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Integer(), nullable=True),
    sa.CheckConstraint('case_id <> same_as', name=op.f('ck_case_links_not_itself')),
    sa.ForeignKeyConstraint(['by'], ['accounts.id'], name=op.f('fk_case_links_by')),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_case_links_case_id')),
    sa.ForeignKeyConstraint(['same_as'], ['loop_cases.id'], name=op.f('fk_case_links_same_as')),
    sa.PrimaryKeyConstraint('case_id', 'same_as', name=op.f('pk_case_links'))
    )
    op.create_table('case_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('root', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sender', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Integer(), nullable=True),
    sa.Column('relayed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('relayed_by', sa.Integer(), nullable=True),
    sa.Column('redacted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.CheckConstraint("sender IN ('citizen','owner','supervisor')", name=op.f('ck_case_messages_sender')),
    sa.ForeignKeyConstraint(['by'], ['accounts.id'], name=op.f('fk_case_messages_by')),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_case_messages_case_id')),
    sa.ForeignKeyConstraint(['relayed_by'], ['accounts.id'], name=op.f('fk_case_messages_relayed_by')),
    sa.ForeignKeyConstraint(['root'], ['ratings.id'], name=op.f('fk_case_messages_root')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_messages')),
    sa.UniqueConstraint('key', name=op.f('uq_case_messages_key'))
    )
    with op.batch_alter_table('case_messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_messages_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_case_messages_root', ['root'], unique=False)
        batch_op.create_index('ix_case_messages_waiting', ['relayed_by', 'relayed_at', 'at'], unique=False)

    op.create_table('case_ratings',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('root', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_case_ratings_case_id')),
    sa.ForeignKeyConstraint(['root'], ['ratings.id'], name=op.f('fk_case_ratings_root')),
    sa.PrimaryKeyConstraint('case_id', 'root', name=op.f('pk_case_ratings'))
    )
    with op.batch_alter_table('case_ratings', schema=None) as batch_op:
        batch_op.create_index('ix_case_ratings_root', ['root'], unique=False)

    op.create_table('case_steps',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=10), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_unit_id', sa.Integer(), nullable=True),
    sa.Column('owner_unit_id', sa.Integer(), nullable=True),
    sa.Column('from_state', sa.String(length=20), nullable=False),
    sa.Column('to_state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('due_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_after', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("NOT (from_state IN ('ACCEPTANCE','CALLBACK') AND act = 'move' AND actor_id IS NOT NULL AND actor_unit_id = owner_unit_id)", name=op.f('ck_case_steps_judged_from_outside')),
    sa.CheckConstraint("act IN ('open','move','try','note','join','leave','assist','link','undo','recompute','notice')", name=op.f('ck_case_steps_act')),
    sa.ForeignKeyConstraint(['actor_id'], ['accounts.id'], name=op.f('fk_case_steps_actor_id')),
    sa.ForeignKeyConstraint(['actor_unit_id'], ['units.id'], name=op.f('fk_case_steps_actor_unit_id')),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_case_steps_case_id')),
    sa.ForeignKeyConstraint(['owner_unit_id'], ['units.id'], name=op.f('fk_case_steps_owner_unit_id')),
    sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_case_steps'))
    )
    op.create_table('case_tags',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('tag', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_case_tags_case_id')),
    sa.PrimaryKeyConstraint('case_id', 'tag', name=op.f('pk_case_tags'))
    )
    with op.batch_alter_table('case_tags', schema=None) as batch_op:
        batch_op.create_index('ix_case_tags_tag', ['tag', 'case_id'], unique=False)

    op.create_table('confirmations',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('root', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('solved', sa.String(length=10), nullable=False),
    sa.Column('handling', sa.String(length=15), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("handling IN ('satisfied','fairly','dissatisfied')", name=op.f('ck_confirmations_handling')),
    sa.CheckConstraint("solved IN ('yes','partly','no')", name=op.f('ck_confirmations_solved')),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_confirmations_case_id')),
    sa.PrimaryKeyConstraint('case_id', 'root', 'seq', name=op.f('pk_confirmations'))
    )
    op.create_table('contacts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('root', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('masked', sa.String(length=40), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('purged_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_contacts_case_id')),
    sa.ForeignKeyConstraint(['root'], ['ratings.id'], name=op.f('fk_contacts_root')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts')),
    sa.UniqueConstraint('root', name=op.f('uq_contacts_root'))
    )
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.create_index('ix_contacts_case_id', ['case_id'], unique=False)

    op.create_table('supervision_notices',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('light', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['loop_cases.id'], name=op.f('fk_supervision_notices_case_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_supervision_notices_unit_id')),
    sa.PrimaryKeyConstraint('case_id', 'seq', 'light', name=op.f('pk_supervision_notices'))
    )
    with op.batch_alter_table('supervision_notices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_supervision_notices_changed_at'), ['changed_at'], unique=False)

    op.create_table('appeal_files',
    sa.Column('appeal_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeals.id'], name=op.f('fk_appeal_files_appeal_id')),
    sa.ForeignKeyConstraint(['sha256'], ['files.sha256'], name=op.f('fk_appeal_files_sha256')),
    sa.PrimaryKeyConstraint('appeal_id', 'sha256', name=op.f('pk_appeal_files'))
    )
    op.create_table('appeal_reviews',
    sa.Column('appeal_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('rated_unit_id', sa.Integer(), nullable=False),
    sa.Column('owner_unit_id', sa.Integer(), nullable=True),
    sa.Column('upholds', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_appeal_reviews_reason')),
    sa.CheckConstraint('seq IN (1,2)', name=op.f('ck_appeal_reviews_two')),
    sa.CheckConstraint('unit_id <> owner_unit_id', name=op.f('ck_appeal_reviews_not_of_the_owner_unit')),
    sa.CheckConstraint('unit_id <> rated_unit_id', name=op.f('ck_appeal_reviews_not_of_the_rated_unit')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_appeal_reviews_account_id')),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeals.id'], name=op.f('fk_appeal_reviews_appeal_id')),
    sa.ForeignKeyConstraint(['owner_unit_id'], ['units.id'], name=op.f('fk_appeal_reviews_owner_unit_id')),
    sa.ForeignKeyConstraint(['rated_unit_id'], ['units.id'], name=op.f('fk_appeal_reviews_rated_unit_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_appeal_reviews_unit_id')),
    sa.PrimaryKeyConstraint('appeal_id', 'seq', name=op.f('pk_appeal_reviews')),
    sa.UniqueConstraint('appeal_id', 'account_id', name=op.f('uq_appeal_reviews_two_people'))
    )
    op.create_table('findings',
    sa.Column('rating_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('cause', sa.String(length=20), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("cause IN ('person','process','guide','requirement','platform')", name=op.f('ck_findings_cause')),
    sa.ForeignKeyConstraint(['rating_id'], ['ratings.id'], name=op.f('fk_findings_rating_id')),
    sa.PrimaryKeyConstraint('rating_id', 'seq', name=op.f('pk_findings'))
    )
    keep_append_only("case_steps", "case_files", "supervision_notices", "confirmations", "appeal_files", "appeal_reviews", "findings")
