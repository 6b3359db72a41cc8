"""The site's figures for programs that watch it: how it answers, writes and delivers; no window, no level."""

import shutil
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.assurance.queries import probes, seals
from evalsys.kernel import clock, jobs, metrics, outbox, readiness, settings
from evalsys.kernel.metrics import Key

# Each figure's kind and what it means, as programs are told.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "evalsys_requests_total": ("counter", "Requests answered, by method, route and status."),
    "evalsys_request_seconds": ("histogram", "How long answers took, by route."),
    "evalsys_writes_total": ("counter", "Actions of citizens and devices that were committed or refused."),
    "evalsys_commit_seconds": ("histogram", "How long a commit of some of them took."),
    "evalsys_writer_waiting": ("gauge", "Actions that waited after the last commit."),
    "evalsys_ready": ("gauge", "1 where a rating would be taken now."),
    "evalsys_check_ok": ("gauge", "1 for each check of /readyz that found all well."),
    "evalsys_disk_free_bytes": ("gauge", "Room on the disk of the instance folder."),
    "evalsys_outbox_waiting": ("gauge", "Messages that are due and not delivered."),
    "evalsys_outbox_oldest_seconds": ("gauge", "How long the oldest of them has waited."),
    "evalsys_sealed_days_behind": ("gauge", "Days since the latest sealed one."),
    "evalsys_work_seconds_ago": ("gauge", "When timed work was last done."),
    "evalsys_way_ok": ("gauge", "1 for each way to rate that took every level when last tried."),
}
# Of processes that run: what one that ended showed last means nothing.
SHOWN = frozenset({"evalsys_writer_waiting"})


def figures(session: Session, now: datetime) -> dict[Key, list[float]]:
    """Every figure there is now, under its name and labels."""
    examined = readiness.examined()
    instance = settings.current().instance
    found: dict[Key, list[float]] = metrics.read(instance, SHOWN)
    found["evalsys_ready", ""] = [float(examined.ready)]
    for name, check in examined.checks.items():
        found["evalsys_check_ok", f'check="{name}"'] = [float(bool(check["ok"]))]
    found["evalsys_disk_free_bytes", ""] = [float(shutil.disk_usage(instance).free)]
    waiting = outbox.waiting(session, now)
    found["evalsys_outbox_waiting", ""] = [float(sum(one.n for one in waiting))]
    oldest = max(((now - one.since).total_seconds() for one in waiting), default=0.0)
    found["evalsys_outbox_oldest_seconds", ""] = [oldest]
    behind = seals.days_behind(session, clock.day_of(now))
    if behind is not None:
        found["evalsys_sealed_days_behind", ""] = [float(behind)]
    if worked := jobs.last_done(session):
        found["evalsys_work_seconds_ago", ""] = [(now - worked).total_seconds()]
    for entry, latest in probes.latest(session).items():
        found["evalsys_way_ok", f'entry="{entry}"'] = [float(latest.tried.is_well)]
    return found
