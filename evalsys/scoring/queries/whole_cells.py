"""Released weeks and months of whole windows: what may be opened to everybody."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.kernel.periods import MONTHS, WEEKS, Closing
from evalsys.scoring.models import ReleasedCell
from evalsys.scoring.rules.rates import Split
from evalsys.scoring.rules.release import ALL

# A window in one unit, by their ids.
Where = tuple[int, int]


def whole_cells(session: Session | Connection) -> Mapping[Where, Mapping[Closing, Split]]:
    """The released weeks and months of every window in every unit."""
    statement = select(
        ReleasedCell.window_id,
        ReleasedCell.unit_id,
        ReleasedCell.kind,
        ReleasedCell.starts,
        *(getattr(ReleasedCell, f"n{level}") for level in (5, 4, 3, 2, 1)),
    ).where(ReleasedCell.kind.in_((WEEKS, MONTHS)), ReleasedCell.part == ALL)
    found: dict[Where, dict[Closing, Split]] = defaultdict(dict)
    for window, unit, kind, starts, *levels in session.execute(statement):
        found[window, unit][Closing(kind, starts)] = Split(*levels)
    return found
