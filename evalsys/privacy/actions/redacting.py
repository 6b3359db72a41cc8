"""Putting a rater's words out of sight: one person proposes it, another decides."""

from datetime import datetime

from sqlalchemy import Connection, insert, update

from evalsys.evaluation.actions import redaction
from evalsys.evaluation.actions.standing import lock_ratings
from evalsys.evaluation.queries import held
from evalsys.evaluation.rules import check_two_people
from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.masking import masked
from evalsys.organisation.queries import units
from evalsys.privacy.models import RedactionProposal
from evalsys.privacy.queries import redactions
from evalsys.privacy.rules import AlreadySaid, check_outside, check_proposal


def propose(connection: Connection, actor: Actor, root: int, reason: str, *, now: datetime) -> int:
    """Propose that a rating's words go out of sight; they stand until somebody else agrees. Its number.

    Raises LookupError, NotHidden, AlreadySaid, NotOutside.
    """
    lock_ratings(connection, [root])
    _check_outside(connection, actor, root)
    is_waiting = redactions.waiting_on(connection, root) is not None
    check_proposal(reason, held.words_in_sight(connection, root), is_waiting=is_waiting)
    # A reason must not repeat what it is about.
    row = {"root": root, "reason": masked(reason), "proposed_by": actor.account_id, "proposed_at": now}
    made: int = connection.execute(
        insert(RedactionProposal).values(**row).returning(RedactionProposal.id)
    ).scalar_one()
    journal.record(connection, actor, "propose-redaction", f"redaction {made}", masked(reason))
    return made


def decide(connection: Connection, actor: Actor, proposal_id: int, *, agrees: bool, now: datetime) -> None:
    """Say the second person's word; agreed to, the words are gone at once. What was sealed stays verifiable.

    Raises LookupError, NotTwoPeople for whoever proposed it, NotOutside, AlreadySaid.
    """
    found = redactions.proposal(connection, proposal_id)
    if found is None:
        raise LookupError("no such proposal")
    check_two_people(found.proposed_by, actor.account_id)
    lock_ratings(connection, [found.root])
    _check_outside(connection, actor, found.root)
    undecided = (RedactionProposal.id == proposal_id, RedactionProposal.decided_at.is_(None))
    said = {"decided_by": actor.account_id, "agreed": agrees, "decided_at": now}
    if not connection.execute(update(RedactionProposal).where(*undecided).values(**said)).rowcount:
        raise AlreadySaid("另一位同事刚刚已经决定了。")
    hidden = redaction.hide_words(connection, found.root, now) if agrees else 0
    verb = "agree-redaction" if agrees else "refuse-redaction"
    journal.record(connection, actor, verb, f"redaction {proposal_id}", texts=hidden)


def _check_outside(connection: Connection, actor: Actor, root: int) -> None:
    found = held.unit_and_day(connection, root)
    if found is None:
        raise LookupError("no such rating")
    check_outside(actor.unit_id, units.subtree(connection, found[0]))
