"""Pages of evaluation: the citizen's, and those of window codes."""

from evalsys.evaluation.views import codes, links, phone, receipts, records
from evalsys.evaluation.views.blueprint import bp

__all__ = ["bp", "codes", "links", "phone", "receipts", "records"]
