"""The one place where a case changes: a step is added and the case's columns follow, in one transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from evalsys.kernel import clock, masking
from evalsys.kernel.access import Actor
from evalsys.organisation.queries import units
from evalsys.rectification.models import Case, CaseFile, CaseStep
from evalsys.rectification.rules import Changed
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import STATE_WORDS, State

_columns = Case.__table__.c
_INSTANTS = frozenset(
    column.name for column in _columns if column.name.endswith(("_at", "_from", "_by", "_after", "_before"))
)


@dataclass(frozen=True)
class Step:
    """What one step says: the kind of act, who did it (None: the system, a citizen), why, with what."""

    act: str
    at: datetime
    actor: Actor | None = None
    reason: str = ""
    facts: Mapping[str, FieldValue] = field(default_factory=dict)
    files: tuple[tuple[str, str], ...] = ()


def locked(connection: Connection, case_id: int, version: int | None = None) -> Row[Any]:
    """A case's row, held until the transaction ends.

    Raises LookupError where there is none, Changed where somebody has moved it since `version`.
    """
    row = connection.execute(select(*_columns).where(_columns.id == case_id).with_for_update()).first()
    if row is None:
        raise LookupError("no such case")
    if version is not None and version != row.version:
        raise Changed(
            "这件刚才已有人办过一步({words}),您的没有保存。请看过最新情况再办。",
            words=_last_words(connection, row),
        )
    return row


def _last_words(connection: Connection, row: Row[Any]) -> str:
    """Who changed what: the state it went to, and by which unit's hand."""
    step = connection.execute(
        select(CaseStep.to_state, CaseStep.actor_unit_id)
        .where(CaseStep.case_id == row.id)
        .order_by(CaseStep.seq.desc())
        .limit(1)
    ).one()
    names = units.unit_names(connection, clock.today())
    who = "系统" if step.actor_unit_id is None else names[step.actor_unit_id]
    return f"{who}:{STATE_WORDS[State(step.to_state)]}"


def add_step(connection: Connection, row: Row[Any], step: Step, changes: Mapping[str, Any]) -> int:
    """Write a step and what it changes on the case; returns its number. `row` must be locked."""
    seq = int(row.version) + 1
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    connection.execute(
        insert(CaseStep).values(
            case_id=row.id,
            seq=seq,
            act=step.act,
            at=step.at,
            actor_id=step.actor and step.actor.account_id,
            actor_unit_id=step.actor and step.actor.unit_id,
            owner_unit_id=row.owner_unit_id,
            from_state=row.state,
            to_state=changed.get("state", row.state),
            # Steps are never changed: a number that leads to a person must not get into them.
            reason=masking.masked(step.reason),
            facts=as_json({name: _harmless(value) for name, value in step.facts.items()}),
            before=as_json({name: getattr(row, name) for name in changed}),
            due_before=row.due_at,
            due_after=changed.get("due_at", row.due_at),
        )
    )
    connection.execute(update(Case).where(Case.id == row.id).values(version=seq, **changed))
    if step.files:
        connection.execute(
            insert(CaseFile),
            [{"case_id": row.id, "seq": seq, "sha256": sha256, "name": name} for sha256, name in step.files],
        )
    return seq


def _harmless(value: FieldValue) -> FieldValue:
    return masking.masked(value) if isinstance(value, str) else value


def as_json(values: Mapping[str, Any]) -> str:
    """Values of a step as they are kept."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=_written)


def _written(value: object) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(f"cannot keep {type(value).__name__} in a step")


def columns_before(step: Row[Any]) -> dict[str, Any]:
    """The columns a step changed, as they were before it."""
    kept: dict[str, Any] = json.loads(step.before)
    return {
        name: datetime.fromisoformat(value) if name in _INSTANTS and value is not None else value
        for name, value in kept.items()
    }
