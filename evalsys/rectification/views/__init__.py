"""Pages of the loop: the desks', the citizen's, those of supervision and figures."""

from evalsys.rectification.views import (
    about_us,
    case,
    chase,
    dispatching,
    guidance,
    notes,
    queue,
    together,
)
from evalsys.rectification.views.blueprint import bp

__all__ = ["about_us", "bp", "case", "chase", "dispatching", "guidance", "notes", "queue", "together"]
