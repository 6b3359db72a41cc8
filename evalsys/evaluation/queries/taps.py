"""One closed day's ratings and what is still known of how they were given: for suspicion signals alone."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Prompt, Rating, RatingTag, RatingTrace, Reasons, ServiceRating
from evalsys.evaluation.rules import COUNTED_ORIGINS
from evalsys.kernel import clock

# How long after the day a rating counts on it may still be given: five working days, holidays between.
LATEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Given:
    """A first rating as it was given; `traced_at` and what follows it are gone after 48 hours.

    `received_at` is to the minute and None for an unbound kiosk's; `device` is the day's mark, good for
    comparing ratings of that day and for nothing else; `asked_at`: when the tablet showed the question.
    """

    root: int
    hall_id: int
    window_id: int
    entry: str
    is_assisted: bool
    level: int
    received_at: datetime | None
    traced_at: datetime | None
    terminal: str
    device: str
    asked_at: datetime | None
    tags: tuple[str, ...]


def given_on(session: Session | Connection, day: date) -> list[Given]:
    """The first ratings given on a day, whichever day they count on, by root; tags are those said last."""
    tags = _tags(session, day)
    rows = session.execute(
        select(
            Rating.id,
            Rating.hall_id,
            Rating.window_id,
            Rating.entry,
            (Rating.origin == "assisted").label("is_assisted"),
            Rating.level,
            Rating.received_at,
            RatingTrace.at,
            func.coalesce(RatingTrace.terminal, ""),
            func.coalesce(RatingTrace.device_hash, ""),
            Prompt.shown_at,
        )
        .outerjoin(RatingTrace, RatingTrace.rating_id == Rating.id)
        .outerjoin(ServiceRating, ServiceRating.rating_id == Rating.id)
        .outerjoin(Prompt, Prompt.service_id == ServiceRating.service_id)
        .where(_given(day), Rating.origin.in_(COUNTED_ORIGINS))
        .order_by(Rating.id)
    )
    return [Given(*row, tags=tags.get(row[0], ())) for row in rows]


def _given(day: date) -> ColumnElement[bool]:
    """That a row is a first rating given on a day; the range of days it may count on has the index."""
    came = and_(Rating.received_at >= clock.at(day, time()), Rating.received_at < clock.end_of(day))
    # An unbound kiosk's moment is not kept: it is taken to be given on the day it counts on.
    unknown = and_(Rating.received_at.is_(None), Rating.counts_on == day)
    return and_(Rating.kind == "first", Rating.counts_on.between(day - LATEST, day), or_(came, unknown))


def _tags(session: Session | Connection, day: date) -> dict[int, tuple[str, ...]]:
    """The tags of each first rating of a day, in order, as its rater said them last."""
    said: dict[int, list[str]] = defaultdict(list)
    # Of the reasons given last, which may have no tags at all.
    last = select(func.max(Reasons.seq)).where(Reasons.rating_id == Rating.id).correlate(Rating)
    rows = session.execute(
        select(RatingTag.rating_id, RatingTag.tag)
        .join(Rating, Rating.id == RatingTag.rating_id)
        .where(_given(day), RatingTag.seq == last.scalar_subquery())
        .order_by(RatingTag.rating_id, RatingTag.tag)
    )
    for root, tag in rows:
        said[root].append(tag)
    return {root: tuple(tags) for root, tags in said.items()}


def first_day(session: Session | Connection) -> date | None:
    """The first day that has a rating; None before there is one."""
    return session.execute(select(Rating.counts_on).order_by(Rating.counts_on).limit(1)).scalar()
