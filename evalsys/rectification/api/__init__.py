"""The loop's part of the JSON interface."""

from evalsys.rectification.api import cases, figures
from evalsys.rectification.api.blueprint import blp

__all__ = ["blp", "cases", "figures"]
