"""The states of a case, and how people call them."""

from collections.abc import Mapping
from enum import StrEnum

from evalsys.kernel.words import N_


class State(StrEnum):
    """Where a case is in the loop; the names are those of the JSON interface."""

    NEW = "NEW"
    TRIAGED = "TRIAGED"
    DISPATCHED = "DISPATCHED"
    RETURN_REQUESTED = "RETURN_REQUESTED"
    ACCEPTED = "ACCEPTED"
    CONTACTED = "CONTACTED"
    UNREACHABLE = "UNREACHABLE"
    RECTIFYING = "RECTIFYING"
    EXTENSION_REQUESTED = "EXTENSION_REQUESTED"
    SUBMITTED = "SUBMITTED"
    ACCEPTANCE = "ACCEPTANCE"
    CALLBACK = "CALLBACK"
    REDO = "REDO"
    LEADERSHIP = "LEADERSHIP"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


STATE_WORDS: Mapping[State, str] = {
    State.NEW: N_("待研判"),
    State.TRIAGED: N_("已分类"),
    State.DISPATCHED: N_("已派单"),
    State.RETURN_REQUESTED: N_("申请退单"),
    State.ACCEPTED: N_("已签收"),
    State.CONTACTED: N_("已联系"),
    State.UNREACHABLE: N_("联系不上"),
    State.RECTIFYING: N_("整改中"),
    State.EXTENSION_REQUESTED: N_("申请延期"),
    State.SUBMITTED: N_("已反馈"),
    State.ACCEPTANCE: N_("审核验收"),
    State.CALLBACK: N_("回访中"),
    State.REDO: N_("重办"),
    State.LEADERSHIP: N_("领导督办"),
    State.SUSPENDED: N_("挂账"),
    State.CLOSED: N_("办结"),
    State.CANCELLED: N_("撤销"),
}

ENDED = frozenset({State.CLOSED, State.CANCELLED})
OPEN = frozenset(State) - ENDED
# Before anybody was told to act: a correction to good takes the case back.
NOT_YET_DISPATCHED = frozenset({State.NEW, State.TRIAGED})
# From the first tap to the call-back: what an upheld appeal may still take back.
BEFORE_THE_END = OPEN - {State.REDO, State.LEADERSHIP, State.SUSPENDED}
# While the owner unit has the case in hand.
WITH_THE_OWNER = frozenset(
    {
        State.DISPATCHED,
        State.ACCEPTED,
        State.CONTACTED,
        State.UNREACHABLE,
        State.RECTIFYING,
        State.SUBMITTED,
    }
)
