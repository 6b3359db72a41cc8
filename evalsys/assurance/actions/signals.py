"""Going through closed days in search of what is suspicious; what is found is marked and changes no sum."""

import json
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from evalsys.assurance.models import MarkedRating, SignalDay, SignalHit
from evalsys.assurance.queries import hall_days
from evalsys.assurance.rules.signals import hits_of
from evalsys.assurance.rules.taps import VERSION, Hit
from evalsys.evaluation.queries import taps
from evalsys.kernel import clock

# A rating of the last second is stored a little later.
SETTLES = timedelta(minutes=10)


def find_signals(session: Session, now: datetime) -> int | None:
    """Go through the next closed day, if there is one left; says how many hits it has.

    One day at a time, so that nobody who rates waits for a week's work after downtime.
    """
    last = clock.day_of(now - SETTLES) - timedelta(days=1)
    day = hall_days.next_day(session, last)
    return None if day is None else _go_through(session.connection(), day, now)


def _go_through(connection: Connection, day: date, now: datetime) -> int:
    given = taps.given_on(connection, day)
    traced = sum(one.traced_at is not None for one in given)
    connection.execute(insert(SignalDay).values(day=day, ratings=len(given), traced=traced, found_at=now))
    found = 0
    for hall_id, hall in hall_days.hall_days(connection, day, given):
        for hit in hits_of(hall):
            _mark(connection, day, hall_id, hit, now)
            found += 1
    return found


def _mark(connection: Connection, day: date, hall_id: int, hit: Hit, now: datetime) -> None:
    hit_id: int = connection.execute(
        insert(SignalHit)
        .values(
            day=day,
            hall_id=hall_id,
            kind=hit.kind.value,
            subject=hit.subject[:40],
            window_id=hit.window_id,
            version=VERSION,
            evidence=json.dumps(dict(hit.evidence), ensure_ascii=False, sort_keys=True),
            ratings=len(hit.roots),
            found_at=now,
        )
        .returning(SignalHit.id)
    ).scalar_one()
    connection.execute(insert(MarkedRating), [{"hit_id": hit_id, "root": root} for root in hit.roots])
