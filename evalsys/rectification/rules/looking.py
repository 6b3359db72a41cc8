"""What the rules look at: a case at one moment, and one line of the table of moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from evalsys.rectification.rules.fields import Field, FieldValue
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import Class


class Who(StrEnum):
    """Who makes a move; each also has to stand in the right place to the owner unit."""

    SYSTEM = "system"
    SUPERVISOR = "supervisor"
    OUTSIDE_SUPERVISOR = "outside-supervisor"
    DISPATCHER = "dispatcher"
    OWNER = "owner"
    HEAD = "head"
    CALLBACK = "callback-officer"
    LEADERSHIP = "leadership"


@dataclass(frozen=True)
class CaseAsIs:
    """What the rules look at: a case at one moment, with the days of the tries to reach the person.

    `is_reachable`: the person left a contact, or answered on the receipt page.
    """

    state: State
    profile: str
    case_class: Class | None
    owner_unit_id: int | None
    rated_staff: frozenset[int]
    is_reachable: bool
    redo_count: int
    returns: int
    may_return: bool
    was_extended: bool
    is_mistake_confirmed: bool
    dispatched_on: date | None
    finish_by: datetime | None
    contact_tries: tuple[date, ...]
    callback_tries: tuple[date, ...]
    returned_within_term: bool = True


Check = Callable[[CaseAsIs, Mapping[str, FieldValue], datetime], None]


@dataclass(frozen=True)
class Move:
    """One line of the table."""

    source: State
    target: State
    label: str
    who: frozenset[Who]
    fields: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = ()
