"""Events and who follows them, in the same transaction; the table itself stands in `evalsys.wiring`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

Reaction = Callable[[Connection, Any], None]

_followers: dict[type, tuple[Reaction, ...]] = {}


def follow(table: Mapping[type, Sequence[Reaction]]) -> None:
    """Put a table of events and their reactions into force, in place of the one before."""
    _followers.clear()
    _followers.update({event: tuple(reactions) for event, reactions in table.items()})


def publish(connection: Connection, event: object) -> None:
    """Tell every follower of an event, in order, inside the caller's transaction."""
    for reaction in _followers.get(type(event), ()):
        reaction(connection, event)
