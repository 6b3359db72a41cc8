"""Telling evaluation what a closed case found."""

from sqlalchemy import Connection

from evalsys.evaluation.actions.findings import note_finding
from evalsys.rectification.events import CauseEstablished


def pass_on(connection: Connection, event: CauseEstablished) -> None:
    """Follow a case that closed, or was taken up again: its finding decides whose figure a rating is."""
    note_finding(connection, event.roots, event.cause, event.at)
