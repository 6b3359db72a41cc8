"""Ratings of some days that something befell since a moment, with all their rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Attribution, Finding, Rating, Standing
from evalsys.evaluation.rules import COUNTED_ORIGINS
from evalsys.evaluation.rules.befallen import Decided, History, Said
from evalsys.kernel.periods import Period

CHAIN = ("first", "correction", "again")
BATCH = 500


@dataclass(frozen=True)
class Touched:
    """One rating with its history, and where it was given."""

    history: History
    day: date
    half_day: str
    window_id: int
    unit_id: int
    channel: str


def touched_since(session: Session | Connection, period: Period, moment: datetime) -> list[Touched]:
    """The ratings of a period that came, were corrected or were decided on since a moment, by day and root.

    One SELECT finds them; their rows come some hundreds of ratings at a time, one SELECT for each kind.
    """
    roots = sorted(session.execute(_roots(period, moment)).scalars())
    found: dict[int, Touched] = {}
    for start in range(0, len(roots), BATCH):
        _add(session, roots[start : start + BATCH], found)
    return sorted(found.values(), key=lambda one: (one.day, one.history.root))


def _roots(period: Period, moment: datetime) -> Select[Any]:
    return (
        select(Rating.root)
        .distinct()
        .where(
            Rating.counts_on.between(period.first, period.last),
            Rating.origin.in_(COUNTED_ORIGINS),
            Rating.kind.in_(CHAIN),
            or_(
                Rating.received_at >= moment,
                *(_since(made, moment).is_not(None) for made in (Standing, Attribution, Finding)),
            ),
        )
    )


def _since(made: Any, moment: datetime) -> ColumnElement[Any]:
    """Looked up for each rating: a database may turn a join round and read all that was ever decided."""
    decided = select(made.seq).where(made.rating_id == Rating.id, made.at >= moment)
    return decided.limit(1).correlate(Rating).scalar_subquery()


def _add(session: Session | Connection, roots: Sequence[int], found: dict[int, Touched]) -> None:
    rows = session.execute(
        select(
            *(Rating.root, Rating.id, Rating.replaces, Rating.level, Rating.received_at, Rating.counts_on),
            *(Rating.half_day, Rating.window_id, Rating.unit_id, Rating.channel),
        )
        .where(Rating.root.in_(roots), Rating.kind.in_(CHAIN))
        .order_by(Rating.root, Rating.id)
    )
    histories: dict[int, History] = {}
    places: dict[int, dict[int, Sequence[Any]]] = defaultdict(dict)
    for root, rating_id, replaces, level, at, *place in rows:
        histories.setdefault(root, History(root)).said.append(Said(rating_id, replaces, level, at))
        places[root][rating_id] = place
    for root, history in histories.items():
        # The row that nothing replaces is the one that counts: what it says of the place is what holds.
        replaced = {said.replaces for said in history.said}
        (counting,) = (rating_id for rating_id in places[root] if rating_id not in replaced)
        found[root] = Touched(history, *places[root][counting])
    for root, kind, decided in _decided(session, roots):
        getattr(found[root].history, kind).append(decided)


def _decided(session: Session | Connection, roots: Sequence[int]) -> Iterator[tuple[int, str, Decided]]:
    columns: Mapping[str, tuple[Any, Any, Any]] = {
        "standings": (Standing, Standing.standing, Standing.reason),
        "attributions": (Attribution, Attribution.staff_id, Attribution.reason),
        "findings": (Finding, Finding.cause, None),
    }
    for kind, (model, what, reason) in columns.items():
        wanted = [model.rating_id, model.seq, what, model.at, *([] if reason is None else [reason])]
        rows = session.execute(select(*wanted).where(model.rating_id.in_(roots)))
        for root, seq, said, at, *why in rows:
            yield root, kind, Decided(seq, "" if said is None else str(said), at, *why)
