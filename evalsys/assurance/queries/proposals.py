"""Proposals about ratings' standing: those that wait for a second person, and one with all about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, exists, func, select
from sqlalchemy.orm import Session

from evalsys.assurance.models import ProposalDecision, ProposedRating, StandingProposal

MOST = 100


@dataclass(frozen=True)
class Proposed:
    """A proposal, and the second person's word where it has been given."""

    id: int
    hit_id: int | None
    standing: str
    ground: str
    reason: str
    proposed_by: int
    proposed_at: datetime
    ratings: int
    decided_by: int | None
    agreed: bool | None
    note: str | None
    decided_at: datetime | None


_RATINGS = (
    select(func.count())
    .where(ProposedRating.proposal_id == StandingProposal.id)
    .correlate(StandingProposal)
    .scalar_subquery()
)


def _proposed() -> Select[
    int, int | None, str, str, str, int, datetime, int, int | None, bool | None, str | None, datetime | None
]:
    return select(
        StandingProposal.id,
        StandingProposal.hit_id,
        StandingProposal.standing,
        StandingProposal.ground,
        StandingProposal.reason,
        StandingProposal.proposed_by,
        StandingProposal.proposed_at,
        _RATINGS,
        ProposalDecision.decided_by,
        ProposalDecision.agreed,
        ProposalDecision.note,
        ProposalDecision.at,
    ).outerjoin(ProposalDecision, ProposalDecision.proposal_id == StandingProposal.id)


def waiting(session: Session | Connection) -> Sequence[Proposed]:
    """The proposals that wait for a second person, the oldest first, at most a hundred."""
    wanted = _proposed().where(ProposalDecision.proposal_id.is_(None)).order_by(StandingProposal.id)
    return [Proposed(*row) for row in session.execute(wanted.limit(MOST))]


def of_hit(session: Session | Connection, hit_id: int) -> Sequence[Proposed]:
    """The proposals made from one hit, in order."""
    wanted = _proposed().where(StandingProposal.hit_id == hit_id).order_by(StandingProposal.id)
    return [Proposed(*row) for row in session.execute(wanted)]


def proposal(session: Session | Connection, proposal_id: int) -> Proposed | None:
    """One proposal; None where there is none."""
    row = session.execute(_proposed().where(StandingProposal.id == proposal_id)).first()
    return None if row is None else Proposed(*row)


def roots_of(session: Session | Connection, proposal_id: int) -> tuple[int, ...]:
    """The numbers of the ratings a proposal is about."""
    rows = select(ProposedRating.root).where(ProposedRating.proposal_id == proposal_id)
    return tuple(session.execute(rows.order_by(ProposedRating.root)).scalars())


def of_rating(session: Session | Connection, root: int) -> tuple[int, ...]:
    """The numbers of the proposals that are about a rating."""
    rows = select(ProposedRating.proposal_id).where(ProposedRating.root == root)
    return tuple(session.execute(rows.order_by(ProposedRating.proposal_id)).scalars())


def waiting_among(session: Session | Connection, roots: Collection[int]) -> frozenset[int]:
    """Those of some ratings that wait for a decision already."""
    is_decided = exists().where(ProposalDecision.proposal_id == ProposedRating.proposal_id)
    rows = select(ProposedRating.root).where(ProposedRating.root.in_(roots), ~is_decided)
    return frozenset(session.execute(rows).scalars())
