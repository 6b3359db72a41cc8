"""Noting in the journal that the auditor took the journal out, or drew ratings."""

from datetime import date

from sqlalchemy import Connection

from evalsys.kernel import journal
from evalsys.kernel.access import Actor
from evalsys.kernel.masking import masked


def note_export(connection: Connection, actor: Actor, kind: str, asked: str) -> None:
    """Leave a mark before the journal goes out as a file; `asked` is the address's query."""
    journal.record(connection, actor, "export-journal", kind, asked=masked(asked[:200]))


def note_draw(connection: Connection, actor: Actor, day: date, count: int, seal: str) -> None:
    """Keep that so many ratings of a sealed day were drawn, and by which seal."""
    journal.record(connection, actor, "draw-ratings", f"day {day}", ratings=count, seal=seal)


def note_look(connection: Connection, actor: Actor, day: date, nth: int) -> None:
    """Leave a mark before a drawn rating is shown with all that hangs off it."""
    journal.record(connection, actor, "read-spot-check", f"day {day}", nth=nth)
