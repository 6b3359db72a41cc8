"""The checks behind /readyz: each a question the hall's operator would ask when something seems wrong."""

import shutil
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from evalsys.assurance.queries import seals
from evalsys.kernel import clock, database, jobs, journal, outbox, pulse, revision, settings, writer
from evalsys.kernel.database import NotDurable, check_durable
from evalsys.kernel.readiness import Finding

LEAST_ROOM = 4 * 1024**2  # bytes: below it a commit may no longer fit
LITTLE_ROOM = 1024**3  # bytes: below it the operator should know
LATE_MESSAGE = timedelta(hours=1)
LATE_WORK = timedelta(minutes=5)
LATE_SEAL = timedelta(days=2)


def writes(_session: Session, now: datetime) -> Finding:
    """Whether a commit reaches the disk, by the same door as a rating."""
    writer.run(pulse.beat, now)
    return Finding(ok=True)


def has_room(_session: Session, _now: datetime) -> Finding:
    """Whether the disk of the instance folder has room; little room is said before it is too little."""
    free = shutil.disk_usage(settings.current().instance).free
    return Finding(free >= LEAST_ROOM, {"free_mb": free // 1024**2, "little": free < LITTLE_ROOM})


def is_durable(session: Session, _now: datetime) -> Finding:
    """Whether the engine keeps what it thanked for; which engine it is, and how it keeps its journal."""
    says: dict[str, object] = {"engine": database.engine_in_words()}
    if session.connection().dialect.name != "sqlite":
        try:
            check_durable(session)
        except NotDurable:
            return Finding(ok=False, says=says)
        return Finding(ok=True, says=says)
    journal_mode = str(session.execute(text("PRAGMA journal_mode")).scalar_one())
    synchronous = int(session.execute(text("PRAGMA synchronous")).scalar_one())
    # 2 is FULL, 3 is EXTRA, which a rollback journal needs.
    ok = synchronous >= (2 if journal_mode == "wal" else 3)
    return Finding(ok, says | {"journal": journal_mode, "synchronous": synchronous})


def is_current(session: Session, _now: datetime) -> Finding:
    """Whether the schema is the one this release was written for."""
    return Finding(revision.is_current(session.connection()), {"revision": revision.newest()})


def delivers(session: Session, now: datetime) -> Finding:
    """Whether messages to others get on; a receiver that is away keeps nobody from rating."""
    waiting = outbox.waiting(session, now)
    age = max((now - one.since for one in waiting), default=timedelta())
    says = {"waiting": sum(one.n for one in waiting), "oldest_seconds": int(age.total_seconds())}
    return Finding(age < LATE_MESSAGE, says)


def works(session: Session, now: datetime) -> Finding:
    """Whether timed work gets on."""
    last = jobs.last_done(session)
    if last is None:
        return Finding(ok=False, says={"seconds_ago": None})
    return Finding(now - last < LATE_WORK, {"seconds_ago": int((now - last).total_seconds())})


def seals_days(session: Session, now: datetime) -> Finding:
    """Whether closed days are sealed; which one is the head of their chain."""
    behind = seals.days_behind(session, clock.day_of(now))
    ok = behind is None or behind <= LATE_SEAL.days
    last = seals.last_seal(session)
    if last is None:
        return Finding(ok, {"day": None, "head": None})
    return Finding(ok, {"day": last.day.isoformat(), "head": last.seal.hex()})


def keeps_journal(session: Session, _now: datetime) -> Finding:
    """What the head of the journal's chain is, to be compared with one kept elsewhere."""
    return Finding(ok=True, says={"head": journal.head(session)})
