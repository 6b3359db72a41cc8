"""The lights of a case: how its present clock stands, computed and never stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evalsys.kernel.words import N_
from evalsys.worktime import rules as worktime
from evalsys.worktime.rules import Calendar, Term


class Light(StrEnum):
    """Green, yellow before the end, red after it, redder two and five working days later."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    RED_2 = "red-2"
    RED_3 = "red-3"


LIGHT_WORDS: Mapping[Light, str] = {
    Light.GREEN: N_("正常"),
    Light.YELLOW: N_("临期"),
    Light.RED: N_("超期"),
    Light.RED_2: N_("超期2个工作日以上"),
    Light.RED_3: N_("超期5个工作日以上"),
}
LIGHT_SIGNS: Mapping[Light, str] = {
    Light.GREEN: "○",
    Light.YELLOW: "◐",
    Light.RED: "▲",
    Light.RED_2: "▲▲",
    Light.RED_3: "▲▲▲",
}
RED_2_AFTER, RED_3_AFTER = 2, 5  # working days past the end of the clock


@dataclass(frozen=True)
class Clocks:
    """When a state's clock ends, and when its light changes before and after."""

    due_at: datetime
    yellow_at: datetime
    red2_at: datetime
    red3_at: datetime


def clocks(start: datetime, term: Term, calendar: Calendar) -> Clocks:
    """The clocks of a term that begins at an instant."""
    due = worktime.due_at(start, term, calendar)
    return clocks_until(start, due, term, calendar)


def clocks_until(start: datetime, due: datetime, term: Term, calendar: Calendar) -> Clocks:
    """The clocks of a term whose end is already known, because it was extended or set from outside."""
    return Clocks(
        due_at=due,
        yellow_at=worktime.yellow_at(start, term, due, calendar),
        red2_at=worktime.days_later(due, RED_2_AFTER, calendar),
        red3_at=worktime.days_later(due, RED_3_AFTER, calendar),
    )


def light(clocks_: Clocks | None, now: datetime) -> Light:
    """The light at an instant; a case without a clock is green."""
    if clocks_ is None or now < clocks_.yellow_at:
        return Light.GREEN
    if now < clocks_.due_at:
        return Light.YELLOW
    if now < clocks_.red2_at:
        return Light.RED
    return Light.RED_2 if now < clocks_.red3_at else Light.RED_3
