"""Who came when, to which window, by which door: working days, lunch and pay-day peaks, weekends."""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from evalsys.demo.hall import Counter
from evalsys.demo.opinions import Said, Voices
from evalsys.demo.quality import Quality
from evalsys.demo.rota import HANDOVER, OPENS, RELIEF_DUTY, WEEKEND, Rota, Shift
from evalsys.kernel import clock

TABLET, KIOSK, WINDOW_CODE = "tablet", "kiosk", "window-code"

_ENTRIES, _SHARES = (TABLET, KIOSK, WINDOW_CODE), (70, 12, 18)
# Half hours from 09:00: the morning rush, the peak at lunch, the quiet end.
_HALF_HOURS = (5, 7, 8, 8, 7, 9, 11, 10, 7, 6, 6, 6, 5, 4, 3, 2, 1)
_WEEKDAYS = (1.2, 1.05, 1.0, 1.0, 0.9, 0.45, 0.35)
_PAY_DAYS = {9: 1.2, 10: 1.6, 11: 1.35, 14: 1.2, 15: 1.7, 16: 1.3}
_CORRECTED = 0.006
_MENDED = {5: 20, 4: 14, 2: 1, 1: 1}
_ASSISTED = 0.03
_NAMES_THE_CLERK = 0.6
_ASKED = timedelta(hours=1)


@dataclass(frozen=True)
class Heard:
    """One rating as it will be given: where, when, by which door, how, and what was said with it."""

    window: str
    at: datetime
    entry: str
    level: int
    said: Said | None = None
    staff_no: str | None = None
    item: str | None = None
    assisted: bool = False
    terminal: str = ""
    device: str | None = None
    corrected_to: int | None = None


class Hall:
    """Draws the visitors of the hall, day by day."""

    def __init__(
        self, windows: Sequence[Counter], plan: Rota, truth: Quality, voices: Voices, chance: Random
    ) -> None:
        self._zones = {counter.number: counter.zone[0] for counter in windows}
        self._traffic = {
            counter.number: counter.traffic * chance.lognormvariate(0, 0.25) for counter in windows
        }
        self._truth, self._voices, self._chance = truth, voices, chance
        self._shifts: dict[date, dict[str, list[Shift]]] = defaultdict(dict)
        for shift in plan.shifts:
            self._shifts[shift.day].setdefault(shift.window, []).append(shift)

    def visits(self, number: int, days: Sequence[date]) -> Iterator[Heard]:
        """That many ratings over the days, in the order of time."""
        weights = [_WEEKDAYS[day.weekday()] * _PAY_DAYS.get(day.day, 1.0) for day in days]
        tally = Tally(self._chance.choices(days, weights, k=number)) if days else {}
        for day in sorted(tally):
            yield from self._day(day, tally[day])

    def clerk(self, window: str, at: datetime) -> str | None:
        """Who sits at a window at an instant, relief before the regular clerk; None if nobody or unclear."""
        moment = clock.local(at)
        found = self._shifts[moment.date()].get(window, [])
        present = [shift for shift in found if shift.starts <= moment.time() < shift.ends]
        relief = [shift for shift in present if shift.kind == RELIEF_DUTY]
        sitting = {shift.staff_no for shift in relief or present}
        return sitting.pop() if len(sitting) == 1 else None

    def _day(self, day: date, number: int) -> Iterator[Heard]:
        open_windows = sorted(self._shifts[day])
        weekend = all(s.kind == WEEKEND for shifts in self._shifts[day].values() for s in shifts)
        cumulative = list(accumulate(self._traffic[window] for window in open_windows))
        chosen = self._chance.choices(open_windows, cum_weights=cumulative, k=number)
        slots = _HALF_HOURS[:-3] if weekend else _HALF_HOURS
        times = sorted(
            slot * 1800 + self._chance.randrange(1800)
            for slot in self._chance.choices(range(len(slots)), slots, k=number)
        )
        opening = clock.at(day, OPENS)
        for window, seconds in zip(chosen, times, strict=True):
            yield self._heard(window, opening + timedelta(seconds=seconds))

    def _heard(self, window: str, at: datetime) -> Heard:
        chance = self._chance
        entry = chance.choices(_ENTRIES, _SHARES)[0]
        clerk = self.clerk(window, at)
        shares = self._truth.shares(window, clerk, at_the_counter=entry == TABLET)
        level = chance.choices((1, 2, 3, 4, 5), shares)[0]
        matter = self._voices.matter(window) if entry == KIOSK and chance.random() < 0.3 else None
        corrected = self._other_level(level) if chance.random() < _CORRECTED else None
        return Heard(
            window=window,
            at=at,
            entry=entry,
            level=level,
            said=self._voices.said(window, corrected or level, self._happened(window, at, entry)),
            staff_no=clerk if entry == KIOSK and chance.random() < _NAMES_THE_CLERK else None,
            item=matter.task_code if matter is not None else None,
            assisted=entry == KIOSK and chance.random() < _ASSISTED,
            terminal=self._terminal(window, entry),
            device=f"{chance.getrandbits(64):016x}" if entry == WINDOW_CODE else None,
            corrected_to=corrected,
        )

    def _happened(self, window: str, at: datetime, entry: str) -> str | None:
        """The answer to 什么时候办的, which the receipt asks in the hour after a window changed hands."""
        handover = clock.at(clock.day_of(at), HANDOVER)
        shared = len({s.staff_no for s in self._shifts[clock.day_of(at)][window]}) > 1
        if entry == TABLET or not shared or not handover <= at < handover + _ASKED:
            return None
        return self._chance.choices((None, "now", "morning"), (5, 3, 2))[0]

    def _other_level(self, level: int) -> int:
        """A slip of the finger is mended; few of those who were content turn out not to be."""
        others = {other: weight for other, weight in _MENDED.items() if other != level}
        return self._chance.choices(list(others), list(others.values()))[0]

    def _terminal(self, window: str, entry: str) -> str:
        if entry == TABLET:
            return f"tablet-{window}"
        return f"kiosk-{self._zones[window]}{self._chance.randrange(1, 5)}" if entry == KIOSK else ""
