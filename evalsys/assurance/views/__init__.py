"""Pages that let anybody check the sums, and programs how the site does."""

from evalsys.assurance.views import (
    health,
    journal,
    left_out,
    seals,
    signals,
    spot_checks,
    standing,
    status,
)
from evalsys.assurance.views.blueprint import bp

__all__ = ["bp", "health", "journal", "left_out", "seals", "signals", "spot_checks", "standing", "status"]
