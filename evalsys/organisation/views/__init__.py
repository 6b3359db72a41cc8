"""The pages of the organisation: the data steward's, the rota, and taking over at a window."""

from evalsys.organisation.views import halls, imports, lists, rota, sitting, windows
from evalsys.organisation.views.blueprint import bp

__all__ = ["bp", "halls", "imports", "lists", "rota", "sitting", "windows"]
