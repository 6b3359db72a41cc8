"""Follow-up ratings: shown beside the first, in no sum."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Rating, RatingText


@dataclass(frozen=True)
class FollowUp:
    """What a rater said once more, after the answer."""

    rating_id: int
    level: int
    text: str


def follow_ups(session: Session | Connection, roots: Collection[int]) -> Mapping[int, FollowUp]:
    """The follow-up of each of some ratings that has one, by their roots."""
    rows = session.execute(
        select(Rating.root, Rating.id, Rating.level, RatingText.text)
        .outerjoin(RatingText, RatingText.rating_id == Rating.id)
        .where(Rating.root.in_(roots), Rating.kind == "follow_up")
        .order_by(Rating.root)
    )
    return {root: FollowUp(rating_id, level, text or "") for root, rating_id, level, text in rows}
