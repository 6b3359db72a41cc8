"""Fixtures of deployment tests: one served site, and each front of docs/deploying before it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import settings_for
from tests.deploying.fronts import KINDS, Front, front
from tests.faults.servers import Server, serving
from tests.faults.sites import Site, furnish

BEHIND_A_FRONT = {
    "EVALSYS_BASE_URL": "https://localhost",
    "EVALSYS_TRUSTED_HOSTS": "localhost",
    "EVALSYS_PROXY_HOPS": "1",
}


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A furnished site on SQLite."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "evalsys.sqlite3")
    return furnish(settings_for(folder))


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    """Its server, told that one front stands before it."""
    with serving(site, settings=BEHIND_A_FRONT) as running:
        yield running


@pytest.fixture(scope="module", params=KINDS)
def gate(request: pytest.FixtureRequest, server: Server) -> Iterator[Front]:
    """Each front before that server."""
    with front(request.param, server.address) as running:
        yield running
