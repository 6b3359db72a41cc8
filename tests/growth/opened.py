"""What everybody may see of a big hall: open cells of every window, a display and a published bulletin."""

from flask import Flask
from sqlalchemy import text

from evalsys.dashboards.actions.boards import put_up_board
from evalsys.dashboards.actions.bulletins import Step, draft_bulletin, take_step
from evalsys.dashboards.queries import bulletins
from evalsys.dashboards.queries.month import Of
from evalsys.kernel import clock, settings
from evalsys.kernel.access import Actor
from evalsys.kernel.database import transaction
from evalsys.kernel.periods import DAY, MONTHS, closing_of

_CELLS = (
    "INSERT INTO public_cells (kind, starts, window_id, unit_id, n5, n4, n3, n2, n1, opened_at) "
    "SELECT :kind, :starts, window_id, unit_id, 40, 1, 1, 1, 1, :at FROM window_units"
)


def display_and_bulletin(app: Flask) -> tuple[str, str]:
    """The token of a display's address, and the id of a bulletin that two people passed."""
    now = clock.now()
    month = closing_of(MONTHS, closing_of(MONTHS, clock.day_of(now)).starts - DAY)
    one, other = (
        Actor(number, "somebody", "somebody", frozenset({"supervisor"}), 1, None) for number in (1, 2)
    )
    with app.app_context(), transaction() as session:
        session.execute(
            text(_CELLS), {"kind": MONTHS, "starts": month.starts.isoformat(), "at": "2026-01-01"}
        )
        public_id = draft_bulletin(session, Of("all", "", month), settings.current(), one, now)
        for act, by in (("approve", other), ("publish", one)):
            issue = bulletins.issue(session, public_id)
            assert issue is not None
            take_step(session, issue, Step(act), by, now)
        return put_up_board(session, "东墙", "", one, now), public_id
