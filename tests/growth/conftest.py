"""One hall for all tests of a module: they look at it, and what they add to it harms no other."""

import shutil
from collections.abc import Iterator
from uuid import uuid4

import pytest

from evalsys.app import create_app
from evalsys.kernel.database import db
from tests.conftest import _address, _administer, settings_for
from tests.growth.hall import BigHall, a_big_hall
from tests.pages import PageClient


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database of an empty site on each engine; '' stands for SQLite."""
    if request.param == "sqlite":
        yield ""
        return
    postgres = request.getfixturevalue("postgres")
    name = f"hall_{uuid4().hex[:12]}"
    _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgres_template')}")
    yield _address(postgres, name)
    _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def hall(
    address: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BigHall]:
    """A hall whose ratings are still to come."""
    folder = tmp_path_factory.mktemp("hall")
    if not address:
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "evalsys.sqlite3")
    app = create_app(settings_for(folder, address))
    app.test_client_class = PageClient
    yield a_big_hall(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
