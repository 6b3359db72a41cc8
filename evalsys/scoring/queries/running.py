"""Reading the running totals: a range of days is the total at its end less that before its start."""

from collections.abc import Sequence
from datetime import date
from functools import cache, reduce
from operator import add
from typing import Any, cast

from sqlalchemy import Connection, Date, Select, Table, and_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from evalsys.kernel.periods import DAY
from evalsys.scoring.models import DailySum, StaffTotal, TotalDay, WindowTotal
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.rules.gathering import NOBODY, Summed
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS
from evalsys.scoring.rules.tallies import LEVELS
from evalsys.scoring.rules.totals import ALL_ENTRIES, COUNTS

Rows = Sequence[Summed]

_WINDOWS, _STAFF = (cast(Table, totals.__table__) for totals in (WindowTotal, StaffTotal))
_LEVELS = tuple(f"n{level}" for level in LEVELS)
_KEY = {WINDOWS: "window_id", STAFF: "staff_id", DEPARTMENTS: "unit_id"}


def _totals_of(subject: str) -> tuple[Table, str]:
    """The table that holds a subject's totals, and the name of the place in it."""
    return (_STAFF, "hall_id") if subject == STAFF else (_WINDOWS, "window_id")


def _latest(name: str) -> Any:
    """The last day up to a bound one that has totals."""
    return select(func.max(TotalDay.day)).where(TotalDay.day <= bindparam(name)).scalar_subquery()


@cache
def _statement(subject: str, *, of_channel: bool) -> Select[Any]:
    """The sums of a period and of the one before by cell: three days of totals, joined by their keys."""
    table, place = _totals_of(subject)
    last, start, before = table.alias(), table.alias(), table.alias()
    keys = [column.name for column in table.primary_key if column.name != "day"]

    def same(one: Any, other: Any) -> Any:
        return and_(*(one.c[key] == other.c[key] for key in keys))

    def rise(name: str, one: Any, other: Any) -> Any:
        return func.coalesce(one.c[name], 0) - func.coalesce(other.c[name], 0)

    known = last.outerjoin(start, and_(start.c.day == _latest("start"), same(start, last)))
    known = known.outerjoin(before, and_(before.c.day == _latest("before"), same(before, last)))
    statement = (
        select(
            *(last.c[name] for name in (_KEY[subject], place, "unit_id", "channel")),
            *(rise(name, last, start) for name in COUNTS),
            *(rise(name, start, before) for name in _LEVELS),
        )
        .select_from(known)
        .where(last.c.day == _latest("last"), last.c.entry == bindparam("entry"))
    )
    return statement.where(last.c.channel == bindparam("channel")) if of_channel else statement


def sums(session: Session | Connection, ground: Ground) -> Rows:
    """The sums behind a ranking, of every unit and place: one SELECT of as many rows as there are cells."""
    asked = ground.asked
    named = {
        "last": asked.period.last,
        "start": asked.period.first - DAY,
        "before": asked.period.before.first - DAY,
        "entry": asked.entry,
    }
    channel = {"channel": asked.channel} if asked.channel else {}
    statement = _statement(ground.subject, of_channel=bool(channel))
    # By the connection: a session's rows take twice the time.
    return connection_of(session).execute(statement, named | channel).all()


def connection_of(session: Session | Connection) -> Connection:
    """The connection of a session, everything it still had to write written."""
    if isinstance(session, Connection):
        return session
    session.flush()
    return session.connection()


def let_through(ground: Ground, rows: Rows) -> Rows:
    """The rows that the filter and the scope let through."""
    places = ground.halls if ground.subject == STAFF else ground.windows
    return [row for row in rows if (places is None or row[1] in places) and ground.lets_through(row[2])]


@cache
def _staff_elsewhere() -> Select[Any]:
    clerks = (
        select(_STAFF.c.staff_id)
        .distinct()
        .where(_STAFF.c.day == _latest("last"), _STAFF.c.entry == ALL_ENTRIES, _STAFF.c.staff_id != NOBODY)
        .subquery()
    )
    # As pairs: only the index by clerk and day can follow them, whatever an engine believes of the days.
    whose = tuple_(DailySum.staff_id, DailySum.day)
    elsewhere = (
        select(DailySum.staff_id)
        .where(
            whose >= tuple_(clerks.c.staff_id, bindparam("first", type_=Date())),
            whose <= tuple_(clerks.c.staff_id, bindparam("last", type_=Date())),
            DailySum.window_id.not_in(bindparam("leaders", expanding=True)),
            reduce(add, (getattr(DailySum, name) for name in _LEVELS)) > 0,
        )
        .order_by(DailySum.staff_id, DailySum.day)
        .limit(1)
        .scalar_subquery()
    )
    return select(elsewhere).select_from(clerks)


def staff_at_other_windows(session: Session | Connection, ground: Ground) -> frozenset[int]:
    """The staff with at least one counted rating of the period that was not taken on leader duty.

    The search for each ends at the first such rating.
    """
    period, leaders = ground.asked.period, sorted(ground.leader_windows)
    named = {"first": period.first, "last": period.last, "leaders": leaders}
    found = connection_of(session).execute(_staff_elsewhere(), named).all()
    return frozenset(staff for (staff,) in found if staff is not None)


_DAYS = select(TotalDay.__table__.c.day).where(TotalDay.day >= bindparam("since")).order_by(TotalDay.day)


def days_with_totals(connection: Connection, since: date) -> list[date]:
    """The days from one on that have totals."""
    return list(connection.execute(_DAYS, {"since": since}).scalars())
