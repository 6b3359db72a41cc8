"""Decisions of two people about a rating: whether it counts, and whose work it was."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Select, exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from evalsys.evaluation.events import RatingReattributed, StandingDecided
from evalsys.evaluation.models import Attribution, Rating, Standing
from evalsys.evaluation.queries import counted
from evalsys.evaluation.rules import STANDING_WORDS, check_two_people
from evalsys.kernel import clock, reactions
from evalsys.kernel.masking import masked
from evalsys.kernel.refusals import Refused
from evalsys.worktime import queries as worktime

HOLD_DAYS = 5  # working days a hold may last without a decision
LAPSED = "满5个工作日未决定,恢复计入"


@dataclass(frozen=True)
class Decision:
    """Who proposed, who decided, why and when; the two account ids must differ."""

    reason: str
    proposed_by: int
    decided_by: int
    at: datetime


def lock_ratings(connection: Connection, roots: Collection[int]) -> None:
    """Keep others from deciding on some ratings until this transaction ends; one order for all."""
    rows = select(Rating.id).where(Rating.id.in_(roots)).order_by(Rating.id)
    connection.execute(rows.with_for_update())


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
    _stand(
        connection,
        root,
        standing=standing,
        # It is public, sealed and never changed: a number that leads to a person must not get into it.
        reason=masked(decision.reason.strip()),
        proposed_by=decision.proposed_by,
        decided_by=decision.decided_by,
        at=decision.at,
    )


def _stand(connection: Connection, root: int, *, standing: str, **row: object) -> None:
    before = counted.counted_as(connection, root)
    seq = _next(connection, Standing, root)
    connection.execute(insert(Standing).values(rating_id=root, seq=seq, standing=standing, **row))
    after = before and replace(before, standing=standing)
    reactions.publish(connection, StandingDecided(root, before.level if before else 0, before, after))


def lapse_holds(session: Session, now: datetime) -> int:
    """Count every rating again that was held for five working days without a decision; says how many."""
    connection = session.connection()
    # The ratings are locked first and the sums last, as the writer does it.
    with reactions.gathering(connection):
        return _lapse(connection, now)


def _lapse(connection: Connection, now: datetime) -> int:
    lapsed = 0
    for root, at in connection.execute(_holds()).all():
        last_day = worktime.working_days_after(connection, clock.day_of(at), HOLD_DAYS)
        if clock.day_of(now) <= last_day:
            continue
        connection.execute(select(Rating.id).where(Rating.id == root).with_for_update())
        # Two people may have decided while this waited for the rating.
        if connection.execute(_holds().where(Standing.rating_id == root)).first() is None:
            continue
        _stand(connection, root, standing="counted", reason=LAPSED, at=now)
        lapsed += 1
    return lapsed


def _holds() -> Select[int, datetime]:
    """The ratings whose last standing is a hold, and since when."""
    later = aliased(Standing)
    return (
        select(Standing.rating_id, Standing.at)
        .where(
            Standing.standing == "held",
            ~exists().where(later.rating_id == Standing.rating_id, later.seq > Standing.seq),
        )
        .order_by(Standing.rating_id)
    )


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
            reason=masked(decision.reason.strip()),
        )
    )
    after = before and replace(before, staff_id=staff_id)
    reactions.publish(connection, RatingReattributed(root, before.level if before else 0, before, after))


def _next(connection: Connection, model: type[Standing] | type[Attribution], root: int) -> int:
    last = connection.execute(select(func.max(model.seq)).where(model.rating_id == root)).scalar()
    return (last or 0) + 1
