"""The posting program as a test holds it: children to order about, and what they said before they ended."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.sites import Site

PATIENCE = 120.0  # seconds until a silent program is given up


@dataclass
class Said:
    """What a child said: receipts it gave, what it refused and with which words, and how it ended."""

    receipts: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    exit_code: int | None = None  # minus the signal that killed it

    def note(self, line: str) -> bool:
        """Take in a line; whether it was the last of what was ordered."""
        what, _, rest = line.partition(" ")
        if what == "thanks":
            self.receipts.append(rest)
        elif what == "refused":
            self.refusals.append(rest)
        elif what == "shown":
            self.shown.append(int(rest))
        elif what == "ended":
            self.exit_code = int(rest)
        return what in ("done", "ended")


class Poster:
    """The waiting program."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        self._program = program
        self._unread = b""

    def order(self, words: str) -> None:
        """Send one line."""
        assert self._program.stdin is not None
        self._program.stdin.write(f"{words}\n".encode())
        self._program.stdin.flush()

    def line(self) -> str:
        """The next line it says."""
        assert self._program.stdout is not None
        patience_ends = time.monotonic() + PATIENCE
        while b"\n" not in self._unread:
            left = max(0.0, patience_ends - time.monotonic())
            ready, _, _ = select.select([self._program.stdout], [], [], left)
            chunk = os.read(self._program.stdout.fileno(), 65536) if ready else b""
            assert chunk, f"the posting program fell silent after {self._unread!r}"
            self._unread += chunk
        line, self._unread = self._unread.split(b"\n", 1)
        return line.decode()

    @contextmanager
    def child(self) -> Iterator["Child"]:
        """A fresh child that has not touched the database yet; ended with the block if it lives."""
        self.order("child")
        word, pid = self.line().split()
        assert word == "child"
        child = Child(self, int(pid))
        try:
            yield child
        finally:
            # Nothing is left of a child of a test that failed: the next order is for the parent.
            if child.said.exit_code is None:
                os.kill(child.pid, signal.SIGKILL)
            while child.said.exit_code is None:
                child.listen()


class Child:
    """One forked process of the application."""

    def __init__(self, poster: Poster, pid: int) -> None:
        self._poster = poster
        self.pid = pid
        self.said = Said()

    def post(self, number: int) -> Said:
        """Have it post that many ratings; returns when they are answered or the child has ended."""
        self._poster.order(f"post {number}")
        return self.listen()

    def look(self, number: int) -> Said:
        """Have it open that many rating forms."""
        self._poster.order(f"look {number}")
        return self.listen()

    def listen(self) -> Said:
        """Hear it out until it has done what was ordered, or has ended."""
        while not self.said.note(self._poster.line()):
            pass
        return self.said


@contextmanager
def posting(site: Site, *options: str) -> Iterator[Poster]:
    """The posting program of a site, waiting for orders; it ends when its standard input does."""
    command = [sys.executable, "-m", "tests.faults.posting", *options, *site.codes]
    program = subprocess.Popen(
        command,
        env=site.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        poster = Poster(program)
        assert poster.line() == "ready"
        yield poster
    finally:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.close()
        program.stdout.close()
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
