"""Rating rows limited by how they stand, and by what was said beside the level."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from evalsys.evaluation.models import Rating, RatingTag, Reasons


@dataclass(frozen=True)
class Narrow:
    """What counted rows are limited to; '' and 0 for no limit."""

    standing: str = ""
    done: str = ""
    scored: str = ""
    tag: str = ""
    item_id: int = 0


def narrowed(rows: Select[Any], to: Narrow) -> Select[Any]:
    """Counted rows, those that the limits let through."""
    columns = rows.selected_columns
    if to.standing:
        rows = rows.where(columns["standing"] == to.standing)
    if to.scored:
        rows = rows.where(columns["scored"])
    if to.item_id:
        rows = rows.where(columns["item_id"] == to.item_id)
    if to.done:
        answers = select(Reasons.done).where(Reasons.rating_id == Rating.id)
        rows = rows.where(one(answers.order_by(Reasons.seq.desc())) == to.done)
    if to.tag:
        newest = one(select(Reasons.seq).where(Reasons.rating_id == Rating.id).order_by(Reasons.seq.desc()))
        chosen = select(RatingTag.tag).where(
            RatingTag.rating_id == Rating.id, RatingTag.seq == newest, RatingTag.tag == to.tag
        )
        rows = rows.where(one(chosen).is_not(None))
    return rows


def one(rows: Select[Any]) -> ColumnElement[Any]:
    """One value looked up for each rating: a database may turn a join or an EXISTS round and read it all."""
    return rows.limit(1).correlate(Rating).scalar_subquery()
