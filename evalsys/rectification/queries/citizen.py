"""A case as the rater meets it on the receipt page: in plain words, by days, without names of staff."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import follow_ups, ratings
from evalsys.evaluation.queries.follow_ups import FollowUp
from evalsys.evaluation.rules.following_up import FOLLOW_UP_DAYS
from evalsys.kernel import clock
from evalsys.kernel.secrets import digest, spelled
from evalsys.organisation.queries import directory, halls
from evalsys.organisation.rules import WindowKind
from evalsys.rectification.models import CaseStep, Confirmation
from evalsys.rectification.queries import contacts, facts, messages
from evalsys.rectification.queries.messages import Message
from evalsys.rectification.rules.citizens import CITIZEN_WORDS, EXTENDED, WITHOUT_A_DAY
from evalsys.rectification.rules.states import NOT_YET_DISPATCHED, OPEN, State
from evalsys.rectification.rules.terms import REOPEN_DAYS, Class
from evalsys.worktime import queries as worktime

STATIONS_SHOWN = 8


@dataclass(frozen=True)
class Station:
    """Where a case was from a day on: a sentence that may name a unit."""

    day: date
    words: str
    unit: str


@dataclass(frozen=True)
class Said:
    """The rater's own last word on the handling."""

    solved: str
    handling: str | None


@dataclass(frozen=True)
class CitizensCase:
    """A case as the rater sees it, and what the rater may do now."""

    no: str
    state: State
    now: Station
    owner: str
    answer_by: date | None
    is_late: bool
    reply: str
    replied_on: date | None
    stations: Sequence[Station]
    messages: Sequence[Message]
    contact: str | None
    said: Said | None
    follow_up: FollowUp | None
    asks_mistake: bool
    is_mistake_confirmed: bool
    may_confirm: bool
    may_follow_up: bool
    may_write: bool
    may_give_contact: bool
    desk: str | None


def root_behind(session: Session | Connection, receipt: str) -> int | None:
    """The root rating behind a receipt, however it was typed."""
    return ratings.root_of_receipt(session, digest(spelled(receipt)))


def case_of_citizen(session: Session | Connection, root: int, now: datetime) -> CitizensCase | None:
    """The case about a rating, as its rater sees it; None where there is none."""
    case_id = facts.case_of_rating(session, root)
    row = None if case_id is None else facts.case_row(session, case_id)
    if row is None:
        return None
    names = {unit.id: unit.name for unit in directory.units_on(session, clock.day_of(now)).values()}
    steps = standing_steps(session, row.id)
    state = State(row.state)
    owner = names.get(row.owner_unit_id or 0, "")
    reply, replied_at = _reply(steps)
    answered = answered_at(steps)
    extra = follow_ups.follow_ups(session, [root]).get(root)
    is_open = state in OPEN
    is_recent = row.closed_at is not None and may_reopen(row.closed_at, now)
    is_cancelled = state is State.CANCELLED
    return CitizensCase(
        no=row.no,
        state=state,
        now=Station(clock.day_of(now), CITIZEN_WORDS[state], owner),
        owner=owner,
        # A term ends at 24:00, which is the next day's first instant.
        answer_by=clock.day_of(row.finish_by - clock.INSTANT) if _promises(row, state) else None,
        is_late=row.finish_by is not None and now >= row.finish_by,
        reply=reply,
        replied_on=replied_at and clock.day_of(replied_at),
        stations=_stations(steps, names),
        messages=messages.of_citizen(session, row.id, root),
        contact=contacts.contact_of_rating(session, root),
        said=said(session, row.id, root),
        follow_up=extra,
        asks_mistake=is_mistake_open(session, row, root),
        is_mistake_confirmed=row.is_mistake_confirmed,
        may_confirm=state is State.CALLBACK or (state is State.CLOSED and is_recent),
        may_follow_up=extra is None and not is_cancelled and may_follow_up(answered, now),
        may_write=may_write(state, row.closed_at, now),
        may_give_contact=is_open,
        desk=open_desk(session, row.hall_id, now) if is_open else None,
    )


def _promises(row: Row[Any], state: State) -> bool:
    return row.finish_by is not None and state in OPEN and state not in WITHOUT_A_DAY


def _last_moment(since: datetime, days: int) -> datetime:
    return clock.end_of(clock.day_of(since) + timedelta(days=days))


