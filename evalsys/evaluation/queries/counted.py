"""How every rating counts, derived from its rows: the one truth the sums are compared with."""

from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from evalsys.evaluation.models import Attribution, Finding, Rating, RatingTag, Reasons, Standing
from evalsys.evaluation.rules import CAUSES_BEYOND_THE_CLERK, COUNTED_ORIGINS, CountedAs


def _latest(model: Any, owner: Any) -> Any:
    """The condition that a row of `model` is the last of its sequence for `owner`."""
    later = aliased(model)
    return and_(
        model.rating_id == owner,
        ~exists().where(later.rating_id == model.rating_id, later.seq > model.seq),
    )


def counted_ratings() -> Select[Any]:
    """One row for each rating that stands in a sum.

    Columns: root, current (the row that counts after corrections), day, window_id, staff_id (0 = nobody
    found), unit_id, item_type, channel, entry, level, standing, bound, assisted, done, reasons_seq, scored
    (whether it is also the clerk's own), item_id (0 = not known).
    Imported rows, probes, follow-ups and replaced rows are not among them.
    """
    replaced_by = aliased(Rating)
    return (
        select(
            Rating.root.label("root"),
            Rating.id.label("current"),
            Rating.counts_on.label("day"),
            Rating.window_id.label("window_id"),
            func.coalesce(Attribution.staff_id, 0).label("staff_id"),
            Rating.unit_id.label("unit_id"),
            case(
                (func.coalesce(Reasons.item_type, "") != "", Reasons.item_type), else_=Rating.item_type
            ).label("item_type"),
            Rating.channel.label("channel"),
            Rating.entry.label("entry"),
            Rating.level.label("level"),
            func.coalesce(Standing.standing, literal("counted")).label("standing"),
            Rating.evidence.in_(("A", "B")).label("bound"),
            (Rating.origin == "assisted").label("assisted"),
            Reasons.done.label("done"),
            func.coalesce(Reasons.seq, 0).label("reasons_seq"),
            case((Finding.cause.in_(CAUSES_BEYOND_THE_CLERK), False), else_=True).label("scored"),
            func.coalesce(Reasons.item_id, Rating.item_id, 0).label("item_id"),
        )
        .select_from(Rating)
        .outerjoin(Attribution, _latest(Attribution, Rating.root))
        .outerjoin(Standing, _latest(Standing, Rating.root))
        .outerjoin(Reasons, _latest(Reasons, Rating.id))
        .outerjoin(Finding, _latest(Finding, Rating.root))
        .where(
            Rating.origin.in_(COUNTED_ORIGINS),
            # A freer rating of the same service, given again, replaces the one from the tablet.
            Rating.kind.in_(("first", "correction", "again")),
            ~exists().where(replaced_by.replaces == Rating.id),
        )
    )


def counted_tags() -> Select[Any]:
    """One row for each tag of each counted rating: day, window_id, staff_id, unit_id, channel, tag."""
    rating = counted_ratings().subquery()
    return (
        select(
            rating.c.day,
            rating.c.window_id,
            rating.c.staff_id,
            rating.c.unit_id,
            rating.c.channel,
            RatingTag.tag,
        )
        .join(RatingTag, and_(RatingTag.rating_id == rating.c.current, RatingTag.seq == rating.c.reasons_seq))
        .where(rating.c.standing == "counted")
    )


def counted_of_items() -> CompoundSelect[Any]:
    """One row for each thing said of a known item in a counted rating: day, item_id, unit_id, said.

    That is its level's digit, the answer to 办成了吗?, and each tag's code.
    """
    by_level, by_answer, by_tag = (counted_ratings().subquery() for _ in range(3))
    of_rating = and_(
        RatingTag.rating_id == by_tag.c.current,
        RatingTag.seq == by_tag.c.reasons_seq,
    )
    return union_all(
        _of_items(by_level, cast(by_level.c.level, String)),
        _of_items(by_answer, by_answer.c.done).where(by_answer.c.done.is_not(None)),
        _of_items(by_tag, RatingTag.tag).join(RatingTag, of_rating),
    )


def _of_items(rating: Any, said: Any) -> Select[Any]:
    return (
        select(rating.c.day, rating.c.item_id, rating.c.unit_id, said.label("said"))
        .select_from(rating)
        .where(rating.c.standing == "counted", rating.c.item_id != 0)
    )


_ONE = counted_ratings().where(Rating.root == bindparam("wanted_root"))
_TAGS = select(RatingTag.tag).where(
    RatingTag.rating_id == bindparam("rating_id"), RatingTag.seq == bindparam("seq")
)


def counted_as(connection: Session | Connection, root: int) -> CountedAs | None:
    """How one rating stands in the sums now; None for a rating that counts in none."""
    row = connection.execute(_ONE, {"wanted_root": root}).first()
    if row is None:
        return None
    tags = connection.execute(_TAGS, {"rating_id": row.current, "seq": row.reasons_seq}).scalars()
    return CountedAs(
        day=row.day,
        window_id=row.window_id,
        staff_id=row.staff_id,
        unit_id=row.unit_id,
        item_type=row.item_type,
        channel=row.channel,
        entry=row.entry,
        level=row.level,
        standing=row.standing,
        bound=bool(row.bound),
        assisted=bool(row.assisted),
        done=row.done,
        tags=frozenset(tags),
        scored=bool(row.scored),
        item_id=row.item_id,
    )


def rows_in_all(session: Session | Connection) -> tuple[int, int]:
    """How many first ratings there are (counted or not, without probes), and how many rows in all."""
    first, rows = session.execute(
        select(
            func.count(case((and_(Rating.kind == "first", Rating.origin != "probe"), cast(1, String)))),
            func.count(),
        ).select_from(Rating)
    ).one()
    return first, rows
