"""Traces: the exact second and the device mark, kept apart and destroyed within 48 hours."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import RatingTrace, TraceKey
from evalsys.kernel import clock
from evalsys.kernel.database import insert_once


def key_of_day(connection: Connection, day: date) -> bytes:
    """The key under which devices are marked on a day, made on first need and destroyed within 48 hours."""
    wanted = select(TraceKey.secret).where(TraceKey.day == day)
    secret = connection.execute(wanted).scalar()
    if secret is None:
        made = {"day": day, "secret": secrets.token_bytes(32)}
        connection.execute(insert_once(connection, TraceKey), made)
        secret = connection.execute(wanted).scalar_one()
    return secret


def destroy_traces(session: Session, now: datetime) -> int:
    """Destroy every trace before it is 48 hours old, and the keys of the days that are over; how many.

    Runs every hour: what is older than 46 hours goes, so that nothing reaches 48.
    """
    connection = session.connection()
    traces = connection.execute(delete(RatingTrace).where(RatingTrace.at < now - timedelta(hours=46)))
    # A mark serves its own day; its key goes with the first look of the next.
    keys = connection.execute(delete(TraceKey).where(TraceKey.day < clock.day_of(now)))
    return traces.rowcount + keys.rowcount
