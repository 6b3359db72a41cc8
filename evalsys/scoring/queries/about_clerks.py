"""Bad reviews by clerk, told apart fairly: the clerk's own, those of other causes, and those left unsaid."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import blamed
from evalsys.kernel.access import within
from evalsys.scoring.models import DailySum
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.rules.answers import Blamed
from evalsys.scoring.rules.gathering import NOBODY
from evalsys.scoring.rules.ranking import UNMATCHED


def bad_reviews(session: Session | Connection, ground: Ground) -> list[Blamed]:
    """Every clerk with ratings in the period, by staff number; those matched to nobody stand last.

    Two SELECTs: the sums of the days, and the bad ratings, of which there are few.
    """
    told = _told(session, ground)
    found = [
        Blamed(
            UNMATCHED if staff == NOBODY else ground.named(staff, leads_only=False),
            n,
            n - beyond,
            *told.get(staff, (0, 0, 0)),
        )
        for staff, (n, beyond) in _rated(session, ground).items()
        if n
    ]
    return sorted(found, key=lambda one: (one.named is UNMATCHED, one.named.code))


def _rated(session: Session | Connection, ground: Ground) -> Mapping[int, tuple[int, int]]:
    """The counted ratings by clerk, and those of them that were found to be beyond the clerk."""
    period = ground.asked.period
    n, beyond = (
        sum(getattr(DailySum, f"{name}{level}") for level in (5, 4, 3, 2, 1)) for name in ("n", "unscored")
    )
    statement = (
        select(DailySum.staff_id, func.sum(n), func.sum(beyond))
        .where(DailySum.day.between(period.first, period.last))
        .group_by(DailySum.staff_id)
    )
    if ground.units is not None:
        statement = statement.where(DailySum.unit_id.in_(sorted(ground.units)))
    if ground.windows is not None:
        statement = statement.where(DailySum.window_id.in_(sorted(ground.windows)))
    found = session.execute(within(statement, DailySum.unit_id, ground.scope))
    return {staff: (every, left) for staff, every, left in found}


def _told(session: Session | Connection, ground: Ground) -> Mapping[int, tuple[int, int, int]]:
    """The bad ratings by clerk: own, beyond, unsaid."""
    found: dict[int, tuple[int, int, int]] = {}
    for staff, unit, window, *counts in session.execute(blamed.bad_by_clerk(ground.asked.period)):
        if ground.lets_through(unit) and (ground.windows is None or window in ground.windows):
            so_far = found.get(staff, (0, 0, 0))
            found[staff] = (so_far[0] + counts[0], so_far[1] + counts[1], so_far[2] + counts[2])
    return found
