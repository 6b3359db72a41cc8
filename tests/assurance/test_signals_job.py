"""The timed work goes through closed days, one at a time, and marks what is suspicious; no sum moves."""

import json
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.assurance.actions.signals import find_signals
from evalsys.assurance.models import MarkedRating, SignalDay, SignalHit
from evalsys.evaluation.actions.ratings import record_rating
from evalsys.evaluation.actions.traces import destroy_traces
from evalsys.evaluation.queries import taps
from evalsys.evaluation.queries.counted import counted_ratings
from evalsys.evaluation.rules import CHANNEL_OF_ENTRY, Answer, Visit
from evalsys.kernel import clock
from tests.builders import BuiltWindow, a_window

DAY = date(2026, 3, 4)
TEN = clock.at(DAY, time(10))
NIGHT = clock.at(DAY + timedelta(days=1), time(0, 30))


def rated(
    session: Session,
    window: BuiltWindow,
    at: datetime,
    *,
    entry: str = "window-code",
    device: str | None = None,
    level: int = 5,
    origin: str = "citizen",
    terminal: str = "phone",
    opened_at: datetime | None = None,
    tags: tuple[str, ...] | None = None,
) -> int:
    """A rating as a telephone or a terminal gives it; its number."""
    visit = Visit(
        window_id=window.window_id,
        hall_id=window.hall_id,
        unit_id=window.unit_id,
        entry=entry,
        channel=CHANNEL_OF_ENTRY[entry],
        opened_at=opened_at or at,
        received_at=at,
        origin=origin,
        terminal=terminal,
        device=device,
    )
    return record_rating(session.connection(), visit, Answer(level, uuid4().hex, tags=tags), uuid4().hex).root


def windows(session: Session, number: int = 8) -> list[BuiltWindow]:
    return [a_window(session, str(n)) for n in range(1, number + 1)]


def one_phone(session: Session, day_at: datetime = TEN, level: int = 5, origin: str = "citizen") -> list[int]:
    """One telephone rates eight windows, twelve times within twelve minutes."""
    there = session.info.setdefault("windows", None) or windows(session)
    session.info["windows"] = there
    moments = [day_at + timedelta(minutes=n) for n in range(12)]
    return [
        rated(session, there[n % 8], at, device="one phone", level=level, origin=origin)
        for n, at in enumerate(moments)
    ]


def hits(session: Session) -> list[SignalHit]:
    return list(session.scalars(select(SignalHit).order_by(SignalHit.id)))


def test_a_device_that_rates_many_windows_is_marked_with_its_numbers(session: Session) -> None:
    roots = one_phone(session)
    assert find_signals(session, NIGHT) == 1
    (hit,) = hits(session)
    assert (hit.kind, hit.day, hit.window_id) == ("one-device", DAY, None)
    assert json.loads(hit.evidence) == {"expected": 0.2, "minutes": 11, "ratings": 12, "windows": 8}
    marked = session.scalars(select(MarkedRating.root).where(MarkedRating.hit_id == hit.id))
    assert sorted(marked) == sorted(roots)


def test_blame_is_marked_like_praise(session: Session) -> None:
    one_phone(session, level=1)
    find_signals(session, NIGHT)
    assert [hit.kind for hit in hits(session)] == ["one-device"]


def test_a_helper_who_rates_for_many_is_no_signal(session: Session) -> None:
    one_phone(session, origin="assisted")
    assert find_signals(session, NIGHT) == 0


def test_what_is_marked_counts_on(session: Session) -> None:
    one_phone(session)
    find_signals(session, NIGHT)
    rating = counted_ratings().subquery()
    standings = session.execute(select(rating.c.standing, func.count()).group_by(rating.c.standing)).all()
    assert [tuple(row) for row in standings] == [("counted", 12)]


def test_no_mark_of_a_device_and_no_time_of_day_is_kept(session: Session) -> None:
    one_phone(session)
    find_signals(session, NIGHT)
    (hit,) = hits(session)
    assert set(json.loads(hit.evidence)) == {"ratings", "windows", "minutes", "expected"}
    assert hit.subject == "device 0"


def test_a_hall_of_many_phones_behind_one_address_is_no_signal(session: Session) -> None:
    """Two kinds of telephone, one address, all eight windows all day long."""
    there = windows(session)
    for n in range(160):
        at = clock.at(DAY, time(9)) + timedelta(minutes=3 * n)
        rated(session, there[n * 5 % 8], at, device=f"192.0.2.1 kind {n % 2}", level=4 + n % 2)
    assert find_signals(session, NIGHT) == 0
    rating = counted_ratings().subquery()
    counted = select(func.count()).select_from(rating).where(rating.c.standing == "counted")
    assert session.execute(counted).scalar_one() == 160


def test_a_day_is_gone_through_once_and_not_before_it_is_over(session: Session) -> None:
    one_phone(session)
    assert find_signals(session, clock.at(DAY, time(23, 59))) is None
    assert find_signals(session, NIGHT - timedelta(minutes=25)) is None
    assert find_signals(session, NIGHT) == 1
    assert find_signals(session, NIGHT + timedelta(minutes=1)) is None
    assert len(hits(session)) == 1


def test_days_missed_are_gone_through_one_after_the_other(session: Session) -> None:
    one_phone(session)
    find_signals(session, NIGHT)
    one_phone(session, TEN + timedelta(days=2))
    late = NIGHT + timedelta(days=4)
    found = [find_signals(session, late + timedelta(minutes=n)) for n in range(5)]
    assert found == [0, 1, 0, 0, None]
    days = session.scalars(select(SignalDay.day).order_by(SignalDay.day)).all()
    assert days == [DAY + timedelta(days=n) for n in range(5)]


def test_the_first_search_goes_back_a_week_and_no_further(session: Session) -> None:
    one_phone(session)
    find_signals(session, NIGHT + timedelta(days=30))
    assert session.scalars(select(SignalDay.day)).all() == [DAY + timedelta(days=24)]


def test_without_traces_it_is_told_how_many_were_left(session: Session) -> None:
    one_phone(session)
    destroy_traces(session, NIGHT + timedelta(days=2))
    find_signals(session, NIGHT + timedelta(days=2))
    (day,) = session.scalars(select(SignalDay))
    assert (day.ratings, day.traced) == (12, 0)


def test_a_rating_is_among_those_of_the_day_it_was_sent(session: Session) -> None:
    window = a_window(session)
    before_midnight = clock.at(DAY, time(23, 50))
    same_day = rated(session, window, before_midnight + timedelta(minutes=9))
    after_midnight = rated(session, window, NIGHT, opened_at=before_midnight, level=1, tags=("101",))
    days_later = rated(session, window, TEN + timedelta(days=6), opened_at=TEN, entry="link")
    by_day = {
        after: {one.root: one.tags for one in taps.given_on(session, DAY + timedelta(days=after))}
        for after in (-1, 0, 1, 2, 6)
    }
    assert by_day == {-1: {}, 0: {same_day: ()}, 1: {after_midnight: ("101",)}, 2: {}, 6: {days_later: ()}}
