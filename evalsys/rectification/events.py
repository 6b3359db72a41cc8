"""What the loop announces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State


@dataclass(frozen=True)
class CaseOpened:
    """A case was opened."""

    case_id: int
    kind: str
    profile: str
    unit_id: int | None
    at: datetime


@dataclass(frozen=True)
class CaseMoved:
    """A case went from one state to another; `owner_unit_id` is who has it in hand afterwards."""

    case_id: int
    seq: int
    source: State
    target: State
    actor_id: int | None
    owner_unit_id: int | None
    facts: Mapping[str, FieldValue]
    at: datetime


@dataclass(frozen=True)
class CauseEstablished:
    """A closed case's finding says where the cause lay: with a person, or beyond the clerk."""

    case_id: int
    roots: tuple[int, ...]
    cause: str | None
    at: datetime
