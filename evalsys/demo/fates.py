"""What becomes of the demo's bad reviews: how far each case comes, how fast, and with what words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from evalsys.kernel import clock
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.states import State

STRAIGHT = (
    State.TRIAGED,
    State.DISPATCHED,
    State.ACCEPTED,
    State.CONTACTED,
    State.RECTIFYING,
    State.SUBMITTED,
    State.ACCEPTANCE,
    State.CALLBACK,
    State.CLOSED,
)
# Ratings without a word: nobody can be asked, and nothing can be found out.
SAYS_NOTHING = (State.TRIAGED, State.CLOSED)
_TO_CALLBACK = STRAIGHT[:-1]
_AGAIN = (State.REDO, *STRAIGHT[1:-1])
# The open states a visitor wants to see, and the way to each.
WAYS: Mapping[State, tuple[State, ...]] = {
    State.NEW: (),
    State.TRIAGED: STRAIGHT[:1],
    State.DISPATCHED: STRAIGHT[:2],
    State.RETURN_REQUESTED: (*STRAIGHT[:2], State.RETURN_REQUESTED),
    State.ACCEPTED: STRAIGHT[:3],
    State.CONTACTED: STRAIGHT[:4],
    State.UNREACHABLE: (*STRAIGHT[:3], State.UNREACHABLE),
    State.RECTIFYING: STRAIGHT[:5],
    State.EXTENSION_REQUESTED: (*STRAIGHT[:5], State.EXTENSION_REQUESTED),
    State.SUSPENDED: (*STRAIGHT[:5], State.SUSPENDED),
    State.SUBMITTED: STRAIGHT[:6],
    State.ACCEPTANCE: STRAIGHT[:7],
    State.CALLBACK: _TO_CALLBACK,
    State.REDO: (*_TO_CALLBACK, State.REDO),
    State.LEADERSHIP: (*_TO_CALLBACK, *_AGAIN, *_AGAIN, State.REDO),
}
EACH = 4  # cases that stop in each open state
ONE_IN_TWELVE = 12  # of the others is done again once

DAY_BEGINS, _DAY_ENDS = time(9), time(17)
_REASONS = ("窗口归该单位管理", "事项由该单位承办", "评价指向该单位的办理环节")
_SUMMARIES = ("已电话致歉并说明情况", "已约评价人当面说明", "已了解经过并致歉")
_MEASURES = (
    "重新培训一次性告知,窗口每天抽查两件",
    "把材料清单改成一张表,放在窗口和办事指南里",
    "午间加开一个窗口,排队超过20分钟时调人",
    "与系统维护方核对接口,故障时先收件后补录",
)
_REPLIES = (
    "您反映的情况我们核实了,确实是我们告知不全。材料清单已经改好,以后一次说清。",
    "您反映的排队时间长属实。从本周起午间加开窗口,谢谢您提出来。",
    "您说的系统卡住的问题已经修复,期间受影响的件我们都补办了。",
    "这项要求是上级文件规定的,我们已向上反映,也把说明写进了指南。",
)


@dataclass(frozen=True)
class Pace:
    """How quickly one move follows another, in minutes; urgent orders are worked day and night."""

    at_least: int
    at_most: int
    in_office: bool = True


USUAL, URGENT = Pace(20, 150), Pace(1, 9, in_office=False)


@dataclass(frozen=True)
class Fate:
    """One move of a case's history: to which state, when, with what."""

    target: State
    at: datetime
    given: Mapping[str, FieldValue]


def fate(
    draw: Random,
    opened_at: datetime,
    way: tuple[State, ...],
    owner: int,
    *,
    pace: Pace = USUAL,
    is_reachable: bool = True,
) -> Iterator[Fate]:
    """The moves of one case along a way; who left nothing to be reached by is neither called nor heard."""
    at = opened_at
    for target in way if is_reachable else _past_the_person(way):
        at += timedelta(minutes=draw.randint(pace.at_least, pace.at_most))
        at = _in_office_hours(at, draw) if pace.in_office else at
        given = _of_nothing(target) if way == SAYS_NOTHING else _given(draw, target, at, owner)
        if target is State.CLOSED and way != SAYS_NOTHING and not is_reachable:
            given = {"reached": "no"}
        yield Fate(target, at, given)


def _past_the_person(way: tuple[State, ...]) -> tuple[State, ...]:
    return tuple(State.UNREACHABLE if state is State.CONTACTED else state for state in way)


def way_of(draw: Random, *, is_reachable: bool = True) -> tuple[State, ...]:
    """The way of a case that is left to go its course: mostly straight, some done once more."""
    if draw.randrange(ONE_IN_TWELVE) == 0 and is_reachable:
        return (*_TO_CALLBACK, *_AGAIN, State.CLOSED)
    return STRAIGHT


def _in_office_hours(at: datetime, draw: Random) -> datetime:
    here = clock.local(at)
    if here.time() >= _DAY_ENDS:
        here = here.replace(hour=9, minute=draw.randint(0, 59)) + timedelta(days=1)
    elif here.time() < DAY_BEGINS:
        here = here.replace(hour=9, minute=draw.randint(0, 59))
    while here.weekday() > 4:
        here += timedelta(days=1)
    return here.astimezone(at.tzinfo)


def _given(draw: Random, target: State, at: datetime, owner: int) -> dict[str, FieldValue]:
    """What people filled in with a move."""
    unhappy = target is State.REDO
    heard: dict[str, FieldValue] = {
        "reached": "yes",
        "solved": "no" if unhappy else draw.choice(("yes", "yes", "yes", "partly")),
        "satisfied": "dissatisfied" if unhappy else draw.choice(("satisfied", "satisfied", "fairly")),
        "pressed": draw.choices(("no", "unasked", "yes"), (90, 6, 4))[0],
    }
    by_target: dict[State, dict[str, FieldValue]] = {
        State.TRIAGED: {"class": draw.choice(("at-once", "at-once", "within-term", "explain"))},
        State.DISPATCHED: {"owner": owner, "reason": draw.choice(_REASONS)},
        State.RETURN_REQUESTED: {"reason": "该事项不由本单位承办", "right_owner": owner},
        State.CONTACTED: {"how": "phone", "when": at, "summary": draw.choice(_SUMMARIES)},
        State.EXTENSION_REQUESTED: {"days": draw.randint(3, 8), "reason": "需要系统维护方配合"},
        State.SUSPENDED: {"rule": "上级文件对该材料有明确要求", "review_on": _in_three_weeks(at)},
        State.SUBMITTED: {
            "finding": draw.choices(("true", "partly", "untrue"), (6, 3, 1))[0],
            "cause": draw.choices(("person", "process", "guide", "requirement", "platform"), (5, 3, 1, 1, 1))[
                0
            ],
            "measures": draw.choice(_MEASURES),
            "reply": draw.choice(_REPLIES),
        },
        State.CALLBACK: {"true": "yes", "reasonable": "yes", "complete": "yes"},
        State.REDO: {**heard, "reason": "评价人说同样的情况又发生了"},
        State.CLOSED: heard,
    }
    return by_target.get(target, {})


def _of_nothing(target: State) -> dict[str, FieldValue]:
    if target is State.TRIAGED:
        return {"class": "unverifiable"}
    return {"reason": "匿名且没有说明,无法核实;已提醒窗口,计入本周汇总"}


def _in_three_weeks(at: datetime) -> FieldValue:
    return clock.day_of(at) + timedelta(days=21)
