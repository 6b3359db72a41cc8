"""The sums once more, derived from ratings and services themselves, and how they differ from those kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    except_,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import counted, services
from evalsys.kernel.periods import Period
from evalsys.scoring.models import DailySum, ItemSum, ServiceSum, StaffTotal, TagSum, TotalDay, WindowTotal
from evalsys.scoring.queries import moves
from evalsys.scoring.rules.tallies import COLUMN_OF_STANDING, LEVELS, Cell, ItemCell, ServiceCell, TagCell

CHUNK = timedelta(days=31)  # days compared at a time: what the database sorts stays small
SHOWN = 10

SUMS = tuple(column.name for column in DailySum.__table__.columns if column.name not in Cell._fields)


@dataclass(frozen=True)
class Verdict:
    """What `evalsys verify` found; `examples` names the first cells that differ."""

    ratings: int
    rows: int
    differences: int
    examples: tuple[str, ...]


def derived_sums(period: Period) -> Select[Any]:
    """The daily sums of a period as the ratings say they should be: key columns, then every count."""
    rating = counted.counted_ratings().subquery()
    counts = rating.c.standing == "counted"

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    sums = {
        f"{prefix}{level}": how_many(and_(rating.c.standing == standing, rating.c.level == level))
        for standing, prefix in COLUMN_OF_STANDING.items()
        for level in LEVELS
    }
    sums |= {
        f"unscored{level}": how_many(and_(counts, ~rating.c.scored, rating.c.level == level))
        for level in LEVELS
    }
    sums |= {name: how_many(and_(counts, rating.c[name])) for name in ("bound", "assisted")}
    sums |= {
        f"done_{said}": how_many(and_(counts, rating.c.done == said)) for said in ("yes", "no", "asking")
    }
    keys = [rating.c[name] for name in Cell._fields]
    return (
        select(*keys, *(sums[name].label(name) for name in SUMS))
        .where(rating.c.day.between(period.first, period.last))
        .group_by(*keys)
    )


def derived_tag_sums(period: Period) -> Select[Any]:
    """The tag sums of a period as the ratings say they should be."""
    chosen = counted.counted_tags().subquery()
    keys = [chosen.c[name] for name in TagCell._fields]
    return (
        select(*keys, func.count().label("n"))
        .where(chosen.c.day.between(period.first, period.last))
        .group_by(*keys)
    )


def derived_service_sums(period: Period) -> Select[Any]:
    """The service sums of a period as services and prompts say they should be."""
    served = services.services_to_rate().subquery()
    keys = [served.c[name] for name in ServiceCell._fields]
    prompted = func.sum(case((served.c.prompted, 1), else_=0))
    return (
        select(*keys, func.count().label("services"), prompted.label("prompted"))
        .where(served.c.day.between(period.first, period.last))
        .group_by(*keys)
    )


def derived_item_sums(period: Period) -> Select[Any]:
    """The item sums of a period as the ratings say they should be."""
    said = counted.counted_of_items().subquery()
    keys = [said.c[name] for name in ItemCell._fields]
    return (
        select(*keys, func.count().label("n"))
        .where(said.c.day.between(period.first, period.last))
        .group_by(*keys)
    )


def _kept_sums(period: Period) -> Select[Any]:
    columns = [getattr(DailySum, name) for name in SUMS]
    return select(*(getattr(DailySum, name) for name in Cell._fields), *columns).where(
        DailySum.day.between(period.first, period.last),
        # A cell all of whose ratings have moved away says nothing any more.
        or_(*(column != 0 for column in columns)),
    )


def _kept_tag_sums(period: Period) -> Select[Any]:
    return select(*(getattr(TagSum, name) for name in TagCell._fields), TagSum.n).where(
        TagSum.day.between(period.first, period.last), TagSum.n != 0
    )


def _kept_item_sums(period: Period) -> Select[Any]:
    return select(*(getattr(ItemSum, name) for name in ItemCell._fields), ItemSum.n).where(
        ItemSum.day.between(period.first, period.last), ItemSum.n != 0
    )


def _kept_service_sums(period: Period) -> Select[Any]:
    counts = (ServiceSum.services, ServiceSum.prompted)
    return select(*(getattr(ServiceSum, name) for name in ServiceCell._fields), *counts).where(
        ServiceSum.day.between(period.first, period.last), or_(*(count != 0 for count in counts))
    )


def chunks(session: Session | Connection) -> list[Period]:
    """The days that have ratings, services or sums, a month at a time."""
    rating = counted.counted_ratings().subquery()
    served = services.services_to_rate().subquery()
    ends = [
        session.execute(select(func.min(column), func.max(column))).one()
        for column in (
            *(rating.c.day, served.c.day, DailySum.day, TagSum.day, ServiceSum.day, ItemSum.day),
            *(TotalDay.day, WindowTotal.day, StaffTotal.day),
        )
    ]
    days: list[date] = [day for pair in ends for day in pair if day is not None]
    return list(_stretches(min(days), max(days))) if days else []


def _stretches(first: date, last: date) -> Iterator[Period]:
    while first <= last:
        yield Period(first, min(last, first + CHUNK - timedelta(days=1)))
        first += CHUNK


def _differing(one: Select[Any], other: Select[Any], keys: tuple[str, ...]) -> Select[Any]:
    """The keys of all rows that stand on one side only, in one statement and so at one moment."""
    # Said once and read twice: the engines derive what is named so a single time.
    this, that = select(one.cte("derived")), select(other.cte("kept"))
    either = union_all(
        select(except_(this, that).subquery()), select(except_(that, this).subquery())
    ).subquery()
    return select(*(either.c[key] for key in keys)).distinct()


def _differing_totals(totals: moves.Totals, period: Period) -> Select[Any]:
    faults = moves.faults(totals, period).subquery()
    return select(*(faults.c[key] for key in ("day", *moves.keys_of(totals))))


def differences(session: Session | Connection, periods: Iterable[Period] | None = None) -> Verdict:
    """Compare every kept sum and total with ratings and services, both ways round, a month at a time.

    `periods` are all `chunks` unless given, as by a caller who shows progress.
    """
    found = 0
    examples: list[str] = []
    for period in chunks(session) if periods is None else periods:
        for statement in (
            _differing(derived_sums(period), _kept_sums(period), Cell._fields),
            _differing(derived_tag_sums(period), _kept_tag_sums(period), TagCell._fields),
            _differing(derived_service_sums(period), _kept_service_sums(period), ServiceCell._fields),
            _differing(derived_item_sums(period), _kept_item_sums(period), ItemCell._fields),
            # The totals with the sums of the days, which have just been compared with the ratings.
            *(_differing_totals(totals, period) for totals in moves.TOTALS),
        ):
            cells = statement.subquery()
            # Counted and shown by one statement: deriving the sums is most of the work.
            some = select(func.count().over(), *cells.c).order_by(*cells.c).limit(SHOWN)
            shown = session.execute(some).all()
            found += shown[0][0] if shown else 0
            examples += [" ".join(map(str, cell)) for _, *cell in shown[: SHOWN - len(examples)]]
    ratings, rows = counted.rows_in_all(session)
    return Verdict(ratings, rows, found, tuple(examples))
