"""Pages that let anybody check the sums."""

from evalsys.assurance.views import left_out, seals, signals, standing
from evalsys.assurance.views.blueprint import bp

__all__ = ["bp", "left_out", "seals", "signals", "standing"]
