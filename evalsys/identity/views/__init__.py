"""Signing in and managing accounts."""

from evalsys.identity.views import accounts, signing_in
from evalsys.identity.views.blueprint import bp

__all__ = ["accounts", "bp", "signing_in"]
