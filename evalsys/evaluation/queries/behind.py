"""What stands behind ratings that somebody is to put right: whose work it was, what it was about."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, exists, select
from sqlalchemy.orm import Session, aliased

from evalsys.evaluation.models import Attribution, Rating
from evalsys.evaluation.queries import ratings, records
from evalsys.evaluation.queries.counted import counted_ratings
from evalsys.evaluation.queries.records import Chosen


@dataclass(frozen=True)
class Behind:
    """A rating as the bad-review loop sees it; the words are read apart, by those who may.

    `is_placed`: its moment is known more finely than the half-day.
    """

    root: int
    level: int
    window_id: int
    hall_id: int
    unit_id: int
    item_id: int | None
    tags: tuple[str, ...]
    has_words: bool
    is_bound: bool
    is_placed: bool
    half_day: str
    standing: str


_FIRST = select(Rating.hall_id, Rating.half_day)


def behind(session: Session | Connection, root: int) -> Behind | None:
    """What stands behind one rating now; None where there is no such root."""
    said = ratings.said(session, root)
    if said is None:
        return None
    hall_id, half_day = session.execute(_FIRST.where(Rating.id == root)).one()
    return Behind(
        root=root,
        level=said.level,
        window_id=said.window_id,
        hall_id=hall_id,
        unit_id=said.unit_id,
        item_id=said.item_id,
        tags=said.tags,
        has_words=bool(said.text),
        is_bound=said.evidence in ("A", "B"),
        is_placed=said.evidence != "D",
        half_day=half_day,
        standing=said.standing,
    )


def staff_behind(session: Session | Connection, roots: Collection[int]) -> frozenset[int]:
    """Everybody these ratings have ever been found to be about: none of them works on what follows."""
    found = session.execute(
        select(Attribution.staff_id).where(
            Attribution.rating_id.in_(roots), Attribution.staff_id.is_not(None)
        )
    )
    return frozenset(staff for staff in found.scalars() if staff is not None)


def those_about(session: Session | Connection, roots: Collection[int], staff_id: int) -> frozenset[int]:
    """Those of some ratings that were ever found to be about one of the staff."""
    found = select(Attribution.rating_id).where(
        Attribution.rating_id.in_(roots), Attribution.staff_id == staff_id
    )
    return frozenset(session.execute(found).scalars())


def is_about(root: ColumnElement[int], staff_id: int) -> ColumnElement[bool]:
    """The condition that a rating was ever found to be about one of the staff."""
    return exists().where(Attribution.rating_id == root, Attribution.staff_id == staff_id)


def still_counted(session: Session | Connection, roots: Collection[int]) -> frozenset[int]:
    """Those of some ratings that stand in the sums as counted or held."""
    rating = counted_ratings().where(Rating.root.in_(roots)).subquery()
    return frozenset(session.execute(select(rating.c.root).where(rating.c.standing != "excluded")).scalars())


@dataclass(frozen=True)
class Counting:
    """A rating that stands in the sums, as its rated side may see it: nothing of who gave it or said what."""

    root: int
    unit_id: int
    window_id: int
    staff_id: int
    level: int
    standing: str
    day: date
    half_day: str
    tags: tuple[Chosen, ...]


def counting(session: Session | Connection, roots: Collection[int]) -> dict[int, Counting]:
    """Those of some ratings that stand in the sums, in any standing; by root, in the order of their days."""
    rating, first = counted_ratings().where(Rating.root.in_(roots)).subquery(), aliased(Rating)
    rows = session.execute(
        select(
            rating.c.root,
            rating.c.current,
            rating.c.reasons_seq,
            rating.c.unit_id,
            rating.c.window_id,
            rating.c.staff_id,
            rating.c.level,
            rating.c.standing,
            rating.c.day,
            first.half_day,
        )
        .join(first, first.id == rating.c.root)
        .order_by(rating.c.day, rating.c.root)
    ).all()
    tags, _texts = records.said_with(session, [row.current for row in rows])
    return {
        row.root: Counting(
            row.root,
            row.unit_id,
            row.window_id,
            row.staff_id,
            row.level,
            row.standing,
            row.day,
            row.half_day,
            tags.get((row.current, row.reasons_seq), ()),
        )
        for row in rows
    }


def ever_about(session: Session | Connection, roots: Collection[int]) -> dict[int, frozenset[int]]:
    """Everybody each of some ratings has ever been found to be about, by root."""
    found: dict[int, frozenset[int]] = {}
    for root, staff in session.execute(
        select(Attribution.rating_id, Attribution.staff_id).where(Attribution.rating_id.in_(roots))
    ):
        if staff is not None:
            found[root] = found.get(root, frozenset()) | {staff}
    return found
