"""What a demo is made from, kept with the site: the same seed, day and numbers give the same hall again."""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from evalsys.kernel.models import SiteFact

PAST_DAYS, COMING_DAYS = 100, 14

_PLAN, _GIVEN = "demo-plan", "demo-given"
DONE = -1
"""What is noted in place of a number once everything is there."""


@dataclass(frozen=True)
class DemoPlan:
    """The seed, the day the demo was begun, how many ratings over how many days."""

    seed: int
    today: date
    ratings: int
    days: int

    @property
    def first_day(self) -> date:
        """The first day with ratings: the last `days` days include today, which is left to the visitors."""
        return self.today - timedelta(days=self.days - 1)

    def days_of_rota(self) -> tuple[date, ...]:
        """Every day the rota is written for: at least the last 100, and the next 14."""
        back = max(PAST_DAYS, self.days)
        return tuple(self.today + timedelta(days=n) for n in range(-back, COMING_DAYS + 1))

    @property
    def last_day(self) -> date:
        """The last day with ratings: yesterday."""
        return self.today - timedelta(days=1)


def keep(session: Session, plan: DemoPlan) -> None:
    """Note what the demo is made from, and that no rating has been given yet."""
    facts = asdict(plan) | {"today": plan.today.isoformat()}
    session.add_all((SiteFact(name=_PLAN, value=json.dumps(facts)), SiteFact(name=_GIVEN, value="0")))


def kept(session: Session | Connection) -> DemoPlan | None:
    """What this site's demo was made from, if it has been begun."""
    value = session.execute(select(SiteFact.value).where(SiteFact.name == _PLAN)).scalar()
    if value is None:
        return None
    facts = json.loads(value)
    return DemoPlan(**facts | {"today": date.fromisoformat(facts["today"])})


def given(session: Session | Connection) -> int:
    """How many of the ratings have been given; DONE once the demo is complete."""
    return int(session.execute(select(SiteFact.value).where(SiteFact.name == _GIVEN)).scalar_one())


def note_given(session: Session | Connection, number: int) -> None:
    """Note in the ratings' own transaction how many are given, so that a broken-off demo goes on there."""
    session.execute(update(SiteFact).where(SiteFact.name == _GIVEN).values(value=str(number)))
