"""Who is told when a case moves: whoever has the next step."""

from collections.abc import Mapping

from evalsys.kernel.words import N_
from evalsys.rectification.rules.states import State

# The roles that hear of a case entering a state; those of the owner unit only within it.
TOLD: Mapping[State, tuple[str, ...]] = {
    State.NEW: ("supervisor",),
    State.TRIAGED: ("dispatcher",),
    State.DISPATCHED: ("owner",),
    State.RETURN_REQUESTED: ("dispatcher",),
    State.ACCEPTED: (),
    State.CONTACTED: (),
    State.UNREACHABLE: (),
    State.RECTIFYING: ("owner",),
    State.EXTENSION_REQUESTED: ("supervisor",),
    State.SUBMITTED: ("head",),
    State.ACCEPTANCE: ("supervisor",),
    State.CALLBACK: ("callback-officer",),
    State.REDO: ("dispatcher",),
    State.LEADERSHIP: ("leadership",),
    State.SUSPENDED: ("owner",),
    State.CLOSED: ("owner",),
    State.CANCELLED: ("owner",),
}
WITHIN_THE_OWNER_UNIT = frozenset({"owner", "head"})
SENTENCE = N_("{no} 现在是“{state}”,等您办理。")
OVER = N_("{no} 已{state}。")
# Kept in the words of the desk, as every message to a rater is.
EXTENDED = "这件事需要更多时间:已同意延长{days}个工作日,最迟{end}前办好。"
ENDED_WORDS = frozenset({State.CLOSED, State.CANCELLED})


def sentence_of(state: State) -> str:
    """What is said of a case that entered a state."""
    return OVER if state in ENDED_WORDS else SENTENCE
