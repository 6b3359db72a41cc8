"""Pages of the desk."""

from evalsys.desk.views import counts, drafts, imports, on_call, orders, panels, reports
from evalsys.desk.views.blueprint import bp

__all__ = ["bp", "counts", "drafts", "imports", "on_call", "orders", "panels", "reports"]
