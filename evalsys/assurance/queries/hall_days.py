"""A closed day as the signals see it, hall by hall."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.assurance.models import SignalDay
from evalsys.assurance.rules.taps import Five, HallDay, Tap, grouped
from evalsys.evaluation.queries import taps
from evalsys.evaluation.queries.taps import Given
from evalsys.kernel import clock
from evalsys.scoring.queries import usual
from evalsys.scoring.queries.usual import Counted
from evalsys.worktime import queries as worktime

WEEKS_BEFORE = timedelta(days=28)
LEAST_DAYS = 10  # fewer say nothing about what is usual
# What others typed in or helped with tells nothing by its moment, its terminal or its device.
TYPED_IN = ("paper", "phone")


def next_day(session: Session | Connection, last: date) -> date | None:
    """The next day to go through, up to `last`; at first the week before it. None where all is done."""
    done = session.execute(select(SignalDay.day).order_by(SignalDay.day.desc()).limit(1)).scalar()
    if done is None:
        # What is older has lost its traces; half of the signals could say nothing about it.
        begun = taps.first_day(session)
        start = None if begun is None else max(begun, last - timedelta(days=6))
    else:
        start = done + timedelta(days=1)
    return start if start is not None and start <= last else None


def hall_days(session: Session | Connection, day: date, given: list[Given]) -> Iterator[tuple[int, HallDay]]:
    """Each hall that has ratings on the day, with what its windows were like in the four weeks before."""
    before = usual.counted_between(session, day - WEEKS_BEFORE, day - timedelta(days=1))
    of_windows = grouped(before, lambda counted: counted.window_id)
    # Which windows a hall has is taken from its ratings: a window without any today needs no comparison.
    for hall_id, ratings in sorted(grouped(given, lambda one: one.hall_id).items()):
        windows = {one.window_id for one in ratings}
        counted = [each for window in sorted(windows) for each in of_windows.get(window, ())]
        yield (
            hall_id,
            HallDay(day, [tap_of(one) for one in ratings], _hours(session, hall_id, day), *_before(counted)),
        )


def tap_of(given: Given) -> Tap:
    """A rating as the signals see it."""
    place = (given.root, given.window_id, given.entry, given.level, given.tags)
    if given.is_assisted or given.entry in TYPED_IN:
        return Tap(*place)
    terminal = {"tablet": f"tablet {given.window_id}", "kiosk": given.terminal}.get(given.entry, "")
    waited = None
    if given.entry == "tablet" and given.asked_at is not None and given.traced_at is not None:
        waited = max(0.0, (given.traced_at - given.asked_at).total_seconds())
    return Tap(
        *place,
        at=given.traced_at or given.received_at,
        is_exact=given.traced_at is not None,
        terminal=terminal,
        device=given.device,
        waited=waited,
    )


def _hours(
    session: Session | Connection, hall_id: int, day: date
) -> tuple[tuple[datetime, datetime], ...] | None:
    """When the hall was open; None where its hours have never been entered."""
    if not worktime.hours_of_hall(session, hall_id):
        return None
    return tuple(
        (clock.at(day, opens), clock.at(day, closes))
        for opens, closes in worktime.hall_hours_on(session, hall_id, day)
    )


def _before(counted: list[Counted]) -> tuple[dict[int, dict[date, Five]], dict[tuple[int, str], float]]:
    """Each window's levels by day, and how many ratings a day brings it by each way in."""
    levels: dict[int, dict[date, Five]] = defaultdict(dict)
    ways: dict[tuple[int, str], int] = defaultdict(int)
    for each in counted:
        so_far = levels[each.window_id].get(each.day, (0, 0, 0, 0, 0))
        five = tuple(one + other for one, other in zip(so_far, each.levels, strict=True))
        levels[each.window_id][each.day] = (five[0], five[1], five[2], five[3], five[4])
        ways[each.window_id, each.entry] += sum(each.levels)
    days = len({each.day for each in counted})
    if days < LEAST_DAYS:
        return dict(levels), {}
    return dict(levels), {way: n / days for way, n in ways.items()}
