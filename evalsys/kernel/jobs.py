"""Timed work: each job is done once for each of its periods, also after downtime."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.models import JobDone


@dataclass(frozen=True)
class Timed:
    """A job, and the period an instant falls into (a day, an hour) for which it is done once."""

    name: str
    period_of: Callable[[datetime], str]
    run: Callable[[Session, datetime], object]


def hourly(instant: datetime) -> str:
    """The hour of an instant on the hall's clock."""
    return clock.local(instant).strftime("%Y-%m-%dT%H")


def daily(instant: datetime) -> str:
    """The day of an instant on the hall's clock."""
    return clock.day_of(instant).isoformat()


def due(session: Session, timed: Iterable[Timed], now: datetime) -> list[Timed]:
    """The jobs not yet done for the period of `now`."""
    done = {(name, period) for name, period in session.execute(select(JobDone.name, JobDone.period))}
    return [job for job in timed if (job.name, job.period_of(now)) not in done]


def perform(session: Session, job: Timed, now: datetime) -> None:
    """Do one job and note it in the same transaction: two workers cannot both do it."""
    session.execute(insert(JobDone).values(name=job.name, period=job.period_of(now), done_at=now))
    job.run(session, now)
