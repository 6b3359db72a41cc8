"""Pages that let anybody check the sums."""

from evalsys.assurance.views import seals
from evalsys.assurance.views.blueprint import bp

__all__ = ["bp", "seals"]
