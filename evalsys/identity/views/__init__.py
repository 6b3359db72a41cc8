"""Signing in and managing accounts."""

from evalsys.identity.views import accounts, devices, notices, second_step, signing_in
from evalsys.identity.views.blueprint import bp

__all__ = ["accounts", "bp", "devices", "notices", "second_step", "signing_in"]
