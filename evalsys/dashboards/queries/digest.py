"""What the weekly digest tells."""

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.dashboards.queries.month import RED
from evalsys.dashboards.rules.digest import Digest
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import WEEK, WEEKS, closing_of
from evalsys.kernel.settings import Settings
from evalsys.rectification.queries import chasing
from evalsys.scoring.queries import sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.ranking import DEPARTMENTS


def digest(session: Session | Connection, settings: Settings, now: datetime) -> Digest:
    """The digest of the last week that is over, with the cases that are overdue now."""
    today = clock.day_of(now)
    closing = closing_of(WEEKS, today - WEEK)
    ranking = sums.ranking(session, DEPARTMENTS, Filter(closing.period), EVERYTHING, settings)
    late = [
        (unit.unit, sum(line.light in RED for line in unit.lines))
        for unit in chasing.chase_list(session, today, now)
    ]
    return Digest(closing, ranking, [(unit, n) for unit, n in late if n])
