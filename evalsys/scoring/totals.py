"""Keeping the running totals: moved with the sums of the days, one writer at a time, and derived anew."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, and_, bindparam, delete, insert, select, update
from sqlalchemy import func as sql

from evalsys.kernel.models import Stamp
from evalsys.kernel.periods import EARLIEST, LATEST, Period
from evalsys.kernel.upserts import Adding
from evalsys.scoring.models import DailySum, ServiceSum, StaffTotal, TotalDay, WindowTotal
from evalsys.scoring.queries import kept, moves, naming, running
from evalsys.scoring.queries.moves import TOTALS, Totals, keys_of
from evalsys.scoring.rules.tallies import Cell, ServiceCell
from evalsys.scoring.rules.totals import COUNTS, Counts, Moves, add

_NEW_STAMP = update(Stamp).where(Stamp.name == kept.SUMS).values(value=bindparam("drawn"))
_BITS = 62
_EVER = Period(EARLIEST, LATEST)


def take_turn(connection: Connection) -> None:
    """Wait until nobody else moves sums, and keep others waiting until this transaction ends.

    Totals are moved by adding and carried on from day to day, so two writers must not do it at once; the
    row everybody has to write is also what tells readers that the sums have changed.
    """
    connection.execute(_NEW_STAMP, {"drawn": secrets.randbits(_BITS)})


def move_by_sums(connection: Connection, moved: Mapping[Cell, Mapping[str, int]]) -> None:
    """Move the totals by what the daily sums are moved by, on their day and on all later ones."""
    changes = Moves(naming.hall_of_windows(connection))
    changes.add_sums(moved)
    _move(connection, changes)


def move_by_services(connection: Connection, moved: Mapping[ServiceCell, tuple[int, int]]) -> None:
    """The same for services that ended, were asked about, or were cancelled."""
    changes = Moves(naming.hall_of_windows(connection))
    changes.add_services(moved)
    _move(connection, changes)


def _carrying(totals: Totals) -> Any:
    """The statement that begins a day with the totals of the day before it."""
    columns = [*keys_of(totals), *COUNTS]
    last = select(sql.max(TotalDay.day)).where(TotalDay.day < bindparam("new")).scalar_subquery()
    carried = select(
        bindparam("new", type_=TotalDay.__table__.c.day.type), *(getattr(totals, name) for name in columns)
    ).where(totals.day == last)
    return insert(totals).from_select(["day", *columns], carried)


_ADDING = {totals: Adding(cast(Table, totals.__table__)) for totals in TOTALS}
_CARRYING = [_carrying(totals) for totals in TOTALS]


def _move(connection: Connection, changes: Moves) -> None:
    if not changes.days:
        return
    days = _begun(connection, sorted(changes.days))
    for totals, moved in ((WindowTotal, changes.windows), (StaffTotal, changes.staff)):
        later: dict[tuple[Any, ...], Counts] = {}
        for (first, *key), counts in moved.items():
            for day in days:
                if day >= first:
                    add(later, (day, *key), counts)
        _ADDING[totals].run(connection, [(*cell, *later[cell]) for cell in sorted(later)])


def _begun(connection: Connection, days: Sequence[date]) -> list[date]:
    """All days with totals from the first of these on, each of these among them."""
    known = running.days_with_totals(connection, days[0])
    for day in sorted({*days} - {*known}):
        for carrying in _CARRYING:
            connection.execute(carrying, {"new": day})
        connection.execute(insert(TotalDay), {"day": day})
        known.append(day)
    return sorted(known)


def derive(connection: Connection) -> None:
    """Derive every total anew from the sums of the days, in place of those kept."""
    for table in (*TOTALS, TotalDay):
        connection.execute(delete(table))
    days = select(DailySum.day).union(select(ServiceSum.day))
    connection.execute(insert(TotalDay).from_select(["day"], days))
    for totals in TOTALS:
        columns = ["day", *keys_of(totals), *COUNTS]
        connection.execute(insert(totals).from_select(columns, _derived(totals)))


def _derived(totals: Totals) -> Select[Any]:
    """Every total of every day since its cell first moved: the sum of all its rises so far."""
    rises = moves.moves(totals, _EVER).cte("rises")
    keys = [rises.c[key] for key in keys_of(totals)]
    cells = select(*keys, sql.min(rises.c.day).label("since")).group_by(*keys).cte("cells")
    own = [cells.c[key.name] for key in keys]
    rose = and_(rises.c.day == TotalDay.day, *(one == other for one, other in zip(keys, own, strict=True)))
    counts = (sql.coalesce(rises.c[name], 0) for name in COUNTS)
    return (
        select(
            TotalDay.day,
            *own,
            *(sql.sum(count).over(partition_by=own, order_by=TotalDay.day) for count in counts),
        )
        .select_from(cells)
        .join(TotalDay, TotalDay.day >= cells.c.since)
        .outerjoin(rises, rose)
        # As they will lie in the table.
        .order_by(TotalDay.day, *own)
    )
