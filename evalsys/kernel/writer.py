"""The one door for what citizens write: an action runs with its reactions in one durable transaction."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from evalsys.kernel.database import write_connection

P = ParamSpec("P")
T = TypeVar("T")


def run(action: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `action(connection, …)` and return its answer only after the commit has succeeded.

    Actions given here take a connection, ids and frozen dataclasses only, so that they may run on any thread.
    """
    with write_connection() as connection:
        return action(connection, *args, **kwargs)
