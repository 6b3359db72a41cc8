"""The desk's part of the JSON interface."""

from evalsys.desk.api import counts, orders
from evalsys.desk.api.blueprint import blp

__all__ = ["blp", "counts", "orders"]
