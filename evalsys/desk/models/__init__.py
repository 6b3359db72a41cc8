"""What the desk remembers beside the cases."""

from evalsys.desk.models.orders import Order, OrderCategory
from evalsys.desk.models.reports import NotDoneReport

__all__ = ["NotDoneReport", "Order", "OrderCategory"]
