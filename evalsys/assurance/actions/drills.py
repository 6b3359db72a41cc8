"""Drills: every night a backup is restored beside the site and looked through, and one knows it can be."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.assurance.actions import backups
from evalsys.assurance.actions.backups import Restored
from evalsys.assurance.models import Drill
from evalsys.evaluation.queries import entries
from evalsys.kernel import clock, jobs, site
from evalsys.kernel.backups.archive import Watch
from evalsys.kernel.backups.scratch import scratch
from evalsys.kernel.settings import Settings

LONGEST_ERROR = 200  # signs
BEGINS = timedelta(hours=3)  # after midnight: the days are sealed, and nobody is there


def nightly(instant: datetime) -> str:
    """The night of an instant, by the day that has begun: at three in the morning."""
    return jobs.daily(instant - BEGINS)


def ask(session: Session, now: datetime) -> None:
    """Ask for a drill, which a process of its own does: it takes long, and must not hold the other jobs up.

    A demo needs none, nor does a site without a rating of an earlier day.
    """
    first = entries.first_day(session)
    if first is not None and first < clock.day_of(now) and not site.is_demo(session):
        session.add(Drill(asked_at=now))


def begin(session: Session, now: datetime) -> int:
    """Begin a drill that somebody wants at once; its number."""
    drill = Drill(asked_at=now, began_at=now)
    session.add(drill)
    session.flush()
    return drill.id


def begin_asked(session: Session, now: datetime) -> int | None:
    """Begin the drill that was asked for last, and forget the earlier ones; None where there is none."""
    waiting = select(Drill.id).where(Drill.began_at.is_(None))
    taken = update(Drill).where(Drill.id.in_(waiting), Drill.began_at.is_(None))
    numbers = session.execute(taken.values(began_at=now).returning(Drill.id)).scalars().all()
    for passed_over in sorted(numbers)[:-1]:
        end(session, passed_over, now, "由后一次演练代替。")
    return max(numbers, default=None)


def end(session: Session, number: int, now: datetime, found: Restored | str) -> None:
    """Write down what a drill found, or why it found nothing."""
    values: dict[str, object] = {"ended_at": now}
    if isinstance(found, str):
        values["error"] = found[:LONGEST_ERROR]
    else:
        values |= {
            "backup_at": found.manifest.made_at,
            "size": found.size,
            "seconds": found.seconds,
            "ratings": found.verdict["ratings"],
            "differences": found.differences,
        }
        if found.manifest.missing:
            values["error"] = f"备份时有{len(found.manifest.missing)}个上传的文件找不到或已损坏。"
    session.execute(update(Drill).where(Drill.id == number).values(values))


def drill(own: Settings, file: Path | None, now: datetime, watch: Watch) -> Restored:
    """Restore a backup beside the site and look it through; a fresh one unless a file is named.

    A fresh one stays in the folder of backups, where the settings name one.
    """
    with scratch(own) as place:
        if file is None:
            folder = own.backup_folder or place.instance / "backup"
            file = backups.back_up_into(folder, own, now, watch, own.backups_kept)
        return backups.restore(place, file, watch)
