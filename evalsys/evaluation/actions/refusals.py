"""Noting at a window that something could not be done."""

from sqlalchemy import Connection

from evalsys.evaluation.events import ServiceRefused
from evalsys.kernel import reactions


def note_refusal(connection: Connection, refused: ServiceRefused) -> None:
    """Announce what could not be done; whoever follows it keeps it."""
    reactions.publish(connection, refused)
