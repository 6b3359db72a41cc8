"""The steps of a case, as they are kept and as people read them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.organisation.queries import directory
from evalsys.rectification.models import CaseFile, CaseStep


@dataclass(frozen=True)
class StepTaken:
    """One step as people read it; `unit` is None for the system and the citizen.

    `after`: how long the case had stood in the state before, since the move that brought it there.
    """

    seq: int
    act: str
    at: datetime
    actor_id: int | None
    unit: str | None
    from_state: str
    to_state: str
    reason: str
    facts: Mapping[str, Any]
    files: tuple[tuple[str, str], ...]
    after: timedelta | None = None


def facts_of(kept: str) -> Mapping[str, Any]:
    """The fields of a step's move, as they were kept."""
    said: Mapping[str, Any] = json.loads(kept)
    return said


def steps(session: Session | Connection, case_id: int, now: datetime) -> Sequence[StepTaken]:
    """The steps of a case in their order, each with its files and the time that went before it."""
    names = directory.units_on(session, clock.day_of(now))
    files: dict[int, list[tuple[str, str]]] = {}
    handed_in = select(CaseFile.seq, CaseFile.sha256, CaseFile.name).where(CaseFile.case_id == case_id)
    for seq, sha256, name in session.execute(handed_in.order_by(CaseFile.seq, CaseFile.name)):
        files.setdefault(seq, []).append((sha256, name))
    rows = session.execute(
        select(*CaseStep.__table__.c).where(CaseStep.case_id == case_id).order_by(CaseStep.seq)
    )
    taken, since = [], None
    for row in rows:
        moves = row.from_state != row.to_state
        taken.append(
            StepTaken(
                seq=row.seq,
                act=row.act,
                at=row.at,
                actor_id=row.actor_id,
                unit=None if row.actor_unit_id is None else names[row.actor_unit_id].name,
                from_state=row.from_state,
                to_state=row.to_state,
                reason=row.reason,
                facts=facts_of(row.facts),
                files=tuple(files.get(row.seq, ())),
                after=row.at - since if moves and since is not None else None,
            )
        )
        since = row.at if moves else since
    return taken
