"""Events and who follows them, in the same transaction; the table itself stands in `evalsys.wiring`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

Reaction = Callable[[Connection, Any], None]


@dataclass(frozen=True)
class Together:
    """A reaction that is told of several events at once, where a transaction gathers them; else of each."""

    function: Callable[[Connection, Sequence[Any]], None]


@dataclass(frozen=True)
class _Told:
    """An event that waits for its Together reaction."""

    reaction: Together
    event: object


# In a connection's own notes: what waits until the gathering ends.
_GATHERED = "evalsys.gathered"

_followers: dict[type, tuple[Reaction | Together, ...]] = {}


def follow(table: Mapping[type, Sequence[Reaction | Together]]) -> None:
    """Put a table of events and their reactions into force, in place of the one before."""
    _followers.clear()
    _followers.update({event: tuple(reactions) for event, reactions in table.items()})


def publish(connection: Connection, event: object) -> None:
    """Tell every follower of an event, in order, inside the caller's transaction."""
    for reaction in _followers.get(type(event), ()):
        if not isinstance(reaction, Together):
            reaction(connection, event)
        elif _GATHERED in connection.info:
            connection.info[_GATHERED].append(_Told(reaction, event))
        else:
            reaction.function(connection, [event])


@contextmanager
def gathering(connection: Connection) -> Iterator[None]:
    """Let Together reactions wait until the end of this block, then run each once with all its events.

    Nothing inside the block may read what such a reaction writes. Nothing is run where the block fails.
    A block inside another one leaves it to the outer one.
    """
    # A connection that breaks inside the block cannot be asked for its notes any more.
    notes = connection.info
    if _GATHERED in notes:
        yield
        return
    notes[_GATHERED] = []
    try:
        yield
        waiting: list[_Told] = notes[_GATHERED]
    finally:
        notes.pop(_GATHERED, None)
    for reaction in dict.fromkeys(told.reaction for told in waiting):
        reaction.function(connection, [told.event for told in waiting if told.reaction == reaction])


@contextmanager
def gathering_apart(connection: Connection) -> Iterator[None]:
    """A gathering of its own, also inside another one: its reactions have run at its end."""
    notes = connection.info
    outer = notes.pop(_GATHERED, None)
    try:
        with gathering(connection):
            yield
    finally:
        if outer is not None:
            notes[_GATHERED] = outer


def gathered_so_far(connection: Connection) -> int:
    """How many events wait; for `forget_since`."""
    return len(connection.info.get(_GATHERED, ()))


def forget_since(connection: Connection, so_far: int) -> None:
    """Forget the events gathered after `gathered_so_far`: what brought them has been taken back."""
    if _GATHERED in connection.info:
        del connection.info[_GATHERED][so_far:]
