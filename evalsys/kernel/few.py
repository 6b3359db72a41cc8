"""Large answers are made a few at a time: many at once in one process are no faster, and all are held."""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from evalsys.kernel.database import let_go
from evalsys.kernel.writer import NOT_SAVED, Busy

P = ParamSpec("P")
R = TypeVar("R")

AT_ONCE = 2  # one counts while another waits for the database
PATIENCE = 8.0  # seconds somebody waits for a place

_places = BoundedSemaphore(AT_ONCE)


def few_at_once(make: Callable[P, R]) -> Callable[P, R]:
    """Let at most AT_ONCE threads of this process make large answers; never one inside another.

    Whoever waits holds no connection, so that the others are not kept from theirs; after PATIENCE they are
    told to come again (Busy).
    """

    @wraps(make)
    def in_turn(*args: P.args, **kwargs: P.kwargs) -> R:
        if not _places.acquire(blocking=False):
            let_go()
            if not _places.acquire(timeout=PATIENCE):
                raise Busy(NOT_SAVED)
        try:
            return make(*args, **kwargs)
        finally:
            _places.release()

    return in_turn
