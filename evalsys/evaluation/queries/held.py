"""Everything that is held about one rating, as plain values; and raters' words by the day."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import (
    Attribution,
    Finding,
    Rating,
    RatingTag,
    RatingText,
    RatingTrace,
    Reasons,
    ServiceRating,
    Standing,
    Tag,
)

_AT_ONCE = 500

# Salts, hashes of keys and the names of staff are no part of what somebody said.
_RATING = (
    *(Rating.id, Rating.kind, Rating.level, Rating.channel, Rating.entry, Rating.origin, Rating.counts_on),
    *(Rating.half_day, Rating.received_at, Rating.item_type, Rating.evidence),
)
_REASONS = (
    *(Reasons.rating_id, Reasons.seq, Reasons.done, Reasons.efficiency, Reasons.manner, Reasons.happened),
    *(Reasons.skip, Reasons.at),
)


class Written(NamedTuple):
    """Words of a rater where they stand."""

    root: int
    rating_id: int
    seq: int
    text: str


def held(session: Session | Connection, root: int) -> dict[str, Any]:
    """The rows of a rating, its reasons, words and standing, and whether its device is marked: as JSON."""
    of_root = select(Rating.id).where(Rating.root == root)
    trace = session.execute(select(RatingTrace.at).where(RatingTrace.rating_id.in_(of_root))).scalars().all()
    bound = session.execute(select(ServiceRating.rating_id).where(ServiceRating.rating_id.in_(of_root)))
    return {
        "ratings": _rows(session, select(*_RATING).where(Rating.root == root).order_by(Rating.id)),
        "reasons": _rows(session, select(*_REASONS).where(Reasons.rating_id.in_(of_root))),
        "tags": _rows(
            session,
            select(RatingTag.rating_id, RatingTag.seq, RatingTag.tag, Tag.plain)
            .join(Rating, Rating.id == RatingTag.rating_id)
            .join(Tag, (Tag.code == RatingTag.tag) & (Tag.version == Rating.dictionary_version))
            .where(Rating.root == root),
        ),
        "words": _rows(
            session,
            select(RatingText.rating_id, RatingText.seq, RatingText.text, RatingText.redacted_at).where(
                RatingText.rating_id.in_(of_root)
            ),
        ),
        "standing": _rows(
            session, select(Standing.standing, Standing.reason, Standing.at).where(Standing.rating_id == root)
        ),
        "attribution": _rows(
            session, select(Attribution.how, Attribution.at).where(Attribution.rating_id == root)
        ),
        "finding": _rows(session, select(Finding.cause, Finding.at).where(Finding.rating_id == root)),
        "device_mark_until_48_hours_after": [at.isoformat() for at in trace],
        "bound_to_a_service": bool(bound.all()),
    }


def _rows(session: Session | Connection, statement: Any) -> list[dict[str, Any]]:
    return [_plain(row) for row in session.execute(statement)]


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, (date, datetime)) else value
        for name, value in row._asdict().items()
    }


def words_of_days(session: Session | Connection, first: date, last: date) -> Iterator[Written]:
    """The words in sight of ratings that count in some days, piece by piece."""
    rows = (
        select(Rating.root, RatingText.rating_id, RatingText.seq, RatingText.text)
        .join(RatingText, RatingText.rating_id == Rating.id)
        .where(Rating.counts_on.between(first, last), RatingText.redacted_at.is_(None))
        .execution_options(yield_per=_AT_ONCE)
    )
    yield from (Written(*row) for row in session.execute(rows))


def words_of_roots(session: Session | Connection, roots: Sequence[int]) -> Iterator[Written]:
    """The words in sight of some ratings and of what followed them."""
    rows = (
        select(Rating.root, RatingText.rating_id, RatingText.seq, RatingText.text)
        .join(RatingText, RatingText.rating_id == Rating.id)
        .where(RatingText.redacted_at.is_(None))
    )
    for start in range(0, len(roots), _AT_ONCE):
        some = roots[start : start + _AT_ONCE]
        yield from (Written(*row) for row in session.execute(rows.where(Rating.root.in_(some))))


def words_in_sight(session: Session | Connection, root: int) -> Collection[str]:
    """What a rater wrote and everybody entitled still reads."""
    return [written.text for written in words_of_roots(session, [root])]


def unit_and_day(session: Session | Connection, root: int) -> tuple[int, int, date, str] | None:
    """The rated unit and window of a root, its day and half of the day; None for what is no root."""
    row = session.execute(
        select(Rating.unit_id, Rating.window_id, Rating.counts_on, Rating.half_day).where(
            Rating.id == root, Rating.root == root
        )
    ).first()
    return None if row is None else (row[0], row[1], row[2], row[3])
