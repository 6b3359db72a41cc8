"""Whether a receipt asks when it happened."""

from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.evaluation.queries.ratings import Said
from evalsys.organisation import duty
from evalsys.organisation.queries import places


def is_when_open(session: Session | Connection, said: Said) -> bool:
    """Whether it is open who served: nobody or several on duty, or a change of hands shortly before.

    Never once two people have decided, nor where the citizen named somebody, nor away from the window's code.
    """
    if said.entry != "window-code" or said.received_at is None or said.how == "mended":
        return False
    if said.how in ("gap", "conflict") or said.happened is not None:
        return True
    at = said.received_at
    sittings = places.sittings(session, said.window_id, at - duty.ASKED_AFTER, at + timedelta(minutes=1))
    return duty.changed_hands(sittings, at)
