"""Noting that somebody reads single ratings."""

from sqlalchemy import Connection

from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.masking import masked


def note_reading(connection: Connection, actor: Actor, asked: str) -> None:
    """Leave a mark in the journal before rating rows are read; `asked` is the address's query."""
    journal.record(connection, actor, "read-ratings", masked(asked[:200]) or "all")
