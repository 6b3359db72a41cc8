"""One case as the rules look at it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select
from sqlalchemy.orm import Session

from evalsys.evaluation.queries import behind
from evalsys.kernel import clock
from evalsys.rectification.models import Case, CaseRating, CaseStep
from evalsys.rectification.rules.lights import Clocks
from evalsys.rectification.rules.looking import CaseAsIs
from evalsys.rectification.rules.states import State
from evalsys.rectification.rules.terms import Class
from evalsys.worktime import queries as worktime

_CASE = select(*Case.__table__.c)
RETURN_DAYS = 1  # working days after the dispatch within which an owner may return a case


def case_row(session: Session | Connection, case_id: int) -> Row[Any] | None:
    """All columns of one case."""
    return session.execute(_CASE.where(Case.id == case_id)).first()


def case_id_of(session: Session | Connection, no: str) -> int | None:
    """A case's id by its number."""
    return session.execute(select(Case.id).where(Case.no == no)).scalar()


def roots_of(session: Session | Connection, case_id: int) -> tuple[int, ...]:
    """The ratings a case is about now, in the order they joined."""
    found = session.execute(
        select(CaseRating.root)
        .where(CaseRating.case_id == case_id, CaseRating.left_at.is_(None))
        .order_by(CaseRating.joined_at, CaseRating.root)
    )
    return tuple(found.scalars())


def cases_about(session: Session | Connection, case_ids: Collection[int], staff_id: int) -> frozenset[int]:
    """Those of some cases in which a rating was ever found to be about one of the staff."""
    within = select(CaseRating.root, CaseRating.case_id).where(
        CaseRating.case_id.in_(case_ids), CaseRating.left_at.is_(None)
    )
    joined = [(row.root, row.case_id) for row in session.execute(within)]
    about_them = behind.those_about(session, [root for root, _case in joined], staff_id) if joined else ()
    return frozenset(case_id for root, case_id in joined if root in about_them)


def is_case_about(staff_id: int) -> ColumnElement[bool]:
    """The condition that a rating in a case was ever found to be about one of the staff."""
    return exists().where(
        CaseRating.case_id == Case.id,
        CaseRating.left_at.is_(None),
        behind.is_about(CaseRating.__table__.c.root, staff_id),
    )


def case_of_rating(session: Session | Connection, root: int) -> int | None:
    """The case a rating is in now."""
    return session.execute(
        select(CaseRating.case_id)
        .where(CaseRating.root == root, CaseRating.left_at.is_(None))
        .order_by(CaseRating.case_id.desc())
        .limit(1)
    ).scalar()


def rated_staff(session: Session | Connection, case_id: int) -> frozenset[int]:
    """The staff the ratings of a case are about, by id."""
    roots = roots_of(session, case_id)
    return behind.staff_behind(session, roots) if roots else frozenset()


def clocks_of(row: Row[Any]) -> Clocks | None:
    """The clock of the present state, where it has one."""
    if row.due_at is None:
        return None
    return Clocks(row.due_at, row.yellow_at, row.red2_at, row.red3_at)


def as_is(session: Session | Connection, row: Row[Any], now: datetime) -> CaseAsIs:
    """A case as the rules look at it."""
    dispatched_on = None if row.dispatched_at is None else clock.day_of(row.dispatched_at)
    tries = _tries(session, row)
    return CaseAsIs(
        state=State(row.state),
        profile=row.profile,
        case_class=None if row.case_class is None else Class(row.case_class),
        owner_unit_id=row.owner_unit_id,
        rated_staff=rated_staff(session, row.id),
        is_reachable=row.is_reachable,
        redo_count=row.redo_count,
        returns=row.returns,
        may_return=row.may_return,
        was_extended=row.asked_days > 0,
        is_mistake_confirmed=row.is_mistake_confirmed,
        dispatched_on=dispatched_on,
        finish_by=row.finish_by,
        contact_tries=tuple(day for state, day in tries if state != State.CALLBACK),
        callback_tries=tuple(day for state, day in tries if state == State.CALLBACK),
        returned_within_term=dispatched_on is None
        or clock.day_of(now) <= worktime.working_days_after(session, dispatched_on, RETURN_DAYS),
    )


def _tries(session: Session | Connection, row: Row[Any]) -> Sequence[tuple[str, date]]:
    """In which state and on which days somebody tried to reach the person, since this owner's dispatch."""
    if row.dispatched_at is None:
        return ()
    found = session.execute(
        select(CaseStep.from_state, CaseStep.at).where(
            CaseStep.case_id == row.id, CaseStep.act == "try", CaseStep.at >= row.dispatched_at
        )
    )
    return [(state, clock.day_of(at)) for state, at in found]
