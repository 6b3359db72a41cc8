"""Putting raters' words out of sight: the one change they allow. What was sealed stays verifiable."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, tuple_, update

from evalsys.evaluation.models import Rating, RatingText
from evalsys.evaluation.rules import REDACTED

_AT_ONCE = 400  # texts named in one statement


def hide_words(connection: Connection, root: int, now: datetime) -> int:
    """Put all words of a rating and of what followed it out of sight; how many texts that were not yet."""
    of_root = select(Rating.id).where(Rating.root == root)
    standing = (RatingText.rating_id.in_(of_root), RatingText.redacted_at.is_(None))
    return connection.execute(update(RatingText).where(*standing).values(_hidden(now))).rowcount


def hide_texts(connection: Connection, keys: Collection[tuple[int, int]], now: datetime) -> int:
    """Put some texts, each known by its rating's id and its number, out of sight; how many."""
    named, hidden = sorted(keys), 0
    this = tuple_(RatingText.rating_id, RatingText.seq)
    for start in range(0, len(named), _AT_ONCE):
        some = (this.in_(named[start : start + _AT_ONCE]), RatingText.redacted_at.is_(None))
        hidden += connection.execute(update(RatingText).where(*some).values(_hidden(now))).rowcount
    return hidden


def _hidden(now: datetime) -> dict[str, object]:
    return {"text": REDACTED, "redacted_at": now.replace(second=0, microsecond=0)}
