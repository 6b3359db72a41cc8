"""The latest cases of a state, and those a unit owns, are read from the end of an index."""

from evalsys.migrations.gently import add_index

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_index('ix_loop_cases_state', 'loop_cases', ['state', 'id'])
    add_index('ix_loop_cases_owned', 'loop_cases', ['owner_unit_id', 'id'])
