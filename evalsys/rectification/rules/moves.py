"""The whole table of moves: from which state to which, by whom, with what. Anything else is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from evalsys.kernel.access import Actor
from evalsys.kernel.words import N_
from evalsys.rectification.rules import NotAllowed, NotYours
from evalsys.rectification.rules.fields import (
    CAUSE_WORDS,
    FINDING_WORDS,
    HOW,
    NOTE,
    OWNER,
    PRESSED,
    REASON,
    SATISFIED,
    SOLVED,
    YES_NO,
    Field,
    FieldValue,
    checked,
)
from evalsys.rectification.rules.states import STATE_WORDS, State
from evalsys.rectification.rules.terms import (
    CLASS_WORDS,
    CONTACT_DAYS,
    CONTACT_TRIES,
    LONGEST_EXTENSION,
    LONGEST_SUSPENSION,
    REDOS_BEFORE_LEADERSHIP,
    Class,
)


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


def _triaged_as_unverifiable(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    if case.case_class is not Class.UNVERIFIABLE:
        raise NotAllowed("只有“无法核实”的可以直接办结。其他的请派单。")


def _not_unverifiable(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    if case.case_class is Class.MISTAKE and not case.is_mistake_confirmed:
        raise NotAllowed("分类是“误评”,在等评价人本人确认。不是误评请先改分类。")


def _returned_once(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    if not case.may_return:
        raise NotAllowed("每个单位只能退单一次,裁定后不能再退。请签收办理。")
    if not case.returned_within_term:
        raise NotAllowed("退单要在派单后1个工作日内提出,现在已经过了。请签收办理。")


def _tried_enough(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    if case.is_reachable and not is_tried_enough(case.contact_tries):
        raise NotAllowed(
            "联系不上,要在至少{days}天里试过至少{tries}次,现在是{n}次。请先记下每次联系。",
            days=CONTACT_DAYS,
            tries=CONTACT_TRIES,
            n=len(case.contact_tries),
        )


def is_tried_enough(tries: tuple[date, ...]) -> bool:
    """Whether somebody was tried three times on two days at least."""
    return len(tries) >= CONTACT_TRIES and len(set(tries)) >= CONTACT_DAYS


def _extended_once(case: CaseAsIs, _given: Mapping[str, FieldValue], now: datetime) -> None:
    if case.was_extended:
        raise NotAllowed("只能申请延期一次,这件已经申请过。")
    if case.finish_by is not None and now >= case.finish_by:
        raise NotAllowed("延期要在到期之前申请,这件已经到期。")


def _true_reasonable_complete(_case: CaseAsIs, given: Mapping[str, FieldValue], _now: datetime) -> None:
    if any(given.get(name) != "yes" for name in ("true", "reasonable", "complete")):
        raise NotAllowed("有一项不通过,请退回整改并写明缺什么。")


def _heard(case: CaseAsIs, given: Mapping[str, FieldValue], _now: datetime) -> None:
    if given.get("reached") == "no":
        if case.is_reachable and not is_tried_enough(case.callback_tries):
            raise NotAllowed(
                "未联系上,要在至少{days}天里试过至少{tries}次,现在是{n}次。请先记下每次回访。",
                days=CONTACT_DAYS,
                tries=CONTACT_TRIES,
                n=len(case.callback_tries),
            )
        return
    checked((SOLVED, SATISFIED, PRESSED), given)
    if given.get("satisfied") == "dissatisfied":
        raise NotAllowed("群众对处理不满意,不能办结,请选“重办”。")


def _still_to_redo(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    if case.redo_count > REDOS_BEFORE_LEADERSHIP:
        raise NotAllowed("已经重办两次,第三次由领导督办。")


def _review_soon(_case: CaseAsIs, given: Mapping[str, FieldValue], now: datetime) -> None:
    day = given.get("review_on")
    today = (now + timedelta(hours=8)).date()  # China keeps one offset, without summer time
    if not isinstance(day, date) or not today < day <= today + timedelta(days=LONGEST_SUSPENSION):
        raise NotAllowed("复查日期要在今后一个月之内。")


def _confirmed_as_mistake(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    if not case.is_mistake_confirmed:
        raise NotAllowed("误评要评价人本人在凭证页确认,现在还没有确认。")


_SUPERVISOR = frozenset({Who.SUPERVISOR})
_OUTSIDE = frozenset({Who.OUTSIDE_SUPERVISOR})
_DISPATCHER = frozenset({Who.DISPATCHER})
_DISPATCHING = frozenset({Who.DISPATCHER, Who.SUPERVISOR})
_OWNER = frozenset({Who.OWNER})
_HEAD = frozenset({Who.HEAD})
_CALLBACK = frozenset({Who.CALLBACK})
_LEADERSHIP = frozenset({Who.LEADERSHIP})
_SYSTEM = frozenset({Who.SYSTEM})
_CLASS = Field("class", N_("分类"), "choice", choices=tuple((c.value, CLASS_WORDS[c]) for c in Class))
_CLUE = Field("clue", N_("是否移送线索"), "choice", required=False, choices=YES_NO)
_ASSISTING = Field("assisting", N_("协办单位(可不填)"), "units", required=False)
_FILES = Field("files", N_("证明材料(可不交)"), "files", required=False)
_FINDING = Field("finding", N_("核查结论"), "choice", choices=tuple(FINDING_WORDS.items()))
_CAUSE = Field("cause", N_("主要原因"), "choice", choices=tuple(CAUSE_WORDS.items()))

MOVES: tuple[Move, ...] = (
    Move(State.NEW, State.TRIAGED, N_("分类"), _SUPERVISOR, (_CLASS, _CLUE, NOTE)),
    Move(State.NEW, State.CANCELLED, N_("按误评撤销"), _SUPERVISOR, (REASON,), (_confirmed_as_mistake,)),
    Move(State.TRIAGED, State.CANCELLED, N_("按误评撤销"), _SUPERVISOR, (REASON,), (_confirmed_as_mistake,)),
    Move(
        State.TRIAGED,
        State.DISPATCHED,
        N_("派单"),
        _DISPATCHING,
        (OWNER, Field("reason", N_("为什么由该单位办")), _ASSISTING),
        (_not_unverifiable,),
    ),
    Move(
        State.TRIAGED, State.CLOSED, N_("按无法核实办结"), _SUPERVISOR, (REASON,), (_triaged_as_unverifiable,)
    ),
    Move(
        State.DISPATCHED,
        State.RETURN_REQUESTED,
        N_("申请退单"),
        _OWNER,
        (REASON, Field("right_owner", N_("应由哪个单位办"), "unit")),
        (_returned_once,),
    ),
    Move(State.RETURN_REQUESTED, State.DISPATCHED, N_("同意退单,改派"), _DISPATCHER, (OWNER, REASON)),
    Move(
        State.RETURN_REQUESTED,
        State.ACCEPTED,
        N_("不同意退单"),
        _DISPATCHER,
        (Field("reason", N_("为什么不同意")),),
    ),
    Move(State.DISPATCHED, State.ACCEPTED, N_("签收"), _OWNER, (NOTE,)),
    Move(
        State.ACCEPTED,
        State.CONTACTED,
        N_("已联系评价人"),
        _OWNER,
        (HOW, Field("when", N_("联系时间"), "instant"), Field("summary", N_("沟通情况"))),
    ),
    Move(State.ACCEPTED, State.UNREACHABLE, N_("联系不上"), _OWNER, (NOTE,), (_tried_enough,)),
    Move(State.CONTACTED, State.RECTIFYING, N_("开始整改"), _OWNER, (NOTE,)),
    Move(State.UNREACHABLE, State.RECTIFYING, N_("开始整改"), _OWNER, (NOTE,)),
    Move(
        State.RECTIFYING,
        State.EXTENSION_REQUESTED,
        N_("申请延期"),
        _OWNER,
        (Field("days", N_("延长几个工作日"), "number", at_most=LONGEST_EXTENSION), REASON),
        (_extended_once,),
    ),
    Move(
        State.EXTENSION_REQUESTED,
        State.RECTIFYING,
        N_("答复延期申请"),
        _SUPERVISOR,
        (
            Field("granted", N_("是否同意"), "choice", choices=(("yes", N_("同意")), ("no", N_("不同意")))),
            REASON,
        ),
    ),
    Move(
        State.RECTIFYING,
        State.SUBMITTED,
        N_("反馈整改结果"),
        _OWNER,
        (
            _FINDING,
            _CAUSE,
            Field("measures", N_("整改措施")),
            Field("reply", N_("给评价人的答复")),
            _FILES,
        ),
    ),
    Move(State.SUBMITTED, State.ACCEPTANCE, N_("同意上报"), _HEAD, (NOTE,)),
    Move(State.SUBMITTED, State.RECTIFYING, N_("退回补充"), _HEAD, (Field("reason", N_("还缺什么")),)),
    Move(
        State.ACCEPTANCE,
        State.CALLBACK,
        N_("验收通过"),
        _OUTSIDE,
        (
            Field("true", N_("情况属实吗?"), "choice", choices=YES_NO),
            Field("reasonable", N_("处理合理吗?"), "choice", choices=YES_NO),
            Field("complete", N_("材料完整吗?"), "choice", choices=YES_NO),
            NOTE,
        ),
        (_true_reasonable_complete,),
    ),
    Move(State.ACCEPTANCE, State.RECTIFYING, N_("退回整改"), _OUTSIDE, (Field("reason", N_("还缺什么")),)),
    Move(
        State.CALLBACK,
        State.CLOSED,
        N_("办结"),
        _CALLBACK,
        (
            Field("reached", N_("联系上了吗?"), "choice", choices=YES_NO),
            Field(SOLVED.name, SOLVED.label, "choice", required=False, choices=SOLVED.choices),
            Field(SATISFIED.name, SATISFIED.label, "choice", required=False, choices=SATISFIED.choices),
            Field(PRESSED.name, PRESSED.label, "choice", required=False, choices=PRESSED.choices),
            NOTE,
        ),
        (_heard,),
    ),
    Move(
        State.CALLBACK,
        State.REDO,
        N_("重办"),
        _CALLBACK,
        (SOLVED, SATISFIED, PRESSED, Field("reason", N_("群众为什么不满意"))),
    ),
    Move(State.REDO, State.DISPATCHED, N_("派单重办"), _DISPATCHER, (OWNER, REASON), (_still_to_redo,)),
    Move(State.REDO, State.LEADERSHIP, N_("转领导督办"), _SYSTEM),
    Move(
        State.LEADERSHIP,
        State.DISPATCHED,
        N_("领导决定:再办"),
        _LEADERSHIP,
        (OWNER, Field("reason", N_("决定"))),
    ),
    Move(State.LEADERSHIP, State.CLOSED, N_("领导决定:办结"), _LEADERSHIP, (Field("reason", N_("决定")),)),
    Move(
        State.RECTIFYING,
        State.SUSPENDED,
        N_("挂账"),
        _LEADERSHIP,
        (Field("rule", N_("哪条规定挡住了")), Field("review_on", N_("复查日期"), "day")),
        (_review_soon,),
    ),
    Move(
        State.SUSPENDED,
        State.RECTIFYING,
        N_("恢复整改"),
        _LEADERSHIP | _SUPERVISOR,
        (REASON,),
    ),
    *(
        Move(state, State.CANCELLED, N_("撤销"), _SYSTEM)
        for state in State
        if state not in (State.REDO, State.LEADERSHIP, State.SUSPENDED, State.CLOSED, State.CANCELLED)
    ),
    Move(State.CLOSED, State.REDO, N_("群众反映没有解决"), _SYSTEM),
)


def moves_from(state: State) -> tuple[Move, ...]:
    """Every line of the table that starts in a state."""
    return tuple(move for move in MOVES if move.source is state)


def move_to(state: State, target: State, *, by_system: bool = False) -> Move:
    """The line of the table from one state to another; raises NotAllowed where there is none."""
    for move in moves_from(state):
        if move.target is target and (Who.SYSTEM in move.who) is by_system:
            return move
    raise NotAllowed(
        "“{state}”的单子不能直接转为“{target}”。", state=STATE_WORDS[state], target=STATE_WORDS[target]
    )


# Judging the owner unit's own work, or the people's word on it, is nobody's of that unit.
_OUTSIDERS = {
    Who.OUTSIDE_SUPERVISOR: "supervisor",
    Who.CALLBACK: "callback-officer",
}


def _fits(who: Who, case: CaseAsIs, actor: Actor) -> bool:
    if who in _OUTSIDERS:
        return _OUTSIDERS[who] in actor.roles and not is_of_unit(actor, case.owner_unit_id)
    if who in (Who.OWNER, Who.HEAD):
        return who.value in actor.roles and is_of_unit(actor, case.owner_unit_id)
    return who is not Who.SYSTEM and who.value in actor.roles


def is_of_unit(actor: Actor, unit_id: int | None) -> bool:
    """Whether somebody works in a unit, or in one above it."""
    if unit_id is None:
        return False
    return actor.unit_id == unit_id or (not actor.scope.everything and actor.scope.covers(unit_id))


def check_hand(move: Move, case: CaseAsIs, actor: Actor) -> None:
    """Refuse a move by the rated person, or by somebody whose part it is not."""
    if actor.staff_id is not None and actor.staff_id in case.rated_staff:
        raise NotYours("这件涉及您本人的评价,不能由您处理。")
    needed = move.who
    if move.source is State.RETURN_REQUESTED and case.returns > 1:
        # Two units say it is not theirs: somebody above both rules, and the word stands.
        needed = frozenset({Who.SUPERVISOR})
    if not any(_fits(who, case, actor) for who in needed):
        raise NotYours(
            "这一步由{who}办理,您的账号不能办。", who="、".join(WHO_WORDS[who] for who in sorted(needed))
        )


WHO_WORDS: Mapping[Who, str] = {
    Who.SYSTEM: N_("系统"),
    Who.SUPERVISOR: N_("督查员"),
    Who.OUTSIDE_SUPERVISOR: N_("承办单位以外的督查员"),
    Who.DISPATCHER: N_("派单员"),
    Who.OWNER: N_("承办单位承办人"),
    Who.HEAD: N_("承办单位领导"),
    Who.CALLBACK: N_("承办单位以外的回访员"),
    Who.LEADERSHIP: N_("领导"),
}


def open_moves(case: CaseAsIs, actor: Actor) -> tuple[Move, ...]:
    """The moves a person may make with a case now, by who they are; the rest the checks decide."""
    found = []
    for move in moves_from(case.state):
        try:
            check_hand(move, case, actor)
        except NotYours:
            continue
        found.append(move)
    return tuple(found)


def check_move(
    move: Move, case: CaseAsIs, actor: Actor, given: Mapping[str, FieldValue], now: datetime
) -> dict[str, FieldValue]:
    """What a move was given, once everything about it is right.

    Raises NotYours (by the person), Missing (fields), NotAllowed (by the rules), in this order.
    """
    check_hand(move, case, actor)
    kept = checked(move.fields, given)
    for check in move.checks:
        check(case, kept, now)
    return kept
