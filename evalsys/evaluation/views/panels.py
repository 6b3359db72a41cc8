"""What other features add to the receipt page: the state of a case, a proof; wiring says which."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

_KEPT = "evalsys.receipt-panels"


# Given a session, the root of a rating, and now: a template with what it shows, or None for nothing.
ReceiptPanel = Callable[[Session, int, datetime], tuple[str, dict[str, Any]] | None]


@dataclass(frozen=True)
class Panel:
    """A part of the receipt page: its template, and what that knows as `panel.content`.

    Content that says `comes_first` stands before the questions why, all other after them.
    """

    template: str
    content: dict[str, Any]


def install(app: Flask, panels: Sequence[ReceiptPanel]) -> None:
    """Say which features add something to the receipt page, in this order."""
    app.extensions[_KEPT] = tuple(panels)


def panels_of(session: Session, root: int, now: datetime) -> list[Panel]:
    """The panels that have something to say about a rating."""
    offered: tuple[ReceiptPanel, ...] = current_app.extensions[_KEPT]
    return [Panel(*found) for panel in offered if (found := panel(session, root, now)) is not None]
