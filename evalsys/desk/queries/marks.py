"""How many reports came from the public page just now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import Session

from evalsys.desk.models import ReportMark


@dataclass(frozen=True)
class CameJustNow:
    """How many reports came from one device, and how many to one hall."""

    of_device: int
    of_hall: int


def came_since(session: Session | Connection, since: datetime, hall_id: int, mark: str) -> CameJustNow:
    """The reports that came after an instant, of a device (by its mark) and of a hall."""
    row = session.execute(
        select(
            func.count(case((ReportMark.mark == mark, 1))),
            func.count(case((ReportMark.hall_id == hall_id, 1))),
        ).where(ReportMark.at > since)
    ).one()
    return CameJustNow(row[0], row[1])
