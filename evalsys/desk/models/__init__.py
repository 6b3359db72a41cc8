"""What the desk remembers beside the cases."""

from evalsys.desk.models.on_call import OnCall, OrderCall
from evalsys.desk.models.orders import Order, OrderCategory
from evalsys.desk.models.refusals import RefusalDraft
from evalsys.desk.models.reports import NotDoneReport, ReportMark

__all__ = ["NotDoneReport", "OnCall", "Order", "OrderCall", "OrderCategory", "RefusalDraft", "ReportMark"]
