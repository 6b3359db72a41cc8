"""The same person twice: services rated on the counter's tablet and again, freer, away from it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from evalsys.evaluation.models import Rating
from evalsys.evaluation.queries import counted
from evalsys.kernel.periods import Period

_AT_ONCE = 500


@dataclass(frozen=True)
class Pair:
    """What one person said on the tablet and away from it, as it stood last on either side; levels 5 to 1.

    Staff 0 is nobody; `scored` says whether the rating is also the clerk's own.
    """

    window_id: int
    staff_id: int
    unit_id: int
    scored: bool
    tablet: int
    freer: int


def counted_pairs(session: Session, period: Period) -> Iterator[Pair]:
    """The pairs of a period's days; what is held or excluded is no pair, and neither is a correction."""
    again, on_tablet = aliased(Rating), aliased(Rating)
    first = (
        select(again.root, on_tablet.level)
        .join(on_tablet, on_tablet.id == again.replaces)
        .where(
            again.kind == "again",
            again.replaces.is_not(None),
            again.counts_on.between(period.first, period.last),
        )
        .order_by(again.root)
    )
    tablets = {root: level for root, level in session.execute(first)}
    ratings = counted.counted_ratings()
    # By their roots: the pairs are few among all the ratings of the period.
    roots = list(tablets)
    for start in range(0, len(roots), _AT_ONCE):
        for row in session.execute(ratings.where(Rating.root.in_(roots[start : start + _AT_ONCE]))):
            if row.standing == "counted":
                where = (row.window_id, row.staff_id, row.unit_id, bool(row.scored))
                yield Pair(*where, tablets[row.root], row.level)