def may_follow_up(answered: datetime | None, now: datetime) -> bool:
    """Whether a follow-up rating is taken: after the answer, for thirty days."""
    return answered is not None and now < _last_moment(answered, FOLLOW_UP_DAYS)


def may_reopen(closed_at: datetime, now: datetime) -> bool:
    """Whether the rater's word still takes a closed case up again."""
    return now < _last_moment(closed_at, REOPEN_DAYS)


def may_write(state: State, closed_at: datetime | None, now: datetime) -> bool:
    """Whether the rater's messages are taken: while the case is open, and as long as it may be again."""
    if state is State.CLOSED:
        return closed_at is not None and may_reopen(closed_at, now)
    return state in OPEN


def standing_steps(session: Session | Connection, case_id: int) -> Sequence[Row[Any]]:
    """The moves of a case that were not taken back, in order."""
    rows = session.execute(
        select(*CaseStep.__table__.c)
        .where(CaseStep.case_id == case_id, CaseStep.act.in_(("open", "move", "undo")))
        .order_by(CaseStep.seq)
    ).all()
    undone = {json.loads(row.facts)["undone"] for row in rows if row.act == "undo"}
    return [row for row in rows if row.act != "undo" and row.seq not in undone]


def _reply(steps: Sequence[Row[Any]]) -> tuple[str, datetime | None]:
    """The owner's last reply that an outside supervisor accepted, and when."""
    written, passed = "", ("", None)
    for step in steps:
        if step.to_state == State.SUBMITTED:
            written = str(json.loads(step.facts).get("reply", ""))
        if step.to_state == State.CALLBACK:
            passed = (written, step.at)
    return passed


def reply_to(session: Session | Connection, case_id: int) -> str:
    """The owner's last reply that an outside supervisor accepted, or ''."""
    return _reply(standing_steps(session, case_id))[0]


def answered_at(steps: Sequence[Row[Any]]) -> datetime | None:
    """When the rater was last answered: the reply passed on, or the case closed."""
    return max((step.at for step in steps if step.to_state in (State.CALLBACK, State.CLOSED)), default=None)


def _stations(steps: Sequence[Row[Any]], names: dict[int, str]) -> Sequence[Station]:
    """The days of a case, one line for each change that means something to the rater; the last ones."""
    found: list[Station] = []
    for step in steps:
        given = json.loads(step.facts)
        owner = int(given["owner"]) if "owner" in given else step.owner_unit_id
        words = CITIZEN_WORDS[State(step.to_state)]
        if step.from_state == State.EXTENSION_REQUESTED and given.get("granted") == "yes":
            words = EXTENDED
        station = Station(clock.day_of(step.at), words, names.get(owner or 0, ""))
        if not found or (found[-1].words, found[-1].unit) != (station.words, station.unit):
            found.append(station)
    return found[-STATIONS_SHOWN:]


def said(session: Session | Connection, case_id: int, root: int) -> Said | None:
    """The rater's own last word on the handling of a case."""
    row = session.execute(
        select(Confirmation.solved, Confirmation.handling)
        .where(Confirmation.case_id == case_id, Confirmation.root == root)
        .order_by(Confirmation.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else Said(*row)


def is_mistake_open(session: Session | Connection, row: Row[Any], root: int) -> bool:
    """Whether the rater is asked if it was a mistake: triaged as one, about this rating alone, unanswered."""
    return (
        row.case_class == Class.MISTAKE
        and State(row.state) in NOT_YET_DISPATCHED
        and not row.is_mistake_confirmed
        and facts.roots_of(session, row.id) == (root,)
    )


def open_desk(session: Session | Connection, hall_id: int | None, now: datetime) -> str | None:
    """The number of the hall's 办不成事 window, while somebody sits there."""
    if hall_id is None or not is_open_now(session, hall_id, now):
        return None
    windows = halls.open_windows(session, hall_id, clock.day_of(now))
    return next((place.number for place in windows if place.kind == WindowKind.NOT_DONE), None)


def is_open_now(session: Session | Connection, hall_id: int, now: datetime) -> bool:
    """Whether a hall is open: by its own hours, or in office hours of a working day where none are set."""
    if worktime.hours_of_hall(session, hall_id):
        return worktime.hall_is_open(session, hall_id, now)
    moment = clock.local(now)
    if not worktime.is_working_day(session, moment.date()):
        return False
    return any(opens <= moment.time() < closes for opens, closes in worktime.office_hours(session))
