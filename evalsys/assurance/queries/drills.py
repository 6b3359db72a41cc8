"""What became of the drills."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from evalsys.assurance.models import Drill
from evalsys.assurance.queries.seals import Reading

LONGEST = timedelta(hours=6)  # after which a drill that has not ended was cut off


@dataclass(frozen=True)
class DrillFound:
    """The last drill: when it began, of when the backup was, and what was found in it.

    `seconds` is what restoring took, `size` the backup's in bytes; both are None where it did not get so far.
    """

    began_at: datetime | None
    ended_at: datetime | None
    backup_at: datetime | None
    size: int | None
    seconds: float | None
    ratings: int | None
    differences: int | None
    error: str | None

    @property
    def is_well(self) -> bool:
        """Whether all of the backup could be restored, and every sum and seal was as it should be."""
        return self.ended_at is not None and self.error is None and self.differences == 0


FOUND = (
    *(Drill.began_at, Drill.ended_at, Drill.backup_at, Drill.size),
    *(Drill.seconds, Drill.ratings, Drill.differences, Drill.error),
)  # as DrillFound has it


def latest_drill(session: Reading, now: datetime) -> DrillFound | None:
    """The last drill that ended, or was cut off; None before the first one."""
    over = or_(Drill.ended_at.is_not(None), Drill.began_at < now - LONGEST)
    row = session.execute(select(*FOUND).where(over).order_by(Drill.id.desc()).limit(1)).first()
    return None if row is None else DrillFound(*row)


def is_asked(session: Reading) -> bool:
    """Whether a drill was asked for that nobody has begun."""
    waiting = select(Drill.id).where(Drill.began_at.is_(None)).order_by(Drill.id.desc()).limit(1)
    return session.execute(waiting).first() is not None
