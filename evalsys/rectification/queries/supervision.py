"""The 督办单 that were written: to which unit, for which clock, and whether the case has moved since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.organisation.queries import directory
from evalsys.rectification.models import Case, SupervisionNotice
from evalsys.rectification.queries.queue import UnknownFilter
from evalsys.rectification.rules.lights import Light
from evalsys.rectification.rules.states import OPEN, State

PAGE = 100


@dataclass(frozen=True)
class AskedNotices:
    """Which notices are wanted: to a unit, of a light ('': any); `standing` only where nothing moved."""

    unit: str = ""
    light: str = ""
    standing: bool = True


@dataclass(frozen=True)
class Notice:
    """One 督办单; `unit` None: to the desk. `stands`: the case still is where its clock ran out."""

    no: str
    seq: int
    light: Light
    state: State
    unit: str | None
    due_at: datetime
    changed_at: datetime
    made_at: datetime
    stands: bool


@dataclass(frozen=True)
class NoticePage:
    """Notices, the latest first; `has_more` where there are older ones."""

    notices: Sequence[Notice]
    has_more: bool


_made = SupervisionNotice
_IS_OPEN = Case.state.in_(sorted(OPEN))
_STANDS = and_(Case.state == _made.state, Case.due_at == _made.due_at)


def notices(session: Session | Connection, asked: AskedNotices, now: datetime, page: int = 1) -> NoticePage:
    """A page of notices, the latest change of a light first; raises UnknownFilter."""
    units = directory.units_on(session, clock.day_of(now))
    wanted = select(*_made.__table__.c, Case.no, _STANDS.label("stands")).join(Case, Case.id == _made.case_id)
    if asked.light:
        if asked.light not in list(Light):
            raise UnknownFilter(
                "没有“{value}”这一项,可选:{known}。", value=asked.light[:40], known="、".join(Light)
            )
        wanted = wanted.where(_made.light == asked.light)
    if asked.unit:
        ids = [unit.id for unit in units.values() if unit.code == asked.unit]
        if not ids:
            raise UnknownFilter("没有代码为“{code}”的部门。", code=asked.unit[:40])
        wanted = wanted.where(_made.unit_id.in_(ids))
    # Open cases whose clock has run out are few and have an index; those of years are read from the end.
    wanted = (
        wanted.where(_STANDS, _IS_OPEN, Case.due_at <= now)
        if asked.standing
        else wanted.where(_made.changed_at <= now)
    )
    in_order = wanted.order_by(_made.changed_at.desc(), _made.case_id.desc(), _made.seq.desc())
    rows = session.execute(in_order.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    found = [
        Notice(
            no=row.no,
            seq=row.seq,
            light=Light(row.light),
            state=State(row.state),
            unit=None if row.unit_id is None else units[row.unit_id].name,
            due_at=row.due_at,
            changed_at=row.changed_at,
            made_at=row.made_at,
            stands=bool(row.stands),
        )
        for row in rows[:PAGE]
    ]
    return NoticePage(found, len(rows) > PAGE)
