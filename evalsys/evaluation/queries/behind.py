"""What stands behind ratings that somebody is to put right: whose work it was, what it was about."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Attribution, Rating
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.queries.counted import counted_ratings


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


def still_counted(session: Session | Connection, roots: Collection[int]) -> frozenset[int]:
    """Those of some ratings that stand in the sums as counted or held."""
    rating = counted_ratings().where(Rating.root.in_(roots)).subquery()
    return frozenset(session.execute(select(rating.c.root).where(rating.c.standing != "excluded")).scalars())
