"""Keeping what closed cases found: where the cause of a bad rating lay."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from evalsys.evaluation.events import FindingNoted
from evalsys.evaluation.models import Finding, Rating
from evalsys.evaluation.queries import counted
from evalsys.kernel import reactions


def note_finding(connection: Connection, roots: Sequence[int], cause: str | None, at: datetime) -> None:
    """Note the cause of some ratings, or None: their case was taken up again; a same one adds nothing.

    With a cause beyond the clerk a rating counts for window, item and unit, and leaves the clerk's numerator
    and denominator.
    """
    for root in roots:
        connection.execute(select(Rating.id).where(Rating.id == root).with_for_update())
        last = connection.execute(
            select(Finding.seq, Finding.cause)
            .where(Finding.rating_id == root)
            .order_by(Finding.seq.desc())
            .limit(1)
        ).first()
        if cause == (last.cause if last else None):
            continue
        before = counted.counted_as(connection, root)
        seq = last.seq + 1 if last else 1
        connection.execute(insert(Finding).values(rating_id=root, seq=seq, cause=cause, at=at))
        after = counted.counted_as(connection, root)
        level = before.level if before else 0
        reactions.publish(connection, FindingNoted(root, level, before, after))
