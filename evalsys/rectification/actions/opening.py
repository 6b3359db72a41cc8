"""Opening a case, whatever it comes from, in the transaction of what opens it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, insert

from evalsys.kernel import clock, reactions
from evalsys.kernel.access import Actor
from evalsys.kernel.statements import insert_into
from evalsys.rectification.actions import clocks
from evalsys.rectification.actions.steps import as_json
from evalsys.rectification.events import CaseOpened
from evalsys.rectification.models import Case, CaseNumber, CaseStep
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import Kind
from evalsys.worktime import queries as worktime

_numbers: Any = CaseNumber.__table__


@cache
def _next(engine: str) -> Any:
    return (
        insert_into(engine, CaseNumber)
        .values(last=1)
        .on_conflict_do_update(index_elements=["day"], set_={"last": _numbers.c.last + 1})
        .returning(_numbers.c.last)
    )


@dataclass(frozen=True)
class NewCase:
    """What a case is opened with; `unit_id` is the unit it is about, not the one that will work on it.

    `runs_from`: from when its clocks run, where that is not the moment it is opened.
    """

    kind: Kind
    profile: str
    at: datetime
    level: int | None = None
    window_id: int | None = None
    hall_id: int | None = None
    unit_id: int | None = None
    item_id: int | None = None
    half_day: str = ""
    is_reachable: bool = False
    not_after: datetime | None = None
    runs_from: datetime | None = None
    by: Actor | None = None
    reason: str = ""


def open_case(connection: Connection, new: NewCase) -> int:
    """Open a case in the state NEW with both its clocks running; returns its id."""
    row = _first_row(connection, new)
    case_id = connection.execute(insert(Case).values(**row).returning(Case.id)).scalar_one()
    connection.execute(
        insert(CaseStep).values(
            case_id=case_id,
            seq=1,
            act="open",
            at=new.at,
            actor_id=new.by and new.by.account_id,
            actor_unit_id=new.by and new.by.unit_id,
            from_state="",
            to_state=State.NEW.value,
            reason=new.reason,
            facts=as_json({}),
            before=as_json({}),
            due_after=row["due_at"],
        )
    )
    reactions.publish(connection, CaseOpened(case_id, new.kind.value, new.profile, new.unit_id, new.at))
    return case_id


_TAKEN_OVER = (
    "profile",
    "level",
    "window_id",
    "hall_id",
    "unit_id",
    "item_id",
    "half_day",
    "is_reachable",
    "not_after",
)


def _first_row(connection: Connection, new: NewCase) -> dict[str, Any]:
    day = clock.day_of(new.at)
    row: dict[str, Any] = {name: getattr(new, name) for name in _TAKEN_OVER} | {
        "no": _number(connection, day),
        "kind": new.kind.value,
        "state": State.NEW.value,
        "case_class": None,
        "opened_at": new.at,
        "opened_on": day,
        "visible_from": worktime.working_days_after(connection, day, 1),
        "counted_from": new.runs_from or new.at,
        "not_before": None,
        "asked_days": 0,
        "extended_days": 0,
        "dispatched_at": None,
        "version": 1,
    }
    calendar = clocks.calendar_from(connection, row["counted_from"])
    row["finish_by"] = clocks.finish_by(row, calendar)
    return row | clocks.wound(row, row["counted_from"], calendar)


def _number(connection: Connection, day: date) -> str:
    """The next number of a day: nobody else gets the same, and none is left out."""
    last = connection.execute(_next(connection.dialect.name), {"day": day}).scalar_one()
    return f"{day:%Y%m%d}-{last:04}"
