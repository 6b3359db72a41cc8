"""Turns: one writer at a time on one SQLite file, whichever process it is in, in the order of asking.

SQLite's own wait is a poll: a busy process finds the file free again and again, another waits for seconds.
Here who waits stands at the door, and who has just written comes behind him: two locked files beside the
database, `.next` for whoever is next and `.turn` for whoever writes. The system lets go of both when a
process ends, however it ends.
"""

import fcntl
import time
from contextlib import ExitStack
from pathlib import Path

POLL = 0.003  # seconds


class Turn:
    """A turn on one file: taken before the transaction begins, left after it has ended."""

    def __init__(self, file: Path) -> None:
        self._files = (file.with_name(f"{file.name}.next"), file.with_name(f"{file.name}.turn"))
        self._held = ExitStack()

    def take(self, patience: float | None) -> bool:
        """Wait for the turn, for ever or up to `patience` seconds; whether it was given."""
        self.leave()
        until = None if patience is None else time.monotonic() + patience
        with ExitStack() as at_the_door, ExitStack() as entering:
            for file, stack in zip(self._files, (at_the_door, entering), strict=True):
                number = stack.enter_context(file.open("ab")).fileno()
                if not _locked(number, until):
                    return False
                # Said in so many words: a forked child holds the same file open, and with it the lock.
                stack.callback(fcntl.flock, number, fcntl.LOCK_UN)
            self._held = entering.pop_all()
        return True

    def leave(self) -> None:
        """Let the next one in."""
        self._held.close()


def _locked(number: int, until: float | None) -> bool:
    """Lock an open file by its number; False where `until`, of the monotonic clock, came first."""
    if until is None:
        fcntl.flock(number, fcntl.LOCK_EX)
        return True
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(POLL)
        else:
            return True
