"""数字为什么变了: the closed periods to choose from, and what befell the one chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from evalsys.kernel.access import Actor
from evalsys.kernel.periods import DAY, MONTHS, QUARTERS, WEEKS, BadPeriod, Closing, closing_named, closing_of
from evalsys.kernel.words import N_
from evalsys.scoring.queries import moved as scoring
from evalsys.scoring.rules.moved import Moved

OFFERED = {MONTHS: 13, QUARTERS: 5, WEEKS: 13}  # the latest closed ones of each kind


@dataclass(frozen=True)
class MovedIn:
    """A closed period, and how its figures came to be what they are."""

    closing: Closing
    moved: Moved


def closed_periods(today: date) -> list[Closing]:
    """The latest closed months, quarters and weeks, the latest of each kind first."""
    found = []
    for kind, many in OFFERED.items():
        closing = closing_of(kind, today)
        for _ in range(many):
            closing = closing_of(kind, closing.starts - DAY)
            found.append(closing)
    return found


def moved_in(session: Session, actor: Actor, said: Mapping[str, str], today: date) -> MovedIn:
    """What moved in the period an address names, by default the last closed month.

    Raises BadPeriod for a name of none, and for one that is not over.
    """
    name = said.get("period", "").strip()
    closing = closing_named(name) if name else closed_periods(today)[0]
    if not closing.closed(today):
        raise BadPeriod(N_("这一期还没有结束。结束以后才谈得上变没变。"))
    return MovedIn(closing, scoring.moved(session, closing, actor.scope))
