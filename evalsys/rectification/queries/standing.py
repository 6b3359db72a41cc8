"""Where cases stand, as a table that the desk's own tables are joined to."""

from sqlalchemy import Subquery, select

from evalsys.rectification.models import Case

STANDING: Subquery = select(
    Case.id,
    Case.no,
    Case.kind,
    Case.profile,
    Case.state,
    Case.opened_at,
    Case.opened_on,
    Case.owner_unit_id,
    Case.unit_id,
    Case.window_id,
    Case.hall_id,
    Case.dispatched_at,
    Case.due_at,
    Case.finish_by,
    Case.solved,
    Case.satisfied,
    Case.closed_at,
).subquery("standing")
