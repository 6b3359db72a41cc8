"""R10: a thousand slow connections at a front, of each kind, and an honest phone rates within a second.

Seen failing: with `proxy_request_buffering off` slow bodies hold every thread of the server, and an honest
phone waits until the front gives them up.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.attack.conftest import Note
from tests.conftest import settings_for
from tests.deploying.conftest import BEHIND_A_FRONT
from tests.deploying.fronts import KINDS, Front, connections_at, front, taking_the_nameless
from tests.faults.phones import new_key
from tests.faults.servers import end_group, serving, wait_until
from tests.faults.sites import Site, furnish

pytestmark = [pytest.mark.attack, pytest.mark.xdist_group("deploying")]

CONNECTIONS = 1_000
HONEST = 40  # people, one after another: each sees the form and rates
TOO_SLOW = 1.0  # seconds
WAYS = {
    "slow headers": ("-H", "-i", "3"),
    "slow bodies": ("-B", "-i", "3", "-s", "8192"),
    "slow readers": ("-X", "-n", "5", "-w", "1", "-y", "8", "-z", "1", "-k", "1"),
}


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A furnished site on SQLite."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "evalsys.sqlite3")
    return furnish(settings_for(folder))


@pytest.fixture(scope="module", params=KINDS)
def gate(request: pytest.FixtureRequest, site: Site) -> Iterator[Front]:
    """Each front before the real server."""
    with (
        serving(site, settings=BEHIND_A_FRONT) as server,
        front(request.param, server.address, taking_the_nameless) as running,
    ):
        yield running


@contextmanager
def slow_ones(gate: Front, code: str, way: str) -> Iterator[None]:
    """A thousand slow connections to a form, all of them open before the block begins."""
    log = gate.folder / "slowhttptest"
    address = f"https://localhost:{gate.port}/q/{code}"
    with log.open("wb") as output:
        attacker = subprocess.Popen(
            ["slowhttptest", "-c", str(CONNECTIONS), "-r", "500", "-l", "60", "-u", address, *WAYS[way]],
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until(lambda: connections_at(gate.port) >= CONNECTIONS * 0.95, log)
        yield
    finally:
        end_group(attacker.pid)
        attacker.wait()


@pytest.mark.parametrize("way", WAYS)
def test_honest_people_rate_while_a_thousand_are_slow(gate: Front, site: Site, noted: Note, way: str) -> None:
    seconds, fewest = [], CONNECTIONS
    with slow_ones(gate, site.codes[0], way):
        for place in range(HONEST):
            code = site.codes[place % len(site.codes)]
            began = time.monotonic()
            assert gate.ask("GET", f"/q/{code}").status == 200
            assert gate.rate(code, new_key()).status == 303
            seconds.append(time.monotonic() - began)
            fewest = min(fewest, connections_at(gate.port))
    slow = sum(one >= TOO_SLOW for one in seconds)
    done = (
        f"{CONNECTIONS:,} {way} (slowhttptest), {fewest} of them open to the end; "
        f"form and rating of {HONEST} honest people: longest {max(seconds) * 1000:.0f} ms"
    )
    noted((done, f"{gate.kind} before `evalsys serve`, 1 worker", CONNECTIONS, slow))
    print(done)
    assert slow == 0, seconds
