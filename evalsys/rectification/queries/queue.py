"""Cases in rows: the queue by time left, and lists of any; each person sees what is theirs to see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, func, or_, select, true, union
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import directory
from evalsys.organisation.rules import CLERKS_SIDE
from evalsys.rectification.models import Case, CaseAssistant
from evalsys.rectification.queries.facts import cases_about, is_case_about
from evalsys.rectification.queries.lines import CaseLine, for_the_rated, lines
from evalsys.rectification.rules import SEE_EVERY_CASE
from evalsys.rectification.rules.lights import Light
from evalsys.rectification.rules.looking import Who
from evalsys.rectification.rules.moves import MOVES
from evalsys.rectification.rules.states import OPEN, State
from evalsys.rectification.rules.terms import PROFILES, Kind

PAGE = 50
MOST_COUNTED = 1000
_IS_OPEN = Case.state.in_(sorted(OPEN))
_COLUMNS = Case.__table__.c


@dataclass(frozen=True)
class Asked:
    """Which cases are wanted; '' for no limit, `state` also 'open' for all that have not ended.

    `department` is the code of the unit a case is about or is owned by; `mine` limits to what waits for the
    person who asks.
    """

    state: str = ""
    department: str = ""
    light: str = ""
    kind: str = ""
    profile: str = ""
    no: str = ""
    mine: bool = False


@dataclass(frozen=True)
class CasePage:
    """A page of cases; `next` is the cursor of the following page, None on the last."""

    lines: Sequence[CaseLine]
    next: str | None


class UnknownFilter(Refused):
    """A filter names something there is not."""


def asked_of(said: Mapping[str, str], *, mine: bool = False) -> Asked:
    """The cases an address or a JSON query asks for; raises UnknownFilter with a sentence."""
    given = {name: said.get(name, "").strip() for name in ("state", "light", "kind", "profile")}
    known: Mapping[str, Sequence[str]] = {
        "state": ("open", *State),
        "light": tuple(Light),
        "kind": tuple(Kind),
        "profile": tuple(PROFILES),
    }
    for name, value in given.items():
        if value and value not in known[name]:
            raise UnknownFilter(
                "没有“{value}”这一项,可选:{known}。", value=value[:40], known="、".join(known[name])
            )
    return Asked(
        **given,
        department=said.get("department", "").strip(),
        no=said.get("no", "").strip(),
        mine=mine,
    )


def is_clerks_side(actor: Actor) -> bool:
    """Whether somebody sees cases as the rated side does: from the next working day, and in part."""
    return bool(actor.roles & CLERKS_SIDE)


def visible(actor: Actor, today: date) -> ColumnElement[bool]:
    """The condition that a case is for somebody's eyes at all."""
    seen = _seen_by(actor, today)
    return or_(*seen) if seen else false()


def _seen_by(actor: Actor, today: date) -> list[ColumnElement[bool]]:
    """The ways in which cases come before somebody's eyes, each found by an index of its own."""
    if actor.roles & SEE_EVERY_CASE and not is_clerks_side(actor):
        return [Case.id.is_not(None)]
    units = sorted(actor.scope.units | {actor.unit_id})
    seen: list[ColumnElement[bool]] = []
    if actor.roles & {"owner", "head"}:
        helped = select(CaseAssistant.case_id).where(CaseAssistant.unit_id.in_(units))
        worked: list[ColumnElement[bool]] = [Case.owner_unit_id.in_(units), Case.id.in_(helped)]
        # Who is also of the rated side learns of no case of theirs a day too early by working it.
        is_early = is_clerks_side(actor)
        seen += [and_(way, Case.visible_from <= today) for way in worked] if is_early else worked
    if is_clerks_side(actor):
        about = and_(Case.unit_id.in_(units), Case.kind.in_((Kind.RATING.value, Kind.PATTERN.value)))
        seen.append(and_(about, Case.visible_from <= today))
    return seen


def queue(
    session: Session | Connection, asked: Asked, actor: Actor, now: datetime, offset: int = 0
) -> Sequence[CaseLine]:
    """Open cases by the end of their present clock, overdue first; PAGE of them from an offset."""
    statement = _open(session, asked, actor, now)
    # The numbers alone are sorted, out of an index; the whole rows are read for the page only.
    wanted = statement.with_only_columns(Case.id).order_by(Case.due_at, Case.id).limit(PAGE).offset(offset)
    rows = select(*_COLUMNS).where(_COLUMNS.id.in_(session.execute(wanted).scalars().all()))
    return _seen(session, session.execute(rows.order_by(_COLUMNS.due_at, _COLUMNS.id)).all(), actor, now)


