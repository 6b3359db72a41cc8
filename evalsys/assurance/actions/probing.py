"""The synthetic probe: all five levels through every way to rate, as a citizen would, and taken back."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from evalsys.assurance.actions import asking
from evalsys.assurance.models import Probe
from evalsys.assurance.queries import probes
from evalsys.assurance.rules.probes import KEPT, Tried
from evalsys.kernel import clock, jobs, settings
from evalsys.kernel.database import db, let_go, transaction

log = logging.getLogger("evalsys")


def _claim(_session: Session, _now: datetime) -> None:
    """Nothing is done inside the claim: asking takes long, and the site asked needs the database."""


PROBE = jobs.Timed("probe", jobs.quarterly, _claim)


def probe_in_time(now: datetime, *, is_settled: bool) -> list[str]:
    """Try every way once in each quarter of an hour; the ways that did not take every level.

    Until the site is `is_settled`, a server that does not answer yet is asked again later.
    """
    site = asking.Site(settings.current().probe_url or settings.current().base_url)
    with transaction() as session:
        is_due = bool(jobs.due(session, [PROBE], now))
    if not is_due or not (is_settled or site.is_there()):
        return []
    with transaction() as session:
        if not jobs.perform(session, PROBE, now):
            return []
    try:
        ways = probes.ways(db.session(), now)
    finally:
        let_go()
    tried = asking.tried(site, ways)
    with transaction() as session:
        _keep(session, tried, now)
    broken = [one for one in tried if not one.is_well]
    for one in broken:
        log.error(
            "a way to rate is broken: %s (%s), levels taken: %s", one.entry, one.fault, one.taken or "-"
        )
    return [one.entry for one in broken]


def _keep(session: Session, tried: Sequence[Tried], now: datetime) -> None:
    """Write down what a round found, and forget what is older than 90 days."""
    day = clock.day_of(now)
    session.execute(delete(Probe).where(Probe.day < day - KEPT))
    if tried:
        session.execute(insert(Probe), [{"day": day, "at": now, **vars(one)} for one in tried])
