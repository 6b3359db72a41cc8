"""The ways there are to try, and what trying them found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import Session

from evalsys.assurance.models import Probe
from evalsys.assurance.rules.probes import ALL, ENTRIES, Day, Tried, Way
from evalsys.evaluation.queries import codes
from evalsys.identity.queries import devices
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING
from evalsys.organisation.queries import places

Reading = Session | Connection
T = TypeVar("T")


@dataclass(frozen=True)
class Latest:
    """The last round through one way, and when it was."""

    at: datetime
    tried: Tried


def ways(session: Session, now: datetime) -> list[Way]:
    """One of each way there is now; with every round the next window, tablet and kiosk has its turn."""
    today, turn = clock.day_of(now), int(now.timestamp()) // 900
    open_places = {
        place.window_id: place for place in places.places_in(session, EVERYTHING, today) if place.is_open
    }
    if not open_places:
        return []
    paired = [one for one in devices.devices_of_hall(session) if one.paired_at is not None]
    window = open_places[_in_turn(sorted(open_places), turn)]
    tablets = [one.window_id for one in paired if one.kind == "tablet" and one.window_id in open_places]
    found = []
    coded = _first(_turned(sorted(open_places), turn), lambda one: codes.text_of_window(session, one))
    if coded is not None:
        place = open_places[coded[0]]
        found.append(Way("window-code", place.window_id, place.number, place.hall_code, code=coded[1]))
    if tablets:
        place = open_places[_in_turn(tablets, turn) or 0]
        found.append(Way("tablet", place.window_id, place.number, place.hall_code))
    kiosks = [one for one in paired if one.kind == "kiosk"]
    in_halls = [
        (one, place) for one in kiosks for place in open_places.values() if place.hall_id == one.hall_id
    ]
    if in_halls:
        kiosk, place = _in_turn(in_halls, turn)
        found.append(Way("kiosk", place.window_id, place.number, place.hall_code, device=kiosk.public_id))
    for entry in ("ticket", "link"):
        found.append(Way(entry, window.window_id, window.number, window.hall_code))
    return found


def _in_turn(several: Sequence[T], turn: int) -> T:
    return several[turn % len(several)]


def _turned(several: Sequence[T], turn: int) -> list[T]:
    start = turn % len(several)
    return [*several[start:], *several[:start]]


def _first(several: Sequence[int], find: Callable[[int], str | None]) -> tuple[int, str] | None:
    """The first of several for which something is found, and what."""
    for one in several:
        if found := find(one):
            return one, found
    return None


def latest(session: Reading) -> dict[str, Latest]:
    """What the last round found, by the ways in there were then: one that is given up is not told of."""
    newest = select(func.max(Probe.day)).scalar_subquery()
    last = select(func.max(Probe.at)).where(Probe.day == newest).scalar_subquery()
    rows = session.execute(
        select(Probe.at, Probe.entry, Probe.taken, Probe.fault, Probe.slowest).where(
            Probe.day == newest, Probe.at == last
        )
    )
    return {row.entry: Latest(row.at, Tried(row.entry, row.taken, row.fault, row.slowest)) for row in rows}


def days(session: Reading, since: date) -> dict[str, list[Day]]:
    """How each way in did on each day."""
    well = func.sum(case((Probe.taken == ALL, 1), else_=0))
    rows = session.execute(
        select(Probe.entry, Probe.day, func.count(), well)
        .where(Probe.day >= since)
        .group_by(Probe.day, Probe.entry)
    )
    found: dict[str, list[Day]] = {entry: [] for entry in ENTRIES}
    for entry, day, rounds, n in rows:
        found.setdefault(entry, []).append(Day(day, rounds, int(n)))
    return found
