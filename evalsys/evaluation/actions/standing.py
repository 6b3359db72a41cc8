"""Decisions of two people about a rating: whether it counts, and whose work it was."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from evalsys.evaluation.events import RatingReattributed, StandingDecided
from evalsys.evaluation.models import Attribution, Rating, Standing
from evalsys.evaluation.queries import counted
from evalsys.evaluation.rules import STANDING_WORDS, check_two_people
from evalsys.kernel import reactions
from evalsys.kernel.refusals import Refused


@dataclass(frozen=True)
class Decision:
    """Who proposed, who decided, why and when; the two account ids must differ."""

    reason: str
    proposed_by: int
    decided_by: int
    at: datetime


def decide_standing(connection: Connection, root: int, standing: str, decision: Decision) -> None:
    """Add a decision whether a rating counts: counted, held or excluded, with a reason and two deciders.

    Raises NotTwoPeople for one person alone, Refused for an unknown standing or a missing reason.
    """
    check_two_people(decision.proposed_by, decision.decided_by)
    if standing not in STANDING_WORDS:
        raise Refused("请选择:计入、暂缓计入或不予采纳。")
    if not decision.reason.strip():
        raise Refused("请写明理由。理由会公开。")
    connection.execute(select(Rating.id).where(Rating.id == root).with_for_update())
    before = counted.counted_as(connection, root)
    connection.execute(
        insert(Standing).values(
            rating_id=root,
            seq=_next(connection, Standing, root),
            standing=standing,
            reason=decision.reason.strip(),
            proposed_by=decision.proposed_by,
            decided_by=decision.decided_by,
            at=decision.at,
        )
    )
    after = before and replace(before, standing=standing)
    reactions.publish(connection, StandingDecided(root, before.level if before else 0, before, after))


def mend_attribution(connection: Connection, root: int, staff_id: int, decision: Decision) -> None:
    """Add a decision whose work a rating was; the sums move by the difference.

    Raises NotTwoPeople for one person alone, Refused for a missing reason.
    """
    check_two_people(decision.proposed_by, decision.decided_by)
    if not decision.reason.strip():
        raise Refused("请写明理由。")
    connection.execute(select(Rating.id).where(Rating.id == root).with_for_update())
    before = counted.counted_as(connection, root)
    connection.execute(
        insert(Attribution).values(
            rating_id=root,
            seq=_next(connection, Attribution, root),
            staff_id=staff_id,
            how="mended",
            at=decision.at,
            proposed_by=decision.proposed_by,
            decided_by=decision.decided_by,
            reason=decision.reason.strip(),
        )
    )
    after = before and replace(before, staff_id=staff_id)
    reactions.publish(connection, RatingReattributed(root, before.level if before else 0, before, after))


def _next(connection: Connection, model: type[Standing] | type[Attribution], root: int) -> int:
    last = connection.execute(select(func.max(model.seq)).where(model.rating_id == root)).scalar()
    return (last or 0) + 1
