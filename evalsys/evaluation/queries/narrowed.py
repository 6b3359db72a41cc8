"""Rating rows limited by how they stand, and by what was said beside the level."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from evalsys.evaluation.models import Finding, Rating, RatingTag, Reasons
from evalsys.evaluation.queries.blamed import whose
from evalsys.evaluation.rules import BAD_LEVELS

ANY_ITEM = -1
BAD = "bad"
ABOUT = (BAD, "own", "beyond", "unsaid")


@dataclass(frozen=True)
class Narrow:
    """What counted rows are limited to; '' and 0 for no limit."""

    standing: str = ""
    done: str = ""
    scored: str = ""
    tag: str = ""
    item_id: int = 0  # ANY_ITEM for whatever says what it was about
    bound: str = ""
    about: str = ""


def narrowed(rows: Select[Any], to: Narrow) -> Select[Any]:
    """Counted rows, those that the limits let through."""
    columns = rows.selected_columns
    if to.standing:
        rows = rows.where(columns["standing"] == to.standing)
    if to.scored:
        rows = rows.where(columns["scored"])
    if to.bound:
        rows = rows.where(columns["bound"] if to.bound == "yes" else ~columns["bound"])
    if to.about:
        rows = _bad(rows, to.about)
    if to.item_id == ANY_ITEM:
        rows = rows.where(columns["item_id"] != 0)
    elif to.item_id:
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


def _bad(rows: Select[Any], about: str) -> Select[Any]:
    columns = rows.selected_columns
    rows = rows.where(Rating.level.in_(sorted(BAD_LEVELS)))
    if about == BAD:
        return rows
    return rows.where(whose(Finding.cause, columns["current"], columns["reasons_seq"]) == about)


def one(rows: Select[Any]) -> ColumnElement[Any]:
    """One value looked up for each rating: a database may turn a join or an EXISTS round and read it all."""
    return rows.limit(1).correlate(Rating).scalar_subquery()
