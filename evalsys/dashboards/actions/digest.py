"""Sending the weekly digest: a notice to leaders and supervisors, and a mail where there is a mail server."""

from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.dashboards.queries.digest import digest
from evalsys.dashboards.rules.digest import NOTICE
from evalsys.kernel import clock, notices, outbox, settings
from evalsys.kernel.periods import WEEKS, closing_of

READERS = ("leadership", "supervisor")


def weekly(instant: datetime) -> str:
    """The week of an instant on the hall's clock: the digest of the week before it is sent once in it."""
    return closing_of(WEEKS, clock.day_of(instant)).name


def send_digest(session: Session, now: datetime) -> None:
    """Tell of the last week that is over; a second time changes nothing."""
    told, connection = digest(session, settings.current(), now), session.connection()
    period = told.closing.period
    for role in READERS:
        notices.notify(
            connection,
            to_role=role,
            sentence=NOTICE,
            values=told.values,
            link=f"/rankings/departments?from={period.first}&to={period.last}",
            dedupe_key=f"digest-{told.closing.name}-{role}",
            at=now,
        )
    outbox.put(
        connection,
        "digest.week",
        {"week": told.closing.name, "subject": told.subject, "body": told.body},
        f"digest-{told.closing.name}",
        now,
    )
