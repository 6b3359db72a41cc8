"""Pages of the desk."""

from evalsys.desk.views import counts, drafts, on_call, orders, panels, reports
from evalsys.desk.views.blueprint import bp

__all__ = ["bp", "counts", "drafts", "on_call", "orders", "panels", "reports"]
