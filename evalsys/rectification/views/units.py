"""The units a form offers, by code and name."""

from collections.abc import Sequence

from evalsys.kernel import clock
from evalsys.kernel.database import db
from evalsys.organisation.queries import directory
from evalsys.rectification.queries.suggesting import Suggestion


def offered_units(suggested: Sequence[Suggestion] = ()) -> Sequence[tuple[str, str]]:
    """Codes and names of all units of today, the suggested ones first."""
    present = directory.units_on(db.session(), clock.today()).values()
    first = {one.code: one.name for one in suggested}
    return [*first.items(), *((unit.code, unit.name) for unit in present if unit.code not in first)]
