"""Cases as lines of a list: codes and names of today, the light, and the time that is left in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import ratings
from evalsys.evaluation.queries.ratings import TagOffer
from evalsys.kernel import clock
from evalsys.organisation.queries import directory
from evalsys.rectification.models import CaseTag
from evalsys.rectification.queries.facts import clocks_of
from evalsys.rectification.rules.lights import Light, light
from evalsys.rectification.rules.states import OPEN, State
from evalsys.rectification.rules.terms import Class, finish_term
from evalsys.worktime import queries as worktime
from evalsys.worktime import rules as calendars
from evalsys.worktime.rules import Calendar, Clock

Sentence = tuple[str, Mapping[str, int]]


@dataclass(frozen=True)
class CaseLine:
    """One case in a list, by codes and names of today; `left` is what is left of its present clock.

    `is_bare`: as the rated side sees it, to whom nothing finer than a day may be told.
    """

    id: int
    no: str
    state: State
    kind: str
    profile: str
    opened_at: datetime
    opened_on: date
    half_day: str
    due_at: datetime | None
    finish_by: datetime | None
    light: Light
    term: str
    level: int | None
    window: str | None
    window_number: str | None
    department: str | None
    department_code: str | None
    owner: str | None
    owner_code: str | None
    version: int
    left: Sentence | None = None
    item: str | None = None
    tags: Sequence[TagOffer] = field(default_factory=tuple)
    is_ruling: bool = False
    is_bare: bool = False


def lines(session: Session | Connection, rows: Sequence[Row[Any]], now: datetime) -> Sequence[CaseLine]:
    """Rows of cases as lines; a fixed number of reads, whatever the number of rows."""
    if not rows:
        return []
    today = clock.day_of(now)
    windows, units = directory.windows_on(session, today), directory.units_on(session, today)
    items = directory.items_named(session, {row.item_id for row in rows if row.item_id is not None})
    tags, calendar = _tags(session, rows), _calendar(session, rows, now)
    return [
        CaseLine(
            id=row.id,
            no=row.no,
            state=State(row.state),
            kind=row.kind,
            profile=row.profile,
            opened_at=row.opened_at,
            opened_on=row.opened_on,
            half_day=row.half_day,
            due_at=row.due_at,
            finish_by=row.finish_by,
            light=light(clocks_of(row), now) if row.state in OPEN else Light.GREEN,
            term=row.term,
            level=row.level,
            window=None if row.window_id is None else windows[row.window_id].code,
            window_number=None if row.window_id is None else windows[row.window_id].number,
            department=None if row.unit_id is None else units[row.unit_id].name,
            department_code=None if row.unit_id is None else units[row.unit_id].code,
            owner=None if row.owner_unit_id is None else units[row.owner_unit_id].name,
            owner_code=None if row.owner_unit_id is None else units[row.owner_unit_id].code,
            version=row.version,
            left=_left(row, row.due_at, _clock_of_state(row), now, calendar),
            item=None if row.item_id is None else items[row.item_id][1],
            tags=tags.get(row.id, ()),
            is_ruling=row.state == State.RETURN_REQUESTED and row.returns > 1,
        )
        for row in rows
    ]


def for_the_rated(line: CaseLine, now: datetime) -> CaseLine:
    """A line as the rated side sees it: clocks of hours would tell when the rater tapped.

    Its light is by the whole case's last day alone: red after it, green until then.
    """
    last = None if line.finish_by is None else clock.day_of(line.finish_by - clock.INSTANT)
    is_over = line.state in OPEN and last is not None and clock.day_of(now) > last
    shown = Light.RED if is_over else Light.GREEN
    return replace(line, due_at=None, left=None, light=shown, is_bare=True)


def finish_left(session: Session | Connection, row: Row[Any], now: datetime) -> Sentence | None:
    """What is left of the whole case's term."""
    return _left(row, row.finish_by, _clock_of_case(row), now, _calendar(session, [row], now))


def _calendar(session: Session | Connection, rows: Sequence[Row[Any]], now: datetime) -> Calendar:
    ends = [end for row in rows for end in (row.due_at, row.finish_by, now) if end is not None]
    return worktime.calendar(session, clock.day_of(min(ends)), clock.day_of(max(ends)))


def _clock_of_case(row: Row[Any]) -> Clock:
    case_class = None if row.case_class is None else Class(row.case_class)
    return finish_term(row.profile, case_class).clock


def _clock_of_state(row: Row[Any]) -> Clock:
    """The clock a state's term is counted on: kept beside the term, or the whole case's."""
    kept = row.term.partition(" ")[2]
    return Clock(kept) if kept else _clock_of_case(row)


def _left(
    row: Row[Any], due: datetime | None, on: Clock, now: datetime, calendar: Calendar
) -> Sentence | None:
    if due is None or row.state not in OPEN:
        return None
    return calendars.words_of(calendars.left(now, due, on, calendar))


def _tags(session: Session | Connection, rows: Sequence[Row[Any]]) -> Mapping[int, Sequence[TagOffer]]:
    """The tags of some cases in plain words, by code."""
    wanted = select(CaseTag.case_id, CaseTag.tag).where(CaseTag.case_id.in_([row.id for row in rows]))
    chosen = session.execute(wanted.order_by(CaseTag.tag)).all()
    offers = {offer.code: offer for offer in ratings.tags_of_bad_levels(session)} if chosen else {}
    found: dict[int, list[TagOffer]] = {}
    for case_id, tag in chosen:
        if tag in offers:
            found.setdefault(case_id, []).append(offers[tag])
    return found