_TO_DISPATCH = (State.TRIAGED.value, State.RETURN_REQUESTED.value, State.REDO.value)


def to_dispatch(session: Session | Connection, actor: Actor, now: datetime) -> Sequence[CaseLine]:
    """What waits for somebody to say whose it is, by the end of its clock; the first PAGE."""
    statement = _chosen(session, Asked(mine=True), actor, now).where(Case.state.in_(_TO_DISPATCH))
    return _seen(
        session, session.execute(statement.order_by(Case.due_at, Case.id).limit(PAGE)).all(), actor, now
    )


def about_unit(session: Session | Connection, actor: Actor, now: datetime) -> Sequence[CaseLine]:
    """What the clerk's side sees of the cases about its own windows, the latest first; the first PAGE."""
    statement = _chosen(session, Asked(), actor, now).order_by(Case.id.desc())
    return _seen(session, session.execute(statement.limit(PAGE)).all(), actor, now)


def queue_length(session: Session | Connection, asked: Asked, actor: Actor, now: datetime) -> int:
    """How many open cases a queue holds; MOST_COUNTED + 1 stands for more than are counted."""
    statement = _open(session, asked, actor, now)
    some = statement.with_only_columns(Case.id).limit(MOST_COUNTED + 1)
    return session.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def cases(
    session: Session | Connection, asked: Asked, actor: Actor, now: datetime, cursor: int | None = None
) -> CasePage:
    """Cases of any state, the latest first; PAGE of them before a cursor."""
    wanted = _latest(session, asked, actor, now, cursor)
    rows = session.execute(
        select(*_COLUMNS).where(_COLUMNS.id.in_(wanted)).order_by(_COLUMNS.id.desc())
    ).all()
    following = str(rows[PAGE - 1].id) if len(rows) > PAGE else None
    return CasePage(_seen(session, rows[:PAGE], actor, now), following)


def _latest(
    session: Session | Connection, asked: Asked, actor: Actor, now: datetime, cursor: int | None
) -> Sequence[int]:
    """The ids of the latest cases before a cursor, one more than a page; each way from its index's end."""
    statement = _narrowed(session, replace(asked, department=""), actor, now).with_only_columns(Case.id)
    if cursor is not None:
        statement = statement.where(Case.id < cursor)
    about: Sequence[ColumnElement[bool]] = [true()]
    if asked.department:
        unit = _unit(session, asked.department, now)
        about = [Case.unit_id == unit, Case.owner_unit_id == unit]
    ways = [and_(seen, one) for seen in _seen_by(actor, clock.day_of(now)) for one in about]
    parts = [statement.where(way).order_by(Case.id.desc()).limit(PAGE + 1).subquery() for way in ways]
    if not parts:
        return []
    found = union(*(select(part.c.id) for part in parts)).subquery()
    newest = select(found.c.id).order_by(found.c.id.desc()).limit(PAGE + 1)
    return session.execute(newest).scalars().all()


def _chosen(session: Session | Connection, asked: Asked, actor: Actor, now: datetime) -> Select[Any]:
    return _narrowed(session, asked, actor, now).where(visible(actor, clock.day_of(now)))


def _narrowed(session: Session | Connection, asked: Asked, actor: Actor, now: datetime) -> Select[Any]:
    """The cases asked for, whether or not they are for somebody's eyes."""
    statement = select(*_COLUMNS)
    if asked.state == "open":
        statement = statement.where(_IS_OPEN)
    elif asked.state:
        statement = statement.where(Case.state == asked.state)
    for column, value in ((Case.kind, asked.kind), (Case.profile, asked.profile), (Case.no, asked.no)):
        if value:
            statement = statement.where(column == value)
    if asked.light and is_clerks_side(actor):
        raise UnknownFilter("窗口一方不能按时限筛选。请去掉这个条件再查。")
    if asked.light:
        statement = statement.where(_is_lit(Light(asked.light), now))
        # A light found by asking would tell the rated person when the rater tapped.
        if actor.staff_id is not None:
            statement = statement.where(~is_case_about(actor.staff_id))
    if asked.department:
        unit = _unit(session, asked.department, now)
        statement = statement.where(or_(Case.unit_id == unit, Case.owner_unit_id == unit))
    return statement.where(waiting_for(actor, now)) if asked.mine else statement


