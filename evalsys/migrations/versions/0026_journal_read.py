"""The journal is read from the end of an index: by time, act, person and object."""

from evalsys.migrations.gently import add_index

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index('ix_journal_at', 'journal', ['at'])
    add_index('ix_journal_verb', 'journal', ['verb', 'at'])
    add_index('ix_journal_actor', 'journal', ['actor_id', 'at'])
    add_index('ix_journal_object', 'journal', ['object', 'at'])
