"""Displays on the wall: who puts them up, and what they may say to a whole hall."""

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused

KEEP_BOARDS = Permission("keep-boards", frozenset({"data-steward"}))

REFRESH = 20  # seconds between two looks of a display for something new
SHOWN_DEPARTMENTS = 8
TREND_WEEKS = 13


class NoSuchHall(Refused):
    """A display is wanted for a hall there is not."""


def in_tens(n: int) -> int:
    """A count that moves on, in whole tens: no two looks at it tell of fewer than ten ratings."""
    return n // 10 * 10
