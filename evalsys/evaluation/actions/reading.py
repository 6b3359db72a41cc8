"""Noting that somebody reads single ratings."""

from sqlalchemy import Connection

from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.masking import masked

# Parts of an address that hold numbers of ours: where the next page begins.
_OURS = ("after", "cursor")


def note_reading(connection: Connection, actor: Actor, what: str) -> None:
    """Leave a mark in the journal before rating rows are read; `what` names them."""
    journal.record(connection, actor, "read-ratings", what[:200] or "all")


def as_noted(query: str) -> str:
    """An address's query as the journal keeps it: without the numbers of people that somebody looked for."""
    parts = query[:200].split("&")
    return "&".join(part if part.partition("=")[0] in _OURS else masked(part) for part in parts)
