"""Fixtures of attacks: a furnished hall, made once and copied for each module; the table of `make attack`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evalsys.kernel.database import db
from tests.attack.halls import Furnished, furnish


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
