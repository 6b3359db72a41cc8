"""Timed work: each job is done once for each of its periods, also after downtime."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from subprocess import Popen
from threading import Event

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.database import insert_once
from evalsys.kernel.models import JobDone
from evalsys.kernel.pulse import PULSE

log = logging.getLogger("evalsys")

Process = Popen[bytes]

LOOK_EVERY = 1.0  # seconds between two looks whether the site is ending
NOTED_FOR = timedelta(days=7)  # how long it is kept what was done when
BEGIN_AGAIN_AFTER = 10.0  # seconds before a worker that ended is started again


@dataclass(frozen=True)
class Timed:
    """A job, and the period an instant falls into (a day, an hour) for which it is done once."""

    name: str
    period_of: Callable[[datetime], str]
    run: Callable[[Session, datetime], object]


def every_minute(instant: datetime) -> str:
    """The minute of an instant on the hall's clock; such a job does nothing where nothing has changed."""
    return clock.local(instant).strftime("%Y-%m-%dT%H:%M")


def every_half_minute(instant: datetime) -> str:
    """The half of a minute of an instant, for what may not wait for a whole one."""
    local = clock.local(instant)
    return f"{local:%Y-%m-%dT%H:%M}:{local.second // 30 * 30:02}"


def quarterly(instant: datetime) -> str:
    """The quarter of an hour of an instant on the hall's clock."""
    local = clock.local(instant)
    return f"{local:%Y-%m-%dT%H}:{local.minute // 15 * 15:02}"


def hourly(instant: datetime) -> str:
    """The hour of an instant on the hall's clock."""
    return clock.local(instant).strftime("%Y-%m-%dT%H")


def daily(instant: datetime) -> str:
    """The day of an instant on the hall's clock."""
    return clock.day_of(instant).isoformat()


def due(session: Session, timed: Sequence[Timed], now: datetime) -> list[Timed]:
    """The jobs not yet done for the period of `now`."""
    periods = {job.period_of(now) for job in timed}
    noted = select(JobDone.name, JobDone.period).where(JobDone.period.in_(sorted(periods)))
    done = {(name, period) for name, period in session.execute(noted)}
    return [job for job in timed if (job.name, job.period_of(now)) not in done]


def last_done(session: Session) -> datetime | None:
    """When timed work was last done; None where it never was."""
    return session.execute(select(func.max(JobDone.done_at)).where(JobDone.name != PULSE)).scalar()


def perform(session: Session, job: Timed, now: datetime) -> bool:
    """Do one job and note it in the same transaction; False where another worker has done it already."""
    noted = insert_once(session.connection(), JobDone).values(
        name=job.name, period=job.period_of(now), done_at=now
    )
    if session.execute(noted.returning(JobDone.name)).first() is None:
        return False
    session.execute(delete(JobDone).where(JobDone.name == job.name, JobDone.done_at < now - NOTED_FOR))
    job.run(session, now)
    return True


def keep_running(
    running: Process, start: Callable[[], Process], stopping: Event, again_after: float = BEGIN_AGAIN_AFTER
) -> None:
    """Watch a worker until `stopping` is set; when it ends by itself, say so and start another."""
    while not stopping.wait(LOOK_EVERY):
        if running.poll() is None:
            continue
        log.error("timed work ended with %s and is started again", running.returncode)
        if stopping.wait(again_after):
            break
        running = start()
    running.terminate()
    running.wait()
