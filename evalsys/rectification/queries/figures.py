"""The figures of a period by unit: numerators and denominators counted in the database, and their cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Subquery,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from evalsys.kernel import clock
from evalsys.kernel.periods import Period
from evalsys.kernel.proportions import Rate
from evalsys.kernel.types import Instant
from evalsys.organisation.queries import directory
from evalsys.organisation.queries.directory import UnitThen
from evalsys.rectification.models import Case, CaseStep
from evalsys.rectification.queries import appeals
from evalsys.rectification.queries.queue import UnknownFilter
from evalsys.rectification.rules.figures import THREE_RATES, Counts, Figure, Held, three_together
from evalsys.rectification.rules.states import ENDED, OPEN, WITH_THE_OWNER, State
from evalsys.rectification.rules.terms import Kind

BAD_REVIEWS = (Kind.RATING.value, Kind.PATTERN.value)
BAD_REVIEW = "bad-review"
KINDS: Mapping[str, Sequence[str]] = {
    BAD_REVIEW: BAD_REVIEWS,
    Kind.NOT_DONE.value: (Kind.NOT_DONE.value,),
    Kind.ORDER.value: (Kind.ORDER.value,),
}
SECONDS_OF_A_DAY = 86400
_step, _next = aliased(CaseStep), aliased(CaseStep)


@dataclass(frozen=True)
class UnitFigures:
    """The figures of one unit; code '' is the desk: it only holds cases. `together` is for orders alone."""

    code: str
    name: str
    rates: Mapping[Figure, Rate]
    held: Held
    together: float | None = None

    @property
    def is_together_enough(self) -> bool:
        """Whether each of the three rates has enough cases to be printed."""
        return all(self.rates[figure].enough for figure in THREE_RATES)


@dataclass(frozen=True)
class Figures:
    """The figures of the cases of one kind opened in a period: by unit, and all together."""

    period: Period
    kind: str
    units: Sequence[UnitFigures]
    desk: Held
    total: UnitFigures


def kind_asked(said: str) -> str:
    """The kind of case an address asks for, bad reviews where it asks for none; raises UnknownFilter."""
    kind = said.strip() or BAD_REVIEW
    if kind not in KINDS:
        raise UnknownFilter("没有“{value}”这一项,可选:{known}。", value=kind[:40], known="、".join(KINDS))
    return kind


def figures(session: Session | Connection, period: Period, kind: str, least: int, now: datetime) -> Figures:
    """Count every figure; a rate is enough from `least` cases on."""
    counted = _counts(session, period, kind, now)
    held = _held(session, period, kind, now)
    names = directory.units_on(session, min(period.last, clock.day_of(now)))
    units = [
        _of_unit(kind, unit, _rates(counted.get(unit.id, {}), least), held.get(unit.id, Held()))
        for unit in sorted(names.values(), key=lambda unit: unit.code)
        if unit.id in counted or unit.id in held
    ]
    together = {
        figure: sum((of.get(figure, Counts()) for of in counted.values()), Counts()) for figure in Figure
    }
    total = _of_unit(kind, None, _rates(together, least), _all_held(session, period, kind, held))
    return Figures(period, kind, units, held.get(None, Held()), total)


def _of_unit(kind: str, unit: UnitThen | None, rates: Mapping[Figure, Rate], held: Held) -> UnitFigures:
    code, name = ("", "") if unit is None else (unit.code, unit.name)
    return UnitFigures(code, name, rates, held, three_together(rates) if kind == Kind.ORDER else None)


def _rates(counts: Mapping[Figure, Counts], least: int) -> Mapping[Figure, Rate]:
    return {figure: counts.get(figure, Counts()).as_rate(least) for figure in Figure}


def cohort(period: Period, kind: str) -> ColumnElement[bool]:
    """The condition that a case is one of a period and a kind: opened then, and not withdrawn."""
    return and_(
        Case.opened_on.between(period.first, period.last),
        Case.kind.in_(KINDS[kind]),
        Case.state != State.CANCELLED.value,
    )


def _made(sources: Sequence[State], target: State, *further: ColumnElement[bool]) -> ColumnElement[bool]:
    """That the present owner's round has such a move, not taken back."""
    taken_back = exists().where(
        _next.case_id == _step.case_id, _next.seq == _step.seq + 1, _next.act == "undo"
    )
    return exists().where(
        _step.case_id == Case.id,
        _step.act == "move",
        _step.from_state.in_([source.value for source in sources]),
        _step.to_state == target.value,
        _step.at >= Case.dispatched_at,
        ~taken_back,
        *further,
    )


