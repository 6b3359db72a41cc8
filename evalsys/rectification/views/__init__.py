"""Pages of the loop: the desks', the citizen's, those of supervision and figures."""

from evalsys.rectification.views import (
    about_us,
    appeals,
    case,
    chase,
    citizen,
    dispatching,
    figures,
    guidance,
    notes,
    queue,
    relay,
    reviewing,
    supervision,
    together,
)
from evalsys.rectification.views.blueprint import bp

__all__ = [
    "about_us",
    "appeals",
    "bp",
    "case",
    "chase",
    "citizen",
    "dispatching",
    "figures",
    "guidance",
    "notes",
    "queue",
    "relay",
    "reviewing",
    "supervision",
    "together",
]
