"""The sums of clerks at single windows: too fine a grain for running totals, and little enough to add up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, union_all
from sqlalchemy.orm import Session

from evalsys.kernel.access import within
from evalsys.scoring.models import DailySum, ServiceSum
from evalsys.scoring.queries import moves
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.rules.gathering import Summed
from evalsys.scoring.rules.totals import COUNTS

_LEVELS = COUNTS[:5]


def sums(session: Session | Connection, ground: Ground) -> Sequence[Summed]:
    """The sums by clerk at the windows asked for, in the period and in the one before: one SELECT."""
    asked = ground.asked
    each = union_all(*(_limited(part, ground) for part in moves.of_staff())).subquery()
    keys = (each.c.staff_id, each.c.hall_id, each.c.unit_id, each.c.channel)
    now = each.c.day >= asked.period.first

    def during(condition: Any, name: str) -> Any:
        return func.sum(case((condition, each.c[name]), else_=0))

    statement = (
        select(
            *keys,
            *(during(now, name) for name in COUNTS),
            *(during(~now, name) for name in _LEVELS),
        )
        .where(each.c.entry == asked.entry)
        .group_by(*keys)
    )
    if asked.channel:
        statement = statement.where(each.c.channel == asked.channel)
    return session.execute(statement).all()


def _limited(part: Select[Any], ground: Ground) -> Select[Any]:
    """A part of the clerks' sums at the windows, in the units and on the days asked for."""
    sums: Any = ServiceSum if part.selected_columns["day"].table is ServiceSum.__table__ else DailySum
    period = ground.asked.period
    part = part.where(
        sums.window_id.in_(sorted(ground.windows or ())), sums.day.between(period.before.first, period.last)
    )
    if ground.units is not None:
        part = part.where(sums.unit_id.in_(sorted(ground.units)))
    return within(part, sums.unit_id, ground.scope)
