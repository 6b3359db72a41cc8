"""The same person twice: services rated on the counter's tablet and again, freer, away from it."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from evalsys.evaluation.models import Rating
from evalsys.evaluation.queries import counted
from evalsys.kernel.periods import Period


def counted_pairs(period: Period) -> Select[Any]:
    """How many pairs of levels there are by window, clerk and unit.

    Columns: window_id, staff_id (0 = nobody found), unit_id, scored, tablet and freer (levels 5 to 1, as they
    stood last on either side), n. What is held or excluded is no pair, and neither is a correction.
    """
    again, on_tablet = aliased(Rating), aliased(Rating)
    freer = counted.counted_ratings().subquery()
    keys = (freer.c.window_id, freer.c.staff_id, freer.c.unit_id, freer.c.scored)
    levels = (on_tablet.level.label("tablet"), freer.c.level.label("freer"))
    return (
        select(*keys, *levels, func.count().label("n"))
        .select_from(again)
        .join(on_tablet, on_tablet.id == again.replaces)
        .join(freer, freer.c.root == again.root)
        .where(
            again.kind == "again",
            again.counts_on.between(period.first, period.last),
            freer.c.day.between(period.first, period.last),
            freer.c.standing == "counted",
        )
        .group_by(*keys, *levels)
    )
