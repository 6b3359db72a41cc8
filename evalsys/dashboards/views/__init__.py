"""Pages of those who look at sums: rankings, the manager's console, and what stands beside the rankings."""

from evalsys.dashboards.views import again, boards, bulletins, fixes, moved, rankings, sheets, statistics
from evalsys.dashboards.views.blueprint import bp

__all__ = ["again", "boards", "bp", "bulletins", "fixes", "moved", "rankings", "sheets", "statistics"]
