"""What each move changes on a case beside its state and its clocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from evalsys.kernel.access import Actor
from evalsys.rectification.rules.fields import FieldValue
from evalsys.rectification.rules.looking import Move
from evalsys.rectification.rules.states import State

_KEPT_ON_THE_CASE = ("finding", "cause", "solved", "satisfied", "pressed")


def of(
    row: Row[Any], move: Move, given: Mapping[str, FieldValue], actor: Actor | None, at: datetime
) -> dict[str, Any]:
    """The columns a move changes, apart from the state and the clocks."""
    changes: dict[str, Any] = {name: given[name] for name in _KEPT_ON_THE_CASE if name in given}
    if move.target is State.TRIAGED and "class" in given:
        changes |= {"case_class": given["class"], "counted_from": at}
        changes["is_clue"] = row.is_clue or given.get("clue") == "yes"
    if move.target is State.TRIAGED and "profile" in given:
        changes["profile"] = given["profile"]
    if move.target is State.DISPATCHED:
        changes |= _dispatched(row, move, given, at)
    if move.target is State.RETURN_REQUESTED:
        changes |= {"returns": row.returns + 1, "may_return": False}
    if move.target is State.ACCEPTED and move.source is State.DISPATCHED:
        changes["owner_account_id"] = actor and actor.account_id
    if move.target is State.EXTENSION_REQUESTED:
        changes["asked_days"] = given["days"]
    if move.source is State.EXTENSION_REQUESTED and given.get("granted") == "yes":
        changes["extended_days"] = row.asked_days
    if move.target is State.REDO:
        changes |= {"redo_count": row.redo_count + 1, "closed_at": None}
    if move.target in (State.CLOSED, State.CANCELLED):
        changes["closed_at"] = at
    return changes


def _dispatched(row: Row[Any], move: Move, given: Mapping[str, FieldValue], at: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "owner_unit_id": given["owner"],
        "owner_account_id": None,
        "dispatched_at": at,
        # Each owner may return a case once, until somebody has ruled between two of them.
        "may_return": not (move.source is State.RETURN_REQUESTED and row.returns > 1),
    }
    if move.source in (State.REDO, State.LEADERSHIP):
        # A case that has to be done again is another piece of work, with a term and findings of its own.
        changes |= {"counted_from": at, "asked_days": 0, "extended_days": 0, "returns": 0, "not_before": None}
        changes |= dict.fromkeys(_KEPT_ON_THE_CASE)
        if row.not_after is not None and row.not_after <= at:
            # The end its sender named was for the first piece of work.
            changes["not_after"] = None
    return changes


def recounts(move: Move) -> bool:
    """Whether the end of the whole case's term changes with a move."""
    return (
        move.target is State.TRIAGED
        or move.source is State.EXTENSION_REQUESTED
        or (move.target is State.DISPATCHED and move.source in (State.REDO, State.LEADERSHIP))
    )
