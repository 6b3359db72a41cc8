"""Which moves may be made for several cases at once: those that judge nothing about the single one."""

from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.states import State

MOST_TOGETHER = 50

_TOGETHER = frozenset(
    {
        (State.NEW, State.TRIAGED),
        (State.TRIAGED, State.DISPATCHED),
        (State.TRIAGED, State.CLOSED),
        (State.DISPATCHED, State.ACCEPTED),
        (State.CONTACTED, State.RECTIFYING),
        (State.UNREACHABLE, State.RECTIFYING),
        (State.REDO, State.DISPATCHED),
    }
)


def may_go_together(move: Move) -> bool:
    """Whether a move may be made for several cases at once."""
    return (move.source, move.target) in _TOGETHER
