"""The cases behind one figure: those that count, and those that do not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, exists, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.kernel.periods import Period
from evalsys.organisation.queries import directory
from evalsys.rectification.models import Appeal, Case
from evalsys.rectification.queries import figures
from evalsys.rectification.queries.lines import lines
from evalsys.rectification.queries.queue import PAGE, CasePage, UnknownFilter, visible
from evalsys.rectification.rules.appeals import AppealState
from evalsys.rectification.rules.figures import OF_APPEALS, Figure


class Part(StrEnum):
    """Which of a figure's cases: all it is of, those that count, or the others."""

    ALL = "all"
    COUNTED = "counted"
    OTHERS = "others"


def part_asked(said: str) -> Part:
    """The part an address asks for, all where it asks for none; raises UnknownFilter."""
    if said and said not in list(Part):
        raise UnknownFilter("没有“{value}”这一项,可选:{known}。", value=said[:40], known="、".join(Part))
    return Part(said or Part.ALL)


@dataclass(frozen=True)
class Wanted:
    """One figure's cases: of a period and a kind, of one unit ('' for all), and which part of them."""

    figure: Figure
    period: Period
    kind: str
    unit: str
    part: Part


def cases_behind(
    session: Session | Connection, wanted: Wanted, actor: Actor, now: datetime, cursor: int | None = None
) -> CasePage:
    """The cases behind a figure, the latest first; a page of them before a cursor."""
    statement = select(*Case.__table__.c).where(
        _condition(wanted, now), visible(actor, clock.day_of(now)), _of_unit(session, wanted, now)
    )
    if cursor is not None:
        statement = statement.where(Case.id < cursor)
    rows = session.execute(statement.order_by(Case.id.desc()).limit(PAGE + 1)).all()
    following = str(rows[PAGE - 1].id) if len(rows) > PAGE else None
    return CasePage(lines(session, rows[:PAGE], now), following)


def _condition(wanted: Wanted, now: datetime) -> ColumnElement[bool]:
    if wanted.figure in OF_APPEALS:
        first, last = wanted.period.first, wanted.period.last
        of, counts = _parts_of_appeals()[wanted.figure]
        within = and_(Case.visible_from.between(first, last), of)
    else:
        of, counts = figures.parts_of_figures(now)[wanted.figure]
        within = and_(figures.cohort(wanted.period, wanted.kind), Case.owner_unit_id.is_not(None), of)
    if wanted.part is Part.ALL:
        return within
    return and_(within, counts if wanted.part is Part.COUNTED else ~counts)


def _parts_of_appeals() -> Mapping[Figure, tuple[ColumnElement[bool], ColumnElement[bool]]]:
    """As `appeals.counts` counts ratings, by the cases these are in."""
    appealed = exists().where(Appeal.case_id == Case.id)
    decided = exists().where(Appeal.case_id == Case.id, Appeal.decided_at.is_not(None))
    upheld = exists().where(Appeal.case_id == Case.id, Appeal.state == AppealState.UPHELD.value)
    about_ratings = Case.kind.in_(figures.BAD_REVIEWS)
    return {Figure.APPEALED: (about_ratings, appealed), Figure.UPHELD: (decided, upheld)}


def _of_unit(session: Session | Connection, wanted: Wanted, now: datetime) -> ColumnElement[bool]:
    column = Case.unit_id if wanted.figure in OF_APPEALS else Case.owner_unit_id
    if not wanted.unit:
        return column.is_not(None)
    for unit in directory.units_on(session, clock.day_of(now)).values():
        if unit.code == wanted.unit:
            return column == unit.id
    raise UnknownFilter("没有代码为“{code}”的部门。", code=wanted.unit[:40])
