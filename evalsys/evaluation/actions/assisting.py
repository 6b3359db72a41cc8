"""Ratings given on a helper's own device: the citizen chooses, the helper only lends the screen."""

from sqlalchemy import Connection

from evalsys.evaluation.actions.kiosk import rate_at_kiosk
from evalsys.evaluation.actions.paper import check_outside
from evalsys.evaluation.actions.ratings import Recorded
from evalsys.evaluation.rules import Answer, Visit
from evalsys.kernel.access import Actor


def rate_with_help(
    connection: Connection, visit: Visit, answer: Answer, receipt_hash: str, by: Actor
) -> Recorded:
    """Store one rating as assisted; who helped is not kept with it.

    Raises NotOutside for a helper of the rated unit, KeyUsed where the key has carried another answer.
    """
    check_outside(connection, by, visit.unit_id)
    return rate_at_kiosk(connection, visit, answer, receipt_hash)