def parts_of_figures(now: datetime) -> Mapping[Figure, tuple[ColumnElement[bool], ColumnElement[bool]]]:
    """Of each figure the condition that a case is of it, and that it counts."""
    is_over = and_(Case.state.in_(sorted(OPEN)), Case.finish_by <= now)
    before_contact = Case.state.in_((State.DISPATCHED.value, State.ACCEPTED.value))
    contacts = [_made([State.ACCEPTED], to) for to in (State.CONTACTED, State.UNREACHABLE)]
    in_time = _step.at < _step.due_before
    contacted = [_made([State.ACCEPTED], to, in_time) for to in (State.CONTACTED, State.UNREACHABLE)]
    replied = _made([State.ACCEPTANCE], State.CALLBACK)
    waits_for_call = and_(Case.state == State.CALLBACK.value, Case.due_at > now)
    to_call = and_(Case.is_reachable, replied, ~waits_for_call)
    heard = Case.satisfied.is_not(None)
    submitted = _made([State.RECTIFYING], State.SUBMITTED)
    late = _made([State.RECTIFYING], State.SUBMITTED, _step.at >= Case.finish_by)
    is_closed = Case.state == State.CLOSED.value
    return {
        Figure.CONTACTED: (or_(*contacts, and_(before_contact, Case.due_at <= now)), or_(*contacted)),
        Figure.REPLIED: (or_(replied, is_closed, is_over), replied),
        Figure.CALLED_BACK: (to_call, heard),
        Figure.PUT_RIGHT: (to_call, and_(heard, is_closed)),
        Figure.SATISFIED: (heard, Case.satisfied.in_(("satisfied", "fairly"))),
        Figure.SOLVED: (heard, Case.solved == "yes"),
        Figure.IN_TIME: (or_(submitted, is_over), and_(submitted, ~late)),
        Figure.REDONE: (or_(is_closed, Case.redo_count > 0), Case.redo_count > 0),
    }


def _counts(
    session: Session | Connection, period: Period, kind: str, now: datetime
) -> Mapping[int, Mapping[Figure, Counts]]:
    parts = parts_of_figures(now)
    each = _each_case(period, kind, now)
    columns = [
        func.count(case((each.c[f"{figure.name}_{side}"], 1)))
        for figure in parts
        for side in ("counts", "of")
    ]
    found: dict[int, dict[Figure, Counts]] = {}
    for unit, *numbers in session.execute(
        select(each.c.owner_unit_id, *columns).group_by(each.c.owner_unit_id)
    ):
        found[unit] = {
            figure: Counts(*numbers[2 * place : 2 * place + 2]) for place, figure in enumerate(parts)
        }
    if kind == BAD_REVIEW:
        for unit, appealed in appeals.counts(session, period.first, period.last).items():
            of_unit = found.setdefault(unit, {})
            of_unit[Figure.APPEALED] = Counts(appealed.filed, appealed.visible)
            of_unit[Figure.UPHELD] = Counts(appealed.upheld, appealed.decided)
    return found


def _each_case(period: Period, kind: str, now: datetime) -> Subquery:
    """One row for each case with an owner: of which figures it is, and for which it counts."""
    marks = [
        mark
        for figure, (of, counts) in parts_of_figures(now).items()
        for mark in (of.label(f"{figure.name}_of"), and_(of, counts).label(f"{figure.name}_counts"))
    ]
    owned = Case.owner_unit_id.is_not(None)
    return select(Case.owner_unit_id, *marks).where(cohort(period, kind), owned).subquery()


def _seconds(
    session: Session | Connection, since: ColumnElement[datetime], until: ColumnElement[datetime]
) -> ColumnElement[float]:
    """The seconds between two instants, as each engine counts them."""
    connection = session.connection() if isinstance(session, Session) else session
    if connection.dialect.name == "sqlite":
        return (func.julianday(until) - func.julianday(since)) * SECONDS_OF_A_DAY
    return cast(extract("epoch", until - since), Float)


def _stays(period: Period, kind: str, now: datetime) -> Subquery:
    """How long each case stood still after each of its steps, and the owner unit where it was with it."""
    case_id, seq = CaseStep.case_id, CaseStep.seq
    owner = func.coalesce(
        func.lead(CaseStep.owner_unit_id).over(partition_by=case_id, order_by=seq), Case.owner_unit_id
    )
    is_with_owner = CaseStep.to_state.in_(sorted(WITH_THE_OWNER))
    return (
        select(
            CaseStep.case_id,
            CaseStep.to_state,
            CaseStep.at.label("since"),
            func.coalesce(
                func.lead(CaseStep.at).over(partition_by=case_id, order_by=seq), literal(now, Instant)
            ).label("until"),
            case((is_with_owner, owner)).label("holder"),
        )
        .join(Case, Case.id == CaseStep.case_id)
        .where(cohort(period, kind))
        .subquery()
    )


def _held(
    session: Session | Connection, period: Period, kind: str, now: datetime
) -> Mapping[int | None, Held]:
    stays = _stays(period, kind, now)
    rows = session.execute(
        select(
            stays.c.holder,
            func.sum(_seconds(session, stays.c.since, stays.c.until)),
            func.count(stays.c.case_id.distinct()),
        )
        .where(stays.c.to_state.not_in(sorted(ENDED)))
        .group_by(stays.c.holder)
    )
    return {holder: Held(round(seconds), n) for holder, seconds, n in rows}


def _all_held(
    session: Session | Connection, period: Period, kind: str, held: Mapping[int | None, Held]
) -> Held:
    """The citizens' whole clock: everybody's time, over every case."""
    n = session.execute(select(func.count()).select_from(Case).where(cohort(period, kind))).scalar_one()
    return Held(sum(one.seconds for one in held.values()), n)
