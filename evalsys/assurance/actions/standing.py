"""The standing desk: one person proposes that ratings are held, left out or counted again, one decides."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from evalsys.assurance.models import ProposalDecision, ProposedRating, StandingProposal
from evalsys.assurance.queries import proposals
from evalsys.assurance.queries.proposals import Proposed
from evalsys.assurance.rules.standing import (
    AlreadyDecided,
    AlreadyProposed,
    Proposal,
    check_outside,
    check_present,
    check_proposal,
    reason_of,
)
from evalsys.evaluation.actions.standing import Decision, decide_standing, lock_ratings
from evalsys.evaluation.queries import standings
from evalsys.evaluation.queries.standings import Stands
from evalsys.evaluation.rules import check_two_people
from evalsys.kernel import journal, reactions
from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once
from evalsys.kernel.masking import masked
from evalsys.organisation.queries import units


def propose(
    connection: Connection, actor: Actor, proposal: Proposal, hit_id: int | None, *, now: datetime
) -> int:
    """Propose a standing for some ratings; nothing changes until somebody else agrees. Returns its id.

    Raises NotProposed, NotOutside, AlreadyProposed.
    """
    stands = standings.standing_of(connection, proposal.roots)
    check_proposal(proposal, {root: one.standing for root, one in stands.items()})
    check_outside(actor.unit_id, _rated(connection, stands))
    if proposals.waiting_among(connection, proposal.roots):
        raise AlreadyProposed("选的评价里有的已经有人提出,正等另一位决定。")
    proposal_id: int = connection.execute(
        insert(StandingProposal)
        .values(
            hit_id=hit_id,
            standing=proposal.standing,
            ground=proposal.ground,
            # Proposals and decisions are never changed: a number must not get into them.
            reason=masked(proposal.words.strip()),
            proposed_by=actor.account_id,
            proposed_at=now,
        )
        .returning(StandingProposal.id)
    ).scalar_one()
    roots = sorted(set(proposal.roots))
    connection.execute(insert(ProposedRating), [{"proposal_id": proposal_id, "root": root} for root in roots])
    journal.record(
        connection,
        actor,
        "propose-standing",
        f"proposal {proposal_id}",
        reason_of(proposal.ground, proposal.words),
        standing=proposal.standing,
        ratings=len(roots),
    )
    return proposal_id


def decide(
    connection: Connection, actor: Actor, proposal_id: int, *, agrees: bool, note: str, now: datetime
) -> None:
    """Say the second person's word on a proposal; agreed to, its ratings stand as proposed from now on.

    Raises LookupError, NotTwoPeople for whoever made it, NotOutside, AlreadyDecided.
    """
    roots = proposals.roots_of(connection, proposal_id)
    lock_ratings(connection, roots)
    found = proposals.proposal(connection, proposal_id)
    if found is None:
        raise LookupError("no such proposal")
    check_two_people(found.proposed_by, actor.account_id)
    stands = standings.standing_of(connection, roots)
    check_outside(actor.unit_id, _rated(connection, stands))
    if agrees and found.decided_by is None:
        check_present(found.proposed_at, _decided(connection, roots))
    _note(connection, found, actor, agrees=agrees, note=note.strip(), now=now)
    if agrees:
        changed = sorted(root for root, one in stands.items() if one.standing != found.standing)
        _take_effect(connection, found, changed, actor, now)


def _rated(connection: Connection, stands: Mapping[int, Stands]) -> frozenset[int]:
    """The units that some ratings are about, and everything below them."""
    rated = {one.unit_id for one in stands.values()}
    return frozenset(unit for unit_id in rated for unit in units.subtree(connection, unit_id))


def _decided(connection: Connection, roots: Iterable[int]) -> Iterator[datetime]:
    """When two people decided on some ratings; a hold that lapsed is nobody's decision."""
    for root in roots:
        decisions = standings.decided_on(connection, root)
        yield from (each.at for each in decisions if each.decided_by is not None)


def _note(
    connection: Connection, found: Proposed, actor: Actor, *, agrees: bool, note: str, now: datetime
) -> None:
    row = {
        "proposal_id": found.id,
        "proposed_by": found.proposed_by,
        "decided_by": actor.account_id,
        "agreed": agrees,
        "note": masked(note),
        "at": now,
    }
    noted = insert_once(connection, ProposalDecision).values(row)
    if connection.execute(noted.returning(ProposalDecision.proposal_id)).first() is None:
        raise AlreadyDecided("另一位同事刚刚已经决定了。")
    verb = "agree-standing" if agrees else "refuse-standing"
    journal.record(connection, actor, verb, f"proposal {found.id}", note or None, standing=found.standing)


def _take_effect(
    connection: Connection, found: Proposed, roots: list[int], actor: Actor, now: datetime
) -> None:
    decision = Decision(reason_of(found.ground, found.reason), found.proposed_by, actor.account_id, now)
    # The ratings are locked first, in order, and the sums last.
    with reactions.gathering(connection):
        for root in roots:
            decide_standing(connection, root, found.standing, decision)
