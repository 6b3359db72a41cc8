"""Signing in and managing accounts."""

from evalsys.identity.views import accounts, devices, notices, signing_in
from evalsys.identity.views.blueprint import bp

__all__ = ["accounts", "bp", "devices", "notices", "signing_in"]
