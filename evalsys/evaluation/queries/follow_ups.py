"""Follow-up ratings: shown beside the first, in no sum."""

from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Rating, RatingTag, RatingText


@dataclass(frozen=True)
class FollowUp:
    """What a rater said once more, after the answer."""

    rating_id: int
    level: int
    tags: tuple[str, ...]
    text: str


def follow_up(session: Session | Connection, root: int) -> FollowUp | None:
    """The follow-up of a rating, where there is one."""
    row = session.execute(
        select(Rating.id, Rating.level, RatingText.text)
        .outerjoin(RatingText, RatingText.rating_id == Rating.id)
        .where(Rating.root == root, Rating.kind == "follow_up")
        .order_by(Rating.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    chosen = select(RatingTag.tag).where(RatingTag.rating_id == row.id).order_by(RatingTag.tag)
    return FollowUp(row.id, row.level, tuple(session.execute(chosen).scalars()), row.text or "")
