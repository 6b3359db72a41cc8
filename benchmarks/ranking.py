"""P7: what leadership waits for: any ranking, over any range and channel, however many ratings there are.

Every question is asked for ranges that end on different days, so that no answer kept for one serves another.
The ceiling is the engine's own: the daily sums of the same days added up by one hand-written statement.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from statistics import median
from typing import TypeVar

from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from benchmarks.pairs import Figure
from benchmarks.sites import inside
from evalsys.evaluation.rules import CHANNELS
from evalsys.kernel import database, settings
from evalsys.kernel.access import EVERYTHING
from evalsys.kernel.periods import Period
from evalsys.scoring.queries import sums
from evalsys.scoring.rules.asking import Filter
from evalsys.scoring.rules.ranking import DEPARTMENTS, STAFF, WINDOWS

K = TypeVar("K")
RANGES = (1, 30, 365)  # days
TIMES = 9
ENDS = 20  # different last days
REACH = {"SQLite": 5.0, "PostgreSQL": 10.0}  # milliseconds
GROWTH, LENGTH = 1.2, 1.5  # the most ratings ÷ the fewest; the longest range ÷ the shortest
KEYS = {WINDOWS: "window_id", STAFF: "staff_id", DEPARTMENTS: "unit_id"}


@dataclass(frozen=True)
class Question:
    """A ranking of whom, over how many days, of which channel ('' = all)."""

    subject: str
    days: int
    channel: str

    def asked(self, whole: Period, turn: int) -> Filter:
        """The filter, ending a few days before the last."""
        last = whole.last - timedelta(days=turn % ENDS)
        return Filter(Period(last - timedelta(days=self.days - 1), last), self.channel)

    def __str__(self) -> str:
        """As the report names it."""
        return f"{self.subject}, {self.days} d, {self.channel or 'all channels'}"


QUESTIONS = [
    Question(subject, days, channel) for subject in KEYS for days in RANGES for channel in ("", *CHANNELS)
]


@dataclass(frozen=True)
class Filled:
    """A site with ratings, open in this process beside others."""

    app: Flask
    session: Session
    whole: Period

    def rank(self, question: Question, turn: int) -> object:
        """Ask for one ranking."""
        with self.app.app_context():
            asked = question.asked(self.whole, turn)
            return sums.ranking(self.session, question.subject, asked, EVERYTHING, settings.current())


@contextmanager
def opened(environment: dict[str, str], whole: Period) -> Iterator[Filled]:
    """A filled site, for reading."""
    with inside(environment) as app, Session(database.db.engine) as session:
        yield Filled(app, session, whole)


def asked(filled: Sequence[Filled], times: int = TIMES) -> list[dict[Question, float]]:
    """The median milliseconds of each question at each site, the sites asked in turn."""
    turns = count()
    asking = {
        (number, question): lambda site=site, question=question: site.rank(question, next(turns))
        for question in QUESTIONS
        for number, site in enumerate(filled)
    }
    took = _medians(asking, times)
    return [{question: took[number, question] for question in QUESTIONS} for number in range(len(filled))]


def bare_sums(site: Filled) -> dict[Question, float]:
    """The same by the engine alone, for the questions over the longest range and all channels."""
    connection, whole = site.session.connection(), site.whole
    asked = [q for q in QUESTIONS if q.days == max(RANGES) and not q.channel]
    return _medians({q: lambda q=q: _bare(connection, q, whole) for q in asked}, TIMES)


def _bare(connection: Connection, question: Question, whole: Period) -> object:
    key, period = KEYS[question.subject], question.asked(whole, 0).period
    columns = ", ".join(f"SUM(n{level})" for level in (5, 4, 3, 2, 1))
    statement = text(
        f"SELECT {key}, channel, {columns} FROM daily_sums "
        f"WHERE day BETWEEN :first AND :last GROUP BY {key}, channel"
    )
    return connection.execute(statement, {"first": period.first, "last": period.last}).all()


def _medians(asking: Mapping[K, Callable[[], object]], times: int) -> dict[K, float]:
    took: dict[K, list[float]] = {question: [] for question in asking}
    for ask in asking.values():
        ask()
    for _ in range(times):
        for question, ask in asking.items():
            began = time.perf_counter()
            ask()
            took[question].append((time.perf_counter() - began) * 1000)
    return {question: median(found) for question, found in took.items()}


def speed(engine: str, size: str, ours: dict[Question, float], bare: dict[Question, float]) -> Figure:
    """How long the slowest question takes."""
    slowest = max(ours, key=lambda question: ours[question])
    whole = [f"{q.subject} {bare[q]:.1f} ms" for q in bare]
    return Figure(
        "P7",
        f"{len(ours)} rankings (windows, staff, departments × 1, 30, 365 d × channels), {size}, {engine}",
        f"median p50 {median(ours.values()):.1f} ms · slowest p50 {ours[slowest]:.1f} ms ({slowest})",
        f"the engine adding up 365 days of daily sums: {', '.join(whole)}",
        f"{median(bare[q] / ours[q] for q in bare):.1f}",
        f"p50 ≤ {REACH[engine]:g} ms",
        ours[slowest] <= REACH[engine],
    )


def growth(
    engine: str, sizes: tuple[str, str], few: dict[Question, float], many: dict[Question, float]
) -> Figure:
    """How much longer the same takes over more ratings."""
    found = median(many[question] / few[question] for question in few)
    return Figure(
        "P7",
        f"t({sizes[1]}) ÷ t({sizes[0]}), {engine}",
        f"median of {len(few)} rankings",
        "",
        f"{found:.2f}",
        f"≤ {GROWTH}",
        found <= GROWTH,
    )


def length(engine: str, size: str, ours: dict[Question, float]) -> Figure:
    """How much longer a year takes than a day."""
    longest, shortest = max(RANGES), min(RANGES)
    found = median(ours[q] / ours[replace(q, days=shortest)] for q in ours if q.days == longest)
    return Figure(
        "P7",
        f"t({longest} d) ÷ t({shortest} d), {size}, {engine}",
        "median of rankings and channels",
        "",
        f"{found:.2f}",
        f"≤ {LENGTH}",
        found <= LENGTH,
    )
