"""A write that means nothing: proof that what is committed now reaches the disk."""

from datetime import datetime

from sqlalchemy import Connection

from evalsys.kernel.models import JobDone
from evalsys.kernel.statements import insert_into

PULSE = "pulse"


def beat(connection: Connection, now: datetime) -> None:
    """Write the present instant into a row of its own, beside those of timed work."""
    # A fact about the site would do as well, but its change makes every kept page stale.
    new = insert_into(connection.dialect.name, JobDone).values(name=PULSE, period="", done_at=now)
    connection.execute(new.on_conflict_do_update(index_elements=["name", "period"], set_={"done_at": now}))
