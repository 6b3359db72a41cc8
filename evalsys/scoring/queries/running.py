"""Reading the running totals: a range of days is the total at its end less that before its start."""

from collections.abc import Sequence
from datetime import date
from functools import cache, reduce
from operator import add
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, Date, Select, Table, and_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from evalsys.kernel.periods import DAY
from evalsys.scoring.models import DailySum, StaffTotal, TotalDay, WindowTotal
from evalsys.scoring.queries.naming import Ground
from evalsys.scoring.rules.gathering import NOBODY, Summed
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS
from evalsys.scoring.rules.tallies import LEVELS
from evalsys.scoring.rules.totals import COUNTS

Rows = Sequence[Summed]

_WINDOWS, _STAFF, _DAILY = (cast(Table, sums.__table__) for sums in (WindowTotal, StaffTotal, DailySum))
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
def _staff_only_at() -> Select[Any]:
    first, last = bindparam("first", type_=Date()), bindparam("last", type_=Date())
    leaders: BindParameter[Any] = bindparam("leaders", expanding=True)
    clerks = (
        select(_DAILY.c.staff_id)
        .distinct()
        .where(_DAILY.c.window_id.in_(leaders), _DAILY.c.day.between(first, last))
        .subquery()
    )
    # Met by their keys first, which the index holds: days at such windows are passed over without a look.
    met, counted = _DAILY.alias(), _DAILY.alias()
    # As pairs: only the index by clerk and day can follow them, whatever an engine believes of the days.
    whose = tuple_(met.c.staff_id, met.c.day)
    ratings = (
        select(reduce(add, (counted.c[name] for name in _LEVELS)))
        .where(*(met.c[key.name] == counted.c[key.name] for key in _DAILY.primary_key))
        .scalar_subquery()
    )
    elsewhere = (
        select(met.c.staff_id)
        .where(
            whose >= tuple_(clerks.c.staff_id, first),
            whose <= tuple_(clerks.c.staff_id, last),
            met.c.window_id.not_in(leaders),
            ratings > 0,
        )
        .order_by(met.c.staff_id, met.c.day)
        .limit(1)
        .scalar_subquery()
    )
    return select(clerks.c.staff_id).where(clerks.c.staff_id != NOBODY, elsewhere.is_(None))


def staff_only_at_leader_windows(session: Session | Connection, ground: Ground) -> frozenset[int]:
    """The staff met at leader windows in the period, and nowhere else by any counted rating.

    The search for each ends at the first rating taken elsewhere.
    """
    period, leaders = ground.asked.period, sorted(ground.leader_windows)
    named = {"first": period.first, "last": period.last, "leaders": leaders}
    return frozenset(connection_of(session).execute(_staff_only_at(), named).scalars())


_DAYS = select(TotalDay.__table__.c.day).where(TotalDay.day >= bindparam("since")).order_by(TotalDay.day)


def days_with_totals(connection: Connection, since: date) -> list[date]:
    """The days from one on that have totals."""
    return list(connection.execute(_DAYS, {"since": since}).scalars())
