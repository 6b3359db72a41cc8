"""A year of one hall: honest ratings and planted patterns drawn from a fixed seed, rows in memory only."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from evalsys.assurance.rules.taps import Five, HallDay, Kind, Tap
from evalsys.kernel import clock
from evalsys.kernel.periods import MONTHS, closing_of

YEAR = 2025
WINDOWS = 20
MEAN = 22  # ratings of a window on a day
OF_EACH = 12  # planted patterns of each kind
PHONES = [f"one address, phone of kind {n}" for n in range(6)]
PHONE_SHARES = (0.4, 0.25, 0.15, 0.1, 0.06, 0.04)
ENTRIES = np.array(["tablet", "kiosk", "window-code", "link"])
ENTRY_SHARES = (0.55, 0.2, 0.2, 0.05)
TAGS = {level: [f"{level}{n}" for n in range(1, 9)] for level in range(1, 6)}
OPENS, CLOSES = time(9), time(17)
NOON, AFTERNOON = time(12), time(13)


@dataclass(frozen=True)
class Planted:
    """One planted pattern."""

    kind: Kind
    day: date
    roots: frozenset[int]


class Year:
    """The days of a year in turn; what was planted on a day is known once it has come."""

    def __init__(self, seed: int) -> None:
        self.planted: list[Planted] = []
        self.honest = 0
        self._chance = np.random.default_rng(seed)
        self._root = 0
        self._busy = self._chance.lognormal(0, 0.4, WINDOWS)
        self._quality = self._chance.beta(14, 2, WINDOWS)
        self._plans = self._planned()
        self._before: list[tuple[date, dict[int, Five], Counter[tuple[int, str]]]] = []

    def days(self) -> Iterator[HallDay]:
        for day in working_days():
            taps = self._honest(day)
            self.honest += len(taps)
            for kind in self._plans.get(day, ()):
                taps += self._plant(kind, day)
            recent = [one for one in self._before if day - one[0] <= timedelta(days=28)]
            before: dict[int, dict[date, Five]] = {window: {} for window in range(WINDOWS)}
            entries: Counter[tuple[int, str]] = Counter()
            for then, counts, ways in recent:
                entries.update(ways)
                for window, five in counts.items():
                    before[window][then] = five
            usual = {way: n / len(recent) for way, n in entries.items()} if len(recent) >= 10 else {}
            yield HallDay(day, taps, hours(day), before, usual)
            ways = Counter((tap.window_id, tap.entry) for tap in taps)
            self._before = [*recent, (day, counted(taps), ways)]

    def _planned(self) -> dict[date, list[Kind]]:
        """Which kinds to plant on which days: never in the first month, bursts in a month's last days."""
        days = [day for day in working_days() if day.month > 1]
        late = [day for day in days if (closing_of(MONTHS, day).period.last - day).days < 5]
        plans: dict[date, list[Kind]] = {}
        for kind in Kind:
            among = late if kind is Kind.BEFORE_CLOSE else days
            for at in self._chance.choice(len(among), OF_EACH, replace=False):
                plans.setdefault(among[at], []).append(kind)
        return plans

    def _next(self) -> int:
        self._root += 1
        return self._root

    def _honest(self, day: date) -> list[Tap]:
        chance = self._chance
        closing = 1.3 if (closing_of(MONTHS, day).period.last - day).days < 5 else 1.0
        busy = chance.gamma(15, 1 / 15) * chance.gamma(15, 1 / 15, WINDOWS) * closing * MEAN * self._busy
        windows = np.repeat(np.arange(WINDOWS), chance.poisson(busy))
        n = len(windows)
        seconds = np.sort(chance.integers(0, 7 * 3600, n))
        seconds += np.where(seconds >= 3 * 3600, 3600, 0)
        windows = chance.permutation(windows)
        entries = chance.choice(ENTRIES, n, p=ENTRY_SHARES)
        evening = (entries == "window-code") & (chance.random(n) < 0.005)
        seconds = np.where(evening, chance.integers(10 * 3600, 13 * 3600, n), seconds)
        waited = chance.lognormal(np.log(6), 0.5, n)
        good = chance.random(n) < self._quality[windows]
        levels = np.where(good, 5, chance.choice([4, 3, 2, 1], n, p=[0.75, 0.15, 0.06, 0.04]))
        tagged = chance.random(n) < 0.3
        choices = chance.integers(0, 8, n)
        phones = chance.choice(len(PHONES), n, p=PHONE_SHARES)
        kiosks = np.where(chance.random(n) < 0.7, windows // 5, chance.integers(0, 4, n))
        opening = clock.at(day, OPENS)
        return [
            self._tap(
                opening + timedelta(seconds=int(second)),
                window,
                entry,
                level,
                (TAGS[level][choice],) if has_tag else (),
                phone=PHONES[phone],
                kiosk=kiosk,
                waited=wait,
            )
            for second, window, entry, level, has_tag, choice, phone, kiosk, wait in zip(
                *(
                    column.tolist()
                    for column in (seconds, windows, entries, levels, tagged, choices, phones, kiosks, waited)
                ),
                strict=True,
            )
        ]

    def _tap(
        self,
        at: datetime,
        window: int,
        entry: str,
        level: int,
        tags: tuple[str, ...] = (),
        *,
        phone: str = "",
        kiosk: int = 0,
        waited: float | None = None,
    ) -> Tap:
        terminal = {"tablet": f"tablet {window}", "kiosk": f"kiosk {kiosk}"}.get(entry, "")
        return Tap(
            self._next(),
            window,
            entry,
            level,
            tags,
            at=at,
            is_exact=True,
            terminal=terminal,
            device=phone if entry == "window-code" else "",
            waited=waited if entry == "tablet" else None,
        )

    def _plant(self, kind: Kind, day: date) -> list[Tap]:
        window = int(self._chance.integers(WINDOWS))
        # Symmetric: praise and blame are planted alike.
        level = int(self._chance.choice([5, 1]))
        taps = PLANTS[kind](self, day, window, level)
        self.planted.append(Planted(kind, day, frozenset(tap.root for tap in taps)))
        return taps

    def some_time(self, day: date, n: int) -> list[datetime]:
        """So many moments of the hall's hours."""
        opening = clock.at(day, OPENS)
        return [opening + timedelta(seconds=int(s)) for s in self._chance.integers(0, 8 * 3600, n)]

    def apart(self, start: datetime, n: int, least: int, most: int) -> list[datetime]:
        """So many moments, each some seconds after the one before."""
        steps = np.cumsum(self._chance.integers(least, most, n))
        return [start + timedelta(seconds=int(step)) for step in steps]

    def too_quick(self, day: date, window: int, level: int) -> list[Tap]:
        waits = self._chance.uniform(0.3, 1.6, 12)
        return [
            self._tap(at, window, "tablet", level, waited=float(wait))
            for at, wait in zip(self.some_time(day, 12), waits, strict=True)
        ]

    def one_device(self, day: date, _window: int, level: int) -> list[Tap]:
        windows = self._chance.choice(WINDOWS, 7, replace=False).tolist()
        moments = self.apart(self.some_time(day, 1)[0], 12, 30, 90)
        return [
            self._tap(at, windows[n % 7], "window-code", level, phone=f"one phone {day}")
            for n, at in enumerate(moments)
        ]

    def repeats(self, day: date, window: int, level: int) -> list[Tap]:
        entry = str(self._chance.choice(["tablet", "kiosk"]))
        moments = self.apart(self.some_time(day, 1)[0], 10, 2, 7)
        return [self._tap(at, window, entry, level, kiosk=window // 5, waited=4.0) for at in moments]

    def same_again(self, day: date, window: int, level: int) -> list[Tap]:
        moments = self.apart(clock.at(day, NOON), 15, 120, 230)
        return [self._tap(at, window, "tablet", level, tuple(TAGS[level][:2]), waited=5.0) for at in moments]

    def closed_hours(self, day: date, window: int, level: int) -> list[Tap]:
        evening = clock.at(day, time(20))
        if self._chance.random() < 0.5:
            return [self._tap(at, window, "kiosk", level) for at in self.apart(evening, 4, 60, 300)]
        return [
            self._tap(at, window, "window-code", level, phone=PHONES[n % 6])
            for n, at in enumerate(self.apart(evening, 14, 60, 600))
        ]

    def before_close(self, day: date, window: int, level: int) -> list[Tap]:
        n = int(MEAN * self._busy[window] * 4.5) + 20
        return [self._tap(at, window, "link", level) for at in self.some_time(day, n)]

    def one_terminal(self, day: date, window: int, level: int) -> list[Tap]:
        if self._chance.random() < 0.5:
            elsewhere = (window // 5 + 2) % 4
            n = int(MEAN * self._busy[window] * 0.2 * 3) + 25
            return [self._tap(at, window, "kiosk", level, kiosk=elsewhere) for at in self.some_time(day, n)]
        return [
            self._tap(at, window, "window-code", level, phone=f"passed round {day}")
            for at in self.some_time(day, 18)
        ]

    def too_many(self, day: date, window: int, level: int) -> list[Tap]:
        moments = self.apart(self.some_time(day, 1)[0], 40, 9, 15)
        return [self._tap(at, window, "link", level) for at in moments]


PLANTS: dict[Kind, Callable[[Year, date, int, int], list[Tap]]] = {
    Kind.TOO_QUICK: Year.too_quick,
    Kind.ONE_DEVICE: Year.one_device,
    Kind.REPEATS: Year.repeats,
    Kind.SAME_AGAIN: Year.same_again,
    Kind.CLOSED_HOURS: Year.closed_hours,
    Kind.BEFORE_CLOSE: Year.before_close,
    Kind.ONE_TERMINAL: Year.one_terminal,
    Kind.TOO_MANY: Year.too_many,
}


def working_days() -> list[date]:
    """The Mondays to Fridays of the year."""
    days = (date(YEAR, 1, 1) + timedelta(days=n) for n in range(365))
    return [day for day in days if day.weekday() < 5]


def hours(day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The hall's hours on a working day."""
    return (
        (clock.at(day, OPENS), clock.at(day, NOON)),
        (clock.at(day, AFTERNOON), clock.at(day, CLOSES)),
    )


def counted(taps: list[Tap]) -> dict[int, Five]:
    """How many of each level each window has."""
    found: dict[int, list[int]] = {}
    for tap in taps:
        found.setdefault(tap.window_id, [0, 0, 0, 0, 0])[5 - tap.level] += 1
    return {window: (n[0], n[1], n[2], n[3], n[4]) for window, n in found.items()}
