"""Taking a rating at the kiosk of the rating zone, without a ticket."""

from dataclasses import replace
from datetime import time

from sqlalchemy import Connection

from evalsys.evaluation.actions.ratings import Recorded, record_rating
from evalsys.evaluation.actions.rows import RANDOM, Chance
from evalsys.evaluation.rules import Answer, Visit
from evalsys.kernel import clock
from evalsys.organisation.queries import places


def rate_at_kiosk(
    connection: Connection, visit: Visit, answer: Answer, receipt_hash: str, chance: Chance = RANDOM
) -> Recorded:
    """Store one rating of a window; the person chosen counts if on duty there that day, else it stays open.

    Raises KeyUsed where the key has carried another answer.
    """
    if visit.staff_id is not None and not _was_there(connection, visit, visit.staff_id):
        visit = replace(visit, staff_id=None, staff_how="conflict")
    return record_rating(connection, visit, answer, receipt_hash, chance)


def _was_there(connection: Connection, visit: Visit, staff_id: int) -> bool:
    day = clock.day_of(visit.opened_at)
    sittings = places.sittings(connection, visit.window_id, clock.at(day, time()), clock.end_of(day))
    return any(sitting.staff_id == staff_id for sitting in sittings)