def _seen(
    session: Session | Connection, rows: Sequence[Row[Any]], actor: Actor, now: datetime
) -> Sequence[CaseLine]:
    """Rows as lines; those about whoever asks, or their unit's windows, as the rated side sees them."""
    found, is_rated = lines(session, rows, now), is_clerks_side(actor)
    own: frozenset[int] = frozenset()
    if actor.staff_id is not None and not is_rated:
        own = cases_about(session, [line.id for line in found], actor.staff_id)
    return [for_the_rated(line, now) if is_rated or line.id in own else line for line in found]


def _open(session: Session | Connection, asked: Asked, actor: Actor, now: datetime) -> Select[Any]:
    """The open ones of what is asked for. Each has a clock: its end bounds the light, and has an index."""
    statement = _chosen(session, asked, actor, now).where(_IS_OPEN)
    if not asked.light:
        return statement
    is_running = asked.light in (Light.GREEN, Light.YELLOW)
    return statement.where(Case.due_at > now if is_running else Case.due_at <= now)


def _unit(session: Session | Connection, code: str, now: datetime) -> int:
    for unit in directory.units_on(session, clock.day_of(now)).values():
        if unit.code == code:
            return unit.id
    raise UnknownFilter("没有代码为“{code}”的部门。", code=code[:40])


def _is_lit(wanted: Light, now: datetime) -> ColumnElement[bool]:
    """The condition that a case shows a light, as `lights.light` computes it."""
    begun: Mapping[Light, ColumnElement[bool]] = {
        Light.YELLOW: Case.yellow_at <= now,
        Light.RED: Case.due_at <= now,
        Light.RED_2: Case.red2_at <= now,
        Light.RED_3: Case.red3_at <= now,
    }
    following = {Light.YELLOW: Case.due_at, Light.RED: Case.red2_at, Light.RED_2: Case.red3_at}
    if wanted is Light.GREEN:
        return or_(Case.yellow_at.is_(None), Case.yellow_at > now)
    if wanted is Light.RED_3:
        return begun[wanted]
    return and_(begun[wanted], following[wanted] > now)


_ROLE_OF = {
    Who.SUPERVISOR: "supervisor",
    Who.OUTSIDE_SUPERVISOR: "supervisor",
    Who.DISPATCHER: "dispatcher",
    Who.OWNER: "owner",
    Who.HEAD: "head",
    Who.CALLBACK: "callback-officer",
    Who.LEADERSHIP: "leadership",
}
_OF_THE_OWNER_UNIT = frozenset({"owner", "head"})


def states_worked_by(role: str) -> frozenset[State]:
    """The states in which a role has a move to make."""
    return frozenset(move.source for move in MOVES if role in {_ROLE_OF.get(who) for who in move.who})


def waiting_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """The condition that a case waits for somebody of these roles in this place."""
    units = sorted(actor.scope.units | {actor.unit_id})
    waiting: list[ColumnElement[bool]] = []
    for role in sorted(actor.roles):
        states = sorted(states_worked_by(role))
        if not states:
            continue
        within: ColumnElement[bool] = Case.state.in_(states)
        if role in _OF_THE_OWNER_UNIT:
            within = and_(within, Case.owner_unit_id.in_(units))
        if role == "callback-officer":
            within = and_(within, Case.owner_unit_id != actor.unit_id)
        narrowed = _NARROWED.get(role)
        waiting.append(within if narrowed is None else narrowed(within, now))
    return or_(*waiting) if waiting else false()


def _without_rulings(within: ColumnElement[bool], _now: datetime) -> ColumnElement[bool]:
    """A case that two units have given back is not the dispatcher's any more."""
    return and_(within, or_(Case.state != State.RETURN_REQUESTED.value, Case.returns <= 1))


def _with_rulings(within: ColumnElement[bool], _now: datetime) -> ColumnElement[bool]:
    return or_(within, and_(Case.state == State.RETURN_REQUESTED.value, Case.returns > 1))


def _at_the_top(_within: ColumnElement[bool], now: datetime) -> ColumnElement[bool]:
    """What the leadership has to look at: the third redo, what stands still, and what is red three times."""
    stands = Case.state.in_((State.LEADERSHIP.value, State.SUSPENDED.value))
    return or_(stands, and_(_IS_OPEN, Case.red3_at <= now))


_NARROWED = {"dispatcher": _without_rulings, "supervisor": _with_rulings, "leadership": _at_the_top}
