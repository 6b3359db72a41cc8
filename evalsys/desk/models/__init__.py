"""What the desk remembers beside the cases."""

from evalsys.desk.models.orders import Order, OrderCategory

__all__ = ["Order", "OrderCategory"]
