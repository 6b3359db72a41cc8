"""Everything a demo shows, drawn from its plan before anything is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from heapq import merge
from random import Random

from evalsys.demo import hall, items, opinions, people, planted, quality, rota, visits
from evalsys.demo.plan import DemoPlan
from evalsys.demo.visits import Heard


@dataclass(frozen=True)
class Scene:
    """The hall of one plan; the working days and the dictionary of tags are the site's own."""

    plan: DemoPlan
    working_days: frozenset[date]
    tags: tuple[opinions.Tag, ...]

    @cached_property
    def windows(self) -> list[hall.Counter]:
        """The windows."""
        return hall.counters()

    @cached_property
    def items(self) -> list[items.Item]:
        """The items."""
        return items.items(self.windows)

    @cached_property
    def staff(self) -> people.Staffing:
        """The staff and their crews."""
        return people.staffing(self.windows, self.plan.seed)

    @cached_property
    def rota(self) -> rota.Rota:
        """The duty rota."""
        calendar = rota.Calendar(self.plan.today, self.plan.days_of_rota(), self.working_days)
        return rota.rota(self.windows, self.staff, calendar, self.plan.seed)

    @cached_property
    def truth(self) -> quality.Quality:
        """How good everybody truly is."""
        return quality.quality(self.windows, self.staff, self.plan.seed)

    @cached_property
    def plants(self) -> planted.Plants:
        """The suspicious runs among the ratings."""
        working = [day for day in self._served_days if day in self.working_days]
        ordinary = [counter.number for counter in self.windows if counter.kind == hall.SPECIAL]
        return planted.plants(self.plan.ratings, working, ordinary, Random(f"{self.plan.seed}:planted"))

    def heard(self) -> Iterator[Heard]:
        """Every rating in the order of time, the planted ones among the honest."""
        sown = self.plants.all()
        chance = Random(f"{self.plan.seed}:visits")
        voices = opinions.Voices(self.tags, self.items, chance)
        visitors = visits.Hall(self.windows, self.rota, self.truth, voices, chance)
        honest = visitors.visits(self.plan.ratings - len(sown), self._served_days)
        return merge(honest, sown, key=lambda heard: heard.at)

    @cached_property
    def _served_days(self) -> list[date]:
        return self.rota.served_days(self.plan.first_day, self.plan.last_day)
