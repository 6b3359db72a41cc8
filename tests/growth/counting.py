"""Counting what SQLite does: the steps of its virtual machine, the same on every machine and at any time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

EVERY = 100  # steps between two ticks of the driver's handler: cheaper statements are not counted


class Steps:
    """The steps taken so far."""

    def __init__(self) -> None:
        self.ticks = 0

    def tick(self) -> int:
        """Note EVERY more steps; 0 lets the statement go on."""
        self.ticks += 1
        return 0

    def taken(self) -> int:
        """The steps since the last call."""
        taken, self.ticks = self.ticks * EVERY, 0
        return taken


@contextmanager
def counted_steps() -> Iterator[Steps]:
    """Count the steps of every SQLite connection opened meanwhile."""
    steps = Steps()

    def listen(connection: Any, _record: object) -> None:
        if hasattr(connection, "set_progress_handler"):
            connection.set_progress_handler(steps.tick, EVERY)

    event.listen(Engine, "connect", listen)
    try:
        yield steps
    finally:
        event.remove(Engine, "connect", listen)
