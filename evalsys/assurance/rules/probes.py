"""Trying every way to rate: what a way is, and what may be wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from evalsys.kernel.words import N_

ALL = "12345"  # the levels, as they are written down once they have been taken
KEPT = timedelta(days=90)
SHOWN = 30  # days
LATE = timedelta(minutes=40)  # two rounds and some minutes: after it nobody knows how a way does

ENTRIES = {
    "window-code": N_("窗口码(手机扫码)"),
    "tablet": N_("窗口平板"),
    "kiosk": N_("评价区评价机"),
    "ticket": N_("排队小票"),
    "link": N_("评价链接"),
}
FAULTS = {
    "no-answer": N_("网站没有应答"),
    "page": N_("评价页打不开"),
    "level-missing": N_("评价页上少了等级"),
    "refused": N_("评价没有被接收"),
    "unmarked": N_("试评没有被认出,没有试"),
}


@dataclass(frozen=True)
class Way:
    """One way in as it is tried: at a window, by its code or on a device where it takes one."""

    entry: str
    window_id: int
    number: str
    hall: str
    code: str = ""
    device: str = ""


@dataclass(frozen=True)
class Tried:
    """What a way took in one round: the levels' digits, the first fault, milliseconds of the slowest."""

    entry: str
    taken: str
    fault: str = ""
    slowest: int = 0

    @property
    def is_well(self) -> bool:
        """Whether every level was taken."""
        return self.taken == ALL


@dataclass(frozen=True)
class Day:
    """How a way did on one day: rounds, and those in which every level was taken."""

    day: date
    rounds: int
    well: int

    @property
    def state(self) -> str:
        """well, partly or broken; none where nobody tried."""
        if not self.rounds:
            return "none"
        if self.well == self.rounds:
            return "well"
        return "partly" if self.well else "broken"


def overall(latest: Sequence[tuple[datetime, Tried]], now: datetime) -> str:
    """How all ways do together: well, partly, broken, or unknown where none was tried of late."""
    fresh = [tried for at, tried in latest if now - at < LATE]
    if not fresh:
        return "unknown"
    well = sum(tried.is_well for tried in fresh)
    if well == len(fresh):
        return "well"
    return "partly" if well else "broken"


def strip(found: Sequence[Day], last: date) -> list[Day]:
    """The days shown, up to the last, in their order; those without a round as well."""
    known = {one.day: one for one in found}
    days = (last - timedelta(days=back) for back in reversed(range(SHOWN)))
    return [known.get(day, Day(day, 0, 0)) for day in days]
