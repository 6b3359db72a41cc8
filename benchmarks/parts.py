"""Processor time by part of the program, measured function by function.

Every thread is profiled by its own processor time. What the profiler itself costs for each call is taken off
again: it is the difference to the same work without it.
"""

import cProfile
import sysconfig
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from benchmarks.sites import CHECKOUT
from evalsys.kernel.database import db

PACKAGES = Path(sysconfig.get_path("purelib"))
LIBRARY = Path(sysconfig.get_path("stdlib"))
DRIVER, COMMIT = "statements in the driver", "commit"
NAMES = {
    "sqlalchemy": "SQLAlchemy",
    "psycopg": DRIVER,
    "psycopg_binary": DRIVER,
    "flask": "Flask and Werkzeug",
    "werkzeug": "Flask and Werkzeug",
    "flask_sqlalchemy": "Flask and Werkzeug",
    "flask_wtf": "WTForms",
    "wtforms": "WTForms",
    "jinja2": "templates",
    "markupsafe": "templates",
    "flask_babel": "translation",
    "babel": "translation",
    "whitenoise": "static files",
}
SHOWN = 6  # parts
TIMES = 3  # the least disturbed of them is shown: what happens once an hour is no part of a turn
WAITS = ("acquire", "wait", "sleep", "poll", "flock")


@dataclass(frozen=True)
class Costs:
    """What one turn of something costs in milliseconds of processor time, in all and by part; its floor."""

    name: str
    each: float
    parts: dict[str, float]
    floor: dict[str, float]

    @property
    def at_least(self) -> float:
        """The floor in all."""
        return sum(self.floor.values())

    def in_words(self) -> str:
        """Sentences: where the time goes, and what cannot be saved."""
        greatest = sorted(self.parts.items(), key=lambda pair: -pair[1])[:SHOWN]
        parts = ", ".join(f"{name} {ms:.3f}" for name, ms in greatest)
        floor = " + ".join(f"{name} {ms:.3f}" for name, ms in self.floor.items())
        return (
            f"{self.name} costs {self.each:.3f} ms of processor time: {parts}. "
            f"The floor is {self.at_least:.3f} ms ({floor}): with everything else free it would be "
            f"{self.each / self.at_least:.1f} times as fast."
        )

    def __str__(self) -> str:
        """As it is printed: the greatest part first."""
        rows = [f"  {ms:7.3f} {part}" for part, ms in sorted(self.parts.items(), key=lambda pair: -pair[1])]
        floor = " + ".join(f"{ms:.3f} {part}" for part, ms in self.floor.items())
        return "\n".join((f"{self.name}: {self.each:.3f} ms of CPU", *rows, f"  floor: {floor}"))


def part_of(code: CodeType) -> str:
    """The part a Python function belongs to, by its file."""
    path = Path(code.co_filename)
    for folder, names in ((PACKAGES, NAMES), (CHECKOUT, {})):
        if path.is_relative_to(folder):
            inner = path.relative_to(folder).parts
            if inner[0] == "templates":
                return "templates"
            return names.get(inner[0], inner[0]) if folder == PACKAGES else ".".join(inner[:2])
    return "Python's library" if path.is_relative_to(LIBRARY) else "templates"


def part_of_call(name: str, caller: CodeType) -> str:
    """The part a function in C belongs to: the driver's to the driver, every other to who calls it."""
    if "sqlite3" in name or "psycopg" in name:
        return COMMIT if caller.co_name == "do_commit" or "commit" in name else DRIVER
    if any(f"'{word}'" in name or f".{word}>" in name for word in WAITS):
        return "locks"
    return part_of(caller)


class Watch:
    """Profiles of every thread that is started, or enters, while it is on."""

    def __init__(self) -> None:
        self._profiles: list[cProfile.Profile] = []

    @contextmanager
    def on(self) -> Iterator[None]:
        """Profile this thread and every one started from now on."""
        threading.setprofile(self._begin)
        own = self._profile()
        try:
            yield
        finally:
            own.disable()
            threading.setprofile(None)  # type: ignore[arg-type]

    def _begin(self, *_: object) -> None:
        self._profile()

    def _profile(self) -> cProfile.Profile:
        profile = cProfile.Profile(time.thread_time)
        self._profiles.append(profile)
        profile.enable()
        return profile

    def seconds(self) -> float:
        """Processor time of all threads, the profiler's own included."""
        return sum(entry.inlinetime for profile in self._profiles for entry in profile.getstats())

    def parts(self, whole: float) -> dict[str, float]:
        """Seconds by part, made to add up to the seconds without the profiler."""
        spent, calls = Counter[str](), Counter[str]()
        for profile in self._profiles:
            for entry in profile.getstats():
                if not isinstance(entry.code, CodeType):
                    continue
                part = part_of(entry.code)
                spent[part] += entry.inlinetime
                calls[part] += entry.callcount
                for called in entry.calls or ():
                    if isinstance(called.code, str):
                        part = part_of_call(called.code, entry.code)
                        spent[part] += called.inlinetime
                        calls[part] += called.callcount
        own = max(0.0, sum(spent.values()) - whole) / max(1, sum(calls.values()))
        return {part: max(0.0, spent[part] - own * calls[part]) for part in spent}


def _spent(work: Callable[[], None]) -> float:
    """Seconds of this process's processor time."""
    began = time.process_time()
    work()
    return time.process_time() - began


def _watched(work: Callable[[], None]) -> Watch:
    db.engine.dispose()  # ends the writer's thread: the next one is watched
    watch = Watch()
    with watch.on():
        work()
    return watch


def costs(
    name: str, work: Callable[[], None], turns: int, floor: Callable[[dict[str, float]], dict[str, float]]
) -> Costs:
    """What one of so many turns of some work costs."""
    work()
    whole = min(_spent(work) for _ in range(TIMES))
    watch = min((_watched(work) for _ in range(TIMES)), key=Watch.seconds)
    parts = {part: 1000 * seconds / turns for part, seconds in watch.parts(whole).items()}
    each = 1000 * whole / turns
    parts = {part: ms for part, ms in parts.items() if ms >= 0.01 * each}
    return Costs(name, each, parts, floor(parts))
