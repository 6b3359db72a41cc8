"""Pages of the desk."""

from evalsys.desk.views import orders, panels, reports
from evalsys.desk.views.blueprint import bp

__all__ = ["bp", "orders", "panels", "reports"]
