"""Whether every way to rate works, for everybody: what the site found when it tried them itself."""

from datetime import datetime, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from evalsys.assurance.queries import drills, probes, seals
from evalsys.assurance.rules import probes as rules
from evalsys.assurance.views.blueprint import bp
from evalsys.evaluation.rules import LEVEL_BY_VALUE
from evalsys.kernel import clock, outbox
from evalsys.kernel.access import citizen
from evalsys.kernel.database import db

LATE_MESSAGE = timedelta(hours=1)


@bp.get("/status")
@citizen
def status() -> ResponseReturnValue:
    """Show how every way to rate does, and did, and how the site keeps what it was given."""
    session, now = db.session(), clock.now()
    latest = probes.latest(session)
    waiting = outbox.waiting(session, now)
    return render_template(
        "assurance/status.html",
        overall=rules.overall([(one.at, one.tried) for one in latest.values()], now),
        ways=[way for way in rules.ENTRIES if way in latest],
        latest=latest,
        strips=_strips(now),
        entries=rules.ENTRIES,
        faults=rules.FAULTS,
        levels=LEVEL_BY_VALUE,
        seal=seals.last_seal(session),
        drill=drills.latest_drill(session, now),
        late=any(now - one.since > LATE_MESSAGE for one in waiting),
        local=clock.local,
    )


def _strips(now: datetime) -> dict[str, list[rules.Day]]:
    last = clock.day_of(now)
    found = probes.days(db.session(), last - timedelta(days=rules.SHOWN - 1))
    return {entry: rules.strip(days, last) for entry, days in found.items()}
