"""What other features add to receipts: a state, a proof, codes of their own; wiring says which."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

_KEPT = "evalsys.receipt-panels"
_ELSEWHERE = "evalsys.receipts-elsewhere"


# Given a session, the root of a rating, and now: a template with what it shows, or None for nothing.
ReceiptPanel = Callable[[Session, int, datetime], tuple[str, dict[str, Any]] | None]
# Given a session and a code as it was typed: the address of another feature's page for it, or None.
ReceiptElsewhere = Callable[[Session, str], str | None]


@dataclass(frozen=True)
class Panel:
    """A part of the receipt page: its template, and what that knows as `panel.content`.

    Content that says `comes_first` stands before the questions why, all other after them.
    """

    template: str
    content: dict[str, Any]


def install(app: Flask, panels: Sequence[ReceiptPanel], elsewhere: Sequence[ReceiptElsewhere]) -> None:
    """Say which features add something to the receipt page, in this order, and which have receipts too."""
    app.extensions[_KEPT] = tuple(panels)
    app.extensions[_ELSEWHERE] = tuple(elsewhere)


def panels_of(session: Session, root: int, now: datetime) -> list[Panel]:
    """The panels that have something to say about a rating."""
    offered: tuple[ReceiptPanel, ...] = current_app.extensions[_KEPT]
    return [Panel(*found) for panel in offered if (found := panel(session, root, now)) is not None]


def address_elsewhere(session: Session, typed: str) -> str | None:
    """The address of another feature's page for a code; None where it is nobody's."""
    offered: tuple[ReceiptElsewhere, ...] = current_app.extensions[_ELSEWHERE]
    return next((found for place in offered if (found := place(session, typed)) is not None), None)
