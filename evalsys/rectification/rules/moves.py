"""The whole table of moves: from which state to which, by whom, with what. Anything else is refused."""

from evalsys.kernel.words import N_
from evalsys.rectification.rules import NotAllowed, checks
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
)
from evalsys.rectification.rules.looking import Move, Who
from evalsys.rectification.rules.states import STATE_WORDS, State
from evalsys.rectification.rules.terms import CLASS_WORDS, LONGEST_EXTENSION, Class

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
    # What an order is, its category says, and the desk of 办不成事 says it of a report.
    Move(State.NEW, State.TRIAGED, N_("受理时分类"), _SYSTEM),
    Move(
        State.NEW, State.CANCELLED, N_("按误评撤销"), _SUPERVISOR, (REASON,), (checks.confirmed_as_mistake,)
    ),
    Move(
        State.TRIAGED,
        State.CANCELLED,
        N_("按误评撤销"),
        _SUPERVISOR,
        (REASON,),
        (checks.confirmed_as_mistake,),
    ),
    Move(
        State.TRIAGED,
        State.DISPATCHED,
        N_("派单"),
        _DISPATCHING,
        (OWNER, Field("reason", N_("为什么由该单位办")), _ASSISTING),
    ),
    Move(State.TRIAGED, State.DISPATCHED, N_("派给值班单位"), _SYSTEM),
    Move(
        State.TRIAGED,
        State.CLOSED,
        N_("按无法核实办结"),
        _SUPERVISOR,
        (REASON,),
        (checks.triaged_as_unverifiable,),
    ),
    Move(
        State.DISPATCHED,
        State.RETURN_REQUESTED,
        N_("申请退单"),
        _OWNER,
        (REASON, Field("right_owner", N_("应由哪个单位办"), "unit")),
        (checks.returned_once,),
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
        (checks.contacted_meanwhile,),
    ),
    Move(State.ACCEPTED, State.UNREACHABLE, N_("联系不上"), _OWNER, (NOTE,), (checks.tried_enough,)),
    Move(State.CONTACTED, State.RECTIFYING, N_("开始整改"), _OWNER, (NOTE,)),
    Move(State.UNREACHABLE, State.RECTIFYING, N_("开始整改"), _OWNER, (NOTE,)),
    Move(
        State.RECTIFYING,
        State.EXTENSION_REQUESTED,
        N_("申请延期"),
        _OWNER,
        (Field("days", N_("延长几个工作日"), "number", at_most=LONGEST_EXTENSION), REASON),
        (checks.extended_once,),
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
        (checks.true_reasonable_complete,),
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
        (checks.heard,),
    ),
    Move(
        State.CALLBACK,
        State.REDO,
        N_("重办"),
        _CALLBACK,
        (SOLVED, SATISFIED, PRESSED, Field("reason", N_("群众为什么不满意"))),
    ),
    Move(State.REDO, State.DISPATCHED, N_("派单重办"), _DISPATCHER, (OWNER, REASON), (checks.still_to_redo,)),
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
        (checks.review_soon,),
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
