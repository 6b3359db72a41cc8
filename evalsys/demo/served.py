"""Services that the business systems of some windows note, rated and unrated: there 主动评价率 is known."""

from datetime import timedelta
from random import Random

from sqlalchemy import Connection

from evalsys.demo.visits import TABLET, Heard
from evalsys.evaluation.actions.rows import Chance
from evalsys.evaluation.actions.services import note_service
from evalsys.evaluation.rules import NewService, Visit
from evalsys.organisation.queries import rota

NOTING = frozenset({"A06", "B03", "C10"})
_ENDED_BEFORE = timedelta(seconds=20)
_NOT_RATED = ((0, 1, 2), (5, 4, 1))  # how many left without a rating before the next who gave one
_BETWEEN = timedelta(minutes=2)


def is_noted(heard: Heard) -> bool:
    """Whether a rating is one of a service that a business system notes."""
    return heard.entry == TABLET and heard.window in NOTING


class Counters:
    """The business systems of those windows; ids follow from the seed and the number of the rating."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._draw = Random()
        self._chance = Chance(
            new_id=lambda: self._draw.getrandbits(62) + 1, salt=lambda: self._draw.randbytes(16)
        )

    def note(self, connection: Connection, number: int, visit: Visit) -> int:
        """Note the service of one who rates, and those before who did not; its id."""
        self._draw.seed(f"{self._seed}:{number}:service")
        for place in range(self._draw.choices(*_NOT_RATED)[0], 0, -1):
            self._one(connection, f"{number}-{place}", visit, place * _BETWEEN)
        return self._one(connection, f"{number}", visit, _ENDED_BEFORE)

    def _one(self, connection: Connection, name: str, visit: Visit, before: timedelta) -> int:
        ended_at = visit.opened_at - before
        duties = rota.staff_on_duty(connection, visit.window_id, ended_at)
        new = NewService(
            visit.window_id,
            visit.hall_id,
            visit.unit_id,
            ended_at,
            kind="case",
            staff_id=duties[0].staff_id if len(duties) == 1 else None,
            project_no=f"DEMO{self._seed}-{name}",
            service_number=1,
        )
        return note_service(connection, new, self._chance).service_id
