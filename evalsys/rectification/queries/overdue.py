"""Open cases whose clocks have run out, and which light was already told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.rectification.models import Case, SupervisionNotice
from evalsys.rectification.rules.lights import Light
from evalsys.rectification.rules.states import OPEN

_OPEN = sorted(OPEN)


@dataclass(frozen=True)
class LightChanged:
    """A clock of a case that has passed one of its red lights without a 督办单 yet."""

    case_id: int
    no: str
    seq: int
    state: str
    light: Light
    owner_unit_id: int | None
    due_at: datetime
    changed_at: datetime


def changed_lights(session: Session | Connection, now: datetime) -> Sequence[LightChanged]:
    """Every red light of open cases that nobody was told of, in the order in which the lights changed."""
    rows = session.execute(
        select(
            Case.id,
            Case.no,
            Case.version,
            Case.state,
            Case.owner_unit_id,
            Case.clocked_from,
            Case.due_at,
            Case.red2_at,
            Case.red3_at,
        ).where(Case.state.in_(_OPEN), Case.due_at <= now)
    ).all()
    told = _told(session, [row.id for row in rows])
    found = [
        LightChanged(row.id, row.no, row.version, row.state, light, row.owner_unit_id, row.due_at, changed_at)
        for row in rows
        for light, changed_at in (
            (Light.RED, row.due_at),
            (Light.RED_2, row.red2_at),
            (Light.RED_3, row.red3_at),
        )
        if changed_at is not None
        and changed_at <= now
        and (row.id, row.state, row.due_at, light.value) not in told
    ]
    return sorted(found, key=lambda change: (change.changed_at, change.case_id))


_AT_ONCE = 500  # ids in one statement


def _told(
    session: Session | Connection, case_ids: Sequence[int]
) -> frozenset[tuple[int, str, datetime, str]]:
    told: set[tuple[int, str, datetime, str]] = set()
    for start in range(0, len(case_ids), _AT_ONCE):
        notices = session.execute(
            select(
                SupervisionNotice.case_id,
                SupervisionNotice.state,
                SupervisionNotice.due_at,
                SupervisionNotice.light,
            ).where(SupervisionNotice.case_id.in_(case_ids[start : start + _AT_ONCE]))
        )
        told |= {(case_id, state, due_at, light) for case_id, state, due_at, light in notices}
    return frozenset(told)
