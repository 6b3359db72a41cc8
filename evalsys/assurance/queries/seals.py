"""What has been sealed, what has not been yet, and the proof that an entry is in its day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, select, union
from sqlalchemy.orm import Session

from evalsys.assurance.models import Seal, SealedEntry, SealSweep
from evalsys.assurance.rules import seals as rules
from evalsys.assurance.rules.seals import SealedDay
from evalsys.evaluation.queries import entries

Reading = Session | Connection

LARGEST = 2**63 - 1  # of all ids

DAY = (
    Seal.day,
    Seal.algorithm,
    Seal.entries,
    Seal.root,
    Seal.before,
    Seal.made_at,
    Seal.seal,
    Seal.journal,
)  # as SealedDay has it


def sealed_days(session: Reading, *, before: date | None = None, most: int | None = None) -> list[SealedDay]:
    """The sealed days, latest first; `before` and `most` limit them to a page."""
    days = select(*DAY).order_by(Seal.day.desc())
    if before is not None:
        days = days.where(Seal.day < before)
    return [SealedDay(*row) for row in session.execute(days.limit(most))]


def last_seal(session: Reading) -> SealedDay | None:
    """The latest sealed day; None before the first one."""
    return next(iter(sealed_days(session, most=1)), None)


def days_behind(session: Session | Connection, today: date) -> int | None:
    """How many days ago the latest sealed day was; where there is none, the one before the first rating's."""
    last = last_seal(session)
    if last is not None:
        return (today - last.day).days
    first = entries.first_day(session)
    return None if first is None else (today - first).days + 1


def sealed_on(session: Reading, day: date) -> SealedDay | None:
    """The seal of a day; None where it has none."""
    row = session.execute(select(*DAY).where(Seal.day == day)).first()
    return None if row is None else SealedDay(*row)


@dataclass(frozen=True)
class Sweep:
    """A search for unsealed entries that is under way."""

    until: date
    algorithm: str
    mark: int


def present_sweep(session: Reading) -> Sweep | None:
    """The search under way; None where there is none."""
    row = session.execute(select(SealSweep.until, SealSweep.algorithm, SealSweep.mark)).first()
    return None if row is None else Sweep(*row)


def _unsealed(kind: str) -> Any:
    """The ratings with an entry of a kind that is not sealed, by an anti-join in the order of the ids."""
    keys = entries.KEYS[kind].subquery()
    sealed = exists().where(
        SealedEntry.rating_id == keys.c.rating_id,
        SealedEntry.kind == kind,
        SealedEntry.seq == keys.c.seq,
    )
    within = and_(keys.c.rating_id > bindparam("after"), keys.c.rating_id <= bindparam("up_to"))
    return select(keys.c.rating_id).where(within, ~sealed)


_EITHER = union(*(_unsealed(kind) for kind in entries.KEYS)).subquery()
_WITH_UNSEALED = select(_EITHER.c.rating_id).order_by(_EITHER.c.rating_id).limit(bindparam("most"))


def with_unsealed(session: Reading, after: int, up_to: int | None, most: int) -> list[int]:
    """Ratings with an entry that is not sealed: `most` ids above `after` up to `up_to`, ascending."""
    asked = {"after": after, "up_to": LARGEST if up_to is None else up_to, "most": most}
    return list(session.execute(_WITH_UNSEALED, asked).scalars())


def sealed_keys(session: Reading, rating_ids: Sequence[int]) -> set[tuple[int, str, int]]:
    """The entries of some ratings that are sealed: rating, kind, number."""
    keys = select(SealedEntry.rating_id, SealedEntry.kind, SealedEntry.seq)
    of_ratings = keys.where(SealedEntry.rating_id.in_(rating_ids))
    return {(row.rating_id, row.kind, row.seq) for row in session.execute(of_ratings)}


def next_places(session: Reading, after: date | None) -> dict[date, int]:
    """The next free place of each day after the last sealed one that has leaves already."""
    places = select(SealedEntry.day, func.max(SealedEntry.place) + 1).group_by(SealedEntry.day)
    if after is not None:
        places = places.where(SealedEntry.day > after)
    return {day: place for day, place in session.execute(places)}


def leaves(session: Reading, day: date) -> Iterator[bytes]:
    """The leaves of a day in their places; read as they are asked for."""
    ordered = select(SealedEntry.hash).where(SealedEntry.day == day).order_by(SealedEntry.place)
    return iter(session.execute(ordered.execution_options(yield_per=rules.BLOCK)).scalars())
