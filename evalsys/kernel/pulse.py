"""A write that means nothing: proof that what is committed now reaches the disk."""

from datetime import datetime

from sqlalchemy import Connection

from evalsys.kernel.models import SiteFact
from evalsys.kernel.statements import INSERT_INTO

PULSE = "pulse"


def beat(connection: Connection, now: datetime) -> None:
    """Write the present instant into a row of its own."""
    new = INSERT_INTO[connection.dialect.name](SiteFact).values(name=PULSE, value=now.isoformat())
    connection.execute(new.on_conflict_do_update(index_elements=["name"], set_={"value": now.isoformat()}))
