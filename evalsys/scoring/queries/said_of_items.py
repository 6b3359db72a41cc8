"""How often a tag was chosen for one item in some days, and of how many counted ratings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from evalsys.kernel.periods import Period
from evalsys.scoring.models import ItemSum

LEVELS = ("5", "4", "3", "2", "1")
Key = tuple[int, int]


@dataclass(frozen=True)
class Wanted:
    """What is asked: a tag of an item in some days, under a key of the caller's."""

    key: Key
    item_id: int
    tag: str
    period: Period


def times(session: Session | Connection, wanted: Sequence[Wanted]) -> Mapping[Key, tuple[int, int]]:
    """For each key: times chosen, counted ratings; one SELECT for all of them."""
    if not wanted:
        return {}
    parts = [
        select(
            literal(one.key[0]),
            literal(one.key[1]),
            func.sum(case((ItemSum.said == one.tag, ItemSum.n), else_=0)),
            func.sum(case((ItemSum.said.in_(LEVELS), ItemSum.n), else_=0)),
        ).where(ItemSum.item_id == one.item_id, ItemSum.day.between(one.period.first, one.period.last))
        for one in wanted
    ]
    rows = session.execute(union_all(*parts))
    return {(first, second): (chosen or 0, n or 0) for first, second, chosen, n in rows}
