"""What the signals have marked: the latest hits, and one of them with its ratings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from evalsys.assurance.models import MarkedRating, SignalDay, SignalHit, StandingProposal
from evalsys.assurance.rules.taps import Kind

A_PAGE = 30


@dataclass(frozen=True)
class Marked:
    """One hit: what was found, where, and the numbers that speak for it; how often it led to a proposal."""

    id: int
    day: date
    hall_id: int
    window_id: int | None
    kind: Kind
    ratings: int
    evidence: dict[str, int | float | str]
    version: str
    proposals: int


_PROPOSALS = (
    select(func.count()).where(StandingProposal.hit_id == SignalHit.id).correlate(SignalHit).scalar_subquery()
)
_HITS: Select[int, date, int, int | None, str, int, str, str, int] = select(
    SignalHit.id,
    SignalHit.day,
    SignalHit.hall_id,
    SignalHit.window_id,
    SignalHit.kind,
    SignalHit.ratings,
    SignalHit.evidence,
    SignalHit.version,
    _PROPOSALS,
)


def latest(session: Session | Connection, kind: str, before: tuple[date, int] | None) -> Sequence[Marked]:
    """The latest hits of one kind or of all, one more than a page, from before a mark (day and hit) on."""
    wanted = _HITS.order_by(SignalHit.day.desc(), SignalHit.id.desc()).limit(A_PAGE + 1)
    if kind:
        wanted = wanted.where(SignalHit.kind == kind)
    if before is not None:
        wanted = wanted.where(tuple_(SignalHit.day, SignalHit.id) < tuple_(*map(literal, before)))
    return [_marked(row) for row in session.execute(wanted)]


def _marked(row: Row[int, date, int, int | None, str, int, str, str, int]) -> Marked:
    hit_id, day, hall_id, window_id, kind, ratings, evidence, version, proposals = row
    return Marked(
        hit_id, day, hall_id, window_id, Kind(kind), ratings, json.loads(evidence), version, proposals
    )


def hit(session: Session | Connection, hit_id: int) -> Marked | None:
    """One hit; None where there is none."""
    row = session.execute(_HITS.where(SignalHit.id == hit_id)).first()
    return None if row is None else _marked(row)


def roots_of(session: Session | Connection, hit_id: int) -> tuple[int, ...]:
    """The numbers of a hit's ratings."""
    rows = select(MarkedRating.root).where(MarkedRating.hit_id == hit_id).order_by(MarkedRating.root)
    return tuple(session.execute(rows).scalars())


def last_day(session: Session | Connection) -> SignalDay | None:
    """The last day that has been gone through."""
    return session.execute(select(SignalDay).order_by(SignalDay.day.desc()).limit(1)).scalar()
