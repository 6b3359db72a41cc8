"""Decisions on what counts: the latest first, those still in force, and how some ratings stand now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, exists, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from evalsys.evaluation.models import Rating, Standing
from evalsys.evaluation.queries.counted import counted_ratings


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision on a rating; nobody's where a hold lapsed. `stands`: no later one has replaced it."""

    root: int
    seq: int
    standing: str
    reason: str
    at: datetime
    proposed_by: int | None
    decided_by: int | None
    stands: bool
    window_id: int
    day: date
    level: int


_later = aliased(Standing)
_HAS_LATER = exists().where(_later.rating_id == Standing.rating_id, _later.seq > Standing.seq)
_DECIDED = select(
    Standing.rating_id,
    Standing.seq,
    Standing.standing,
    Standing.reason,
    Standing.at,
    Standing.proposed_by,
    Standing.decided_by,
    (~_HAS_LATER).label("stands"),
    Rating.window_id,
    Rating.counts_on,
    Rating.level,
).join(Rating, Rating.id == Standing.rating_id)


def decided(
    session: Session | Connection, before: tuple[datetime, int] | None, most: int
) -> Sequence[Decided]:
    """The latest decisions, up to `most`, from before a mark (instant and rating) on."""
    wanted = _DECIDED.order_by(Standing.at.desc(), Standing.rating_id.desc(), Standing.seq.desc()).limit(most)
    if before is not None:
        wanted = wanted.where(tuple_(Standing.at, Standing.rating_id) < tuple_(*map(literal, before)))
    return [Decided(*row) for row in session.execute(wanted)]


def decided_on(session: Session | Connection, root: int) -> Sequence[Decided]:
    """Every decision on one rating, in order."""
    rows = session.execute(_DECIDED.where(Standing.rating_id == root).order_by(Standing.seq))
    return [Decided(*row) for row in rows]


def left_out_since(session: Session | Connection, first: date, at: datetime) -> list[tuple[date, str, str]]:
    """Ratings of the days from `first` on that are held or excluded now: day, standing, reason.

    `at`: when that day began; no rating is decided on before it is given.
    """
    # Looked up for each decision: as a join a database may read all that was ever decided.
    last = select(func.max(_later.seq)).where(_later.rating_id == Standing.rating_id).correlate(Standing)
    rows = session.execute(
        select(Rating.counts_on, Standing.standing, Standing.reason)
        .join(Rating, Rating.id == Standing.rating_id)
        .where(Standing.at >= at, Standing.standing != "counted", Rating.counts_on >= first)
        .where(Standing.seq == last.scalar_subquery())
        .order_by(Standing.at, Standing.rating_id)
    )
    return [(day, standing, reason) for day, standing, reason in rows]


@dataclass(frozen=True, slots=True)
class Stands:
    """How one rating stands now, with where it was given and when to the half-day."""

    root: int
    level: int
    entry: str
    window_id: int
    unit_id: int
    day: date
    half_day: str
    standing: str
    reason: str


def standing_of(session: Session | Connection, roots: Collection[int]) -> dict[int, Stands]:
    """How some ratings stand now, by root; those that stand in no sum are left out."""
    rating, first = counted_ratings().where(Rating.root.in_(roots)).subquery(), aliased(Rating)
    last = aliased(Standing)
    reason = (
        select(last.reason)
        .where(last.rating_id == rating.c.root)
        .order_by(last.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            rating.c.root,
            rating.c.level,
            rating.c.entry,
            rating.c.window_id,
            rating.c.unit_id,
            rating.c.day,
            first.half_day,
            rating.c.standing,
            func.coalesce(reason, ""),
        )
        .join(first, first.id == rating.c.root)
        .order_by(rating.c.day, rating.c.root)
    )
    return {row[0]: Stands(*row) for row in rows}
