"""Evaluation's part of the JSON interface."""

from evalsys.evaluation.api import reading, services
from evalsys.evaluation.api.blueprint import blp

__all__ = ["blp", "reading", "services"]
