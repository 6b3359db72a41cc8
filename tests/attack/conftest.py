"""Fixtures of attacks: a furnished hall, made once and copied for each module; the table of `make attack`."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from evalsys.kernel.clock import SHANGHAI
from evalsys.kernel.database import db
from tests.attack.halls import Furnished, furnish

REPORT = "ATTACK_REPORT"  # the file that `make attack` names
HEAD = """# Attack

Written by `make attack`, only when every test passed. Each line is one kind of attack upon the real program
with a furnished hall: what was sent to what, how often, and how often an answer was not what it should be: a
fault of ours (5xx), a refusal without a sentence, a page that somebody else's words have changed, an answer
against the interface's own document.
"""

Line = tuple[str, str, int, int]  # what was done, to what, how often, what was found
Note = Callable[[Line], None]
_noted: list[Line] = []


@pytest.fixture
def noted() -> Note:
    """Keep a line for the table."""
    return _noted.append


def pytest_sessionfinish(exitstatus: int) -> None:
    """Write the table where one was asked for and nothing failed."""
    report = os.environ.get(REPORT)
    if not report or exitstatus != 0:
        return
    rows = [f"| {done} | {where} | {times:,} | {found} |" for done, where, times, found in sorted(_noted)]
    day = datetime.now(SHANGHAI).date().isoformat()
    head = f"{day}\n\n| attack | upon | cases | findings |\n|---|---|--:|--:|"
    Path(report).write_text("\n".join((HEAD, head, *rows, "")), encoding="utf-8")


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Callable[[Path], Furnished]:
    """Opens a copy of one furnished hall in an empty folder."""
    return furnish(tmp_path_factory.mktemp("furnished"), sqlite_template)


@pytest.fixture(scope="module")
def hall(
    copied: Callable[[Path], Furnished], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Furnished]:
    """A furnished hall of this module's own."""
    hall = copied(tmp_path_factory.mktemp("hall"))
    yield hall
    with hall.app.app_context():
        db.session.remove()
        db.engine.dispose()
