"""Suspicious runs planted among the honest ratings, for the signals to find: good ones and bad ones alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from evalsys.demo.visits import TABLET, WINDOW_CODE, Heard
from evalsys.kernel import clock

# The sizes for a demo of usual size; a smaller demo plants in proportion.
ONE_DEVICE, RUNS, RUN_LENGTH, AFTER_HOURS = 200, 5, 12, 30
_USUAL = 20_000


@dataclass(frozen=True)
class Plants:
    """The planted ratings by the reason they are suspicious."""

    one_device: tuple[Heard, ...]
    runs: tuple[Heard, ...]
    after_hours: tuple[Heard, ...]

    def all(self) -> list[Heard]:
        """Every planted rating in the order of time."""
        return sorted((*self.one_device, *self.runs, *self.after_hours), key=lambda heard: heard.at)


def plants(number: int, days: Sequence[date], windows: Sequence[str], chance: Random) -> Plants:
    """The planted runs of a demo with that many ratings, on the working days given."""
    if not days:
        return Plants((), (), ())
    share = min(1.0, number / _USUAL)
    last, before = days[-1], days[:-1] or days
    return Plants(
        one_device=tuple(_one_device(round(ONE_DEVICE * share), last, windows, chance)),
        runs=tuple(
            heard
            for run in range(round(RUNS * share))
            for heard in _run(chance.choice(before), chance.choice(windows), 1 if run == 0 else 5, chance)
        ),
        after_hours=tuple(_after_hours(round(AFTER_HOURS * share), before, windows, chance)),
    )


def _one_device(number: int, day: date, windows: Sequence[str], chance: Random) -> Iterator[Heard]:
    """One telephone praises window after window, half a minute apart."""
    device = f"{chance.getrandbits(64):016x}"
    praised = chance.sample(windows, min(8, len(windows)))
    at = clock.at(day, time(14, 30))
    for _ in range(number):
        at += timedelta(seconds=chance.randrange(18, 45))
        yield Heard(chance.choice(praised), at, WINDOW_CODE, 5, device=device)


def _run(day: date, window: str, level: int, chance: Random) -> Iterator[Heard]:
    """The same level again and again on one tablet, seconds apart."""
    at = clock.at(day, time(16, 40))
    for _ in range(RUN_LENGTH):
        at += timedelta(seconds=chance.randrange(2, 8))
        yield Heard(window, at, TABLET, level, terminal=f"tablet-{window}")


def _after_hours(
    number: int, days: Sequence[date], windows: Sequence[str], chance: Random
) -> Iterator[Heard]:
    """Ratings of an evening on which nobody served."""
    for _ in range(number):
        at = _between(clock.at(chance.choice(days), time(19)), timedelta(hours=3), chance.randrange)
        device = f"{chance.getrandbits(64):016x}"
        yield Heard(chance.choice(windows), at, WINDOW_CODE, chance.choice((5, 5, 5, 1)), device=device)


def _between(start: datetime, stretch: timedelta, draw: Callable[[int], int]) -> datetime:
    return start + timedelta(seconds=draw(int(stretch.total_seconds())))
