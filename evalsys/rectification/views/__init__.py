"""Pages of the loop: the desks', the citizen's, those of supervision and figures."""

from evalsys.rectification.views import case, chase, queue
from evalsys.rectification.views.blueprint import bp

__all__ = ["bp", "case", "chase", "queue"]
