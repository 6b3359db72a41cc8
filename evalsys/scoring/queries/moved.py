"""Why the figures of a closed period are not what they were when it closed."""

from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import touched
from evalsys.evaluation.rules.befallen import befallen
from evalsys.kernel import clock
from evalsys.kernel.access import Scope, within
from evalsys.kernel.periods import Closing, Period
from evalsys.organisation.queries import directory
from evalsys.scoring.models import DailySum
from evalsys.scoring.rules.moved import Moved, MovedRow


def moved(session: Session | Connection, closing: Closing, scope: Scope) -> Moved:
    """The sums of a closed period now, and the ratings whose part in them has changed since it ended."""
    period = closing.period
    return Moved(*_sums(session, period, scope), _rows(session, period, scope))


def _sums(session: Session | Connection, period: Period, scope: Scope) -> tuple[int, int]:
    bad = DailySum.n2 + DailySum.n1
    every = DailySum.n5 + DailySum.n4 + DailySum.n3 + bad
    statement: Any = select(func.coalesce(func.sum(every), 0), func.coalesce(func.sum(bad), 0)).where(
        DailySum.day.between(period.first, period.last)
    )
    n, bad_ones = session.execute(within(statement, DailySum.unit_id, scope)).one()
    return n, bad_ones


def _rows(session: Session | Connection, period: Period, scope: Scope) -> list[MovedRow]:
    closed = clock.end_of(period.last)
    windows = directory.windows_on(session, period.last)
    units = directory.units_on(session, period.last)
    names = {str(person.id): person.name for person in directory.staff_on(session, period.last).values()}
    found = []
    for one in touched.touched_since(session, period, closed):
        then, now = one.history.state(closed), one.history.state()
        kinds = befallen(then, now)
        if kinds and now is not None and scope.covers(one.unit_id):
            found.append(
                MovedRow(
                    one.history.root,
                    one.day,
                    one.half_day,
                    windows[one.window_id].number,
                    units[one.unit_id].name,
                    one.channel,
                    kinds,
                    then,
                    now,
                    names.get(then.who, "") if then else "",
                    names.get(now.who, ""),
                    one.history.reason_since(closed),
                )
            )
    return found
