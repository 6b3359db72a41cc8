"""Noting that somebody reads what a caller or a visitor brought to a desk."""

from sqlalchemy import Connection

from evalsys.kernel import journal
from evalsys.kernel.access import Actor


def note_case(connection: Connection, actor: Actor, no: str) -> None:
    """Leave a mark in the journal before the words of a case are read that came from no rating."""
    journal.record(connection, actor, "read-case", f"case {no}")
