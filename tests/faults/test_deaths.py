"""R1, R8: the database or a worker dies under load; what was thanked for stays, and the site comes back.

Seen failing: with the answer given before the commit: a killed worker takes receipts along, while the file is
locked or PostgreSQL stopped people are thanked; without `respawn_failed_workers`: one dead worker ends all;
without handlers of a worker's own from its fork on: a site told to end just then waits for ever.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.conftest import made, settings_for
from tests.faults.conftest import Line, Note
from tests.faults.phones import Answer, Crowd, new_key, rate, until
from tests.faults.servers import Cluster, cluster, serving, wait_until
from tests.faults.sites import Site, furnish, locked

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

SOON = 30.0  # seconds; what a person is told, he is told by then on a machine however busy
DOWN = 60.0  # seconds
BETWEEN = 1.0  # seconds between two taps meanwhile


@pytest.fixture(scope="module")
def mortal() -> Iterator[Cluster]:
    """A PostgreSQL server that may be killed."""
    with cluster() as server:
        yield server


@pytest.fixture
def mortal_site(mortal: Cluster, tmp_path: Path) -> Site:
    """A furnished site in it."""
    name = f"site_{uuid4().hex[:12]}"
    with psycopg.connect(
        host=str(mortal.folder), user="evalsys", dbname="postgres", autocommit=True
    ) as all_of_it:
        all_of_it.execute(f"CREATE DATABASE {name}".encode())
    settings = settings_for(tmp_path, mortal.url.replace("/postgres?", f"/{name}?"))
    made(settings)
    return furnish(settings)


def test_a_site_told_to_end_while_a_worker_is_being_followed_ends(own_site: Site) -> None:
    """The new worker has not yet begun to listen for it: it must not miss the word and keep all waiting."""
    with serving(own_site, "--workers", "2") as server:
        first, second = server.workers()
        os.kill(second, signal.SIGKILL)
        wait_until(lambda: bool(set(server.workers()) - {first, second}), server.log)
        server.main.terminate()
        server.main.wait(SOON)


def assert_nothing_saved(answer: Answer) -> None:
    """A page in plain words, in time, that promises nothing."""
    assert answer.status == 503, (answer.status, answer.words[:400])
    assert "还没提交" in answer.words or "没有保存" in answer.words
    assert int(answer.headers["retry-after"]) > 0
    assert answer.seconds < SOON


@pytest.mark.postgresql
def test_a_database_that_dies_under_load_keeps_what_was_thanked_for(
    mortal: Cluster, mortal_site: Site, noted: Note
) -> None:
    with serving(mortal_site) as server, Crowd(server.address, mortal_site.codes).rating() as memory:
        for _ in range(2):
            until(memory, 30)
            mortal.stop(signal.SIGQUIT)
            assert_nothing_saved(rate(server.address, mortal_site.codes[0], new_key()))
            mortal.start()
            until(memory, 30)
    assert set(memory.statuses) <= {503}
    found = mortal_site.look(memory.receipts.values())
    assert (found.lost, found.faults) == (frozenset(), ())
    refused = memory.statuses[503]
    done = "PostgreSQL stopped with -m immediate under load and started again, twice"
    kept = f"0 of {len(memory.receipts):,} thanked for lost"
    noted(("R1", done, f"{kept}, {refused:,} × 503, no restart of the site"))


def check_dead_workers(site: Site, deaths: int) -> Line:
    with serving(site, "--workers", "2") as server:
        with Crowd(server.address, site.codes, insists=True).rating() as memory:
            for _ in range(deaths):
                until(memory, 20)
                victim = server.workers()[0]
                os.kill(victim, signal.SIGKILL)
                wait_until(lambda v=victim: v not in (w := server.workers()) and len(w) == 2, server.log)
                # Two deaths within six seconds are taken for a site that cannot live.
                time.sleep(6)
            until(memory, 20)
        assert set(memory.statuses) <= {0, 503}
    found = site.look(memory.receipts.values())
    assert (found.lost, found.faults) == (frozenset(), ())
    engine = "PostgreSQL" if site.settings.database_url else "SQLite"
    cut = memory.statuses[0]
    done = f"kill -9 of one of two workers under load, {deaths} times, {engine}"
    return "R1", done, f"0 of {len(memory.receipts):,} thanked for lost, {cut:,} connections cut, all retried"


def test_a_worker_that_dies_under_load_takes_nothing_along(own_site: Site) -> None:
    check_dead_workers(own_site, 1)


@pytest.mark.long
def test_workers_that_die_again_and_again_take_nothing_along(any_site: Site, noted: Note) -> None:
    noted(check_dead_workers(any_site, 3))


@contextmanager
def stopped(mortal: Cluster) -> Iterator[None]:
    """The PostgreSQL server is away."""
    mortal.stop(signal.SIGINT)
    try:
        yield
    finally:
        mortal.start()


def check_down(site: Site, away: AbstractContextManager[None], seconds: float) -> Line:
    with serving(site) as server:
        before = rate(server.address, site.codes[0], new_key())
        keys = [new_key()]
        with away:
            began = time.monotonic()
            answers = [rate(server.address, site.codes[0], keys[0])]
            while time.monotonic() - began < seconds:
                time.sleep(BETWEEN)
                keys.append(new_key())
                answers.append(rate(server.address, site.codes[0], keys[-1]))
        for answer in answers:
            assert_nothing_saved(answer)
        # The same tap, sent again once it is back, without a restart of the site.
        after = [rate(server.address, site.codes[0], key) for key in keys]
        assert {answer.status for answer in after} == {303}
    receipts = [answer.receipt for answer in (before, *after)]
    found = site.look(receipts)
    assert (found.ratings, found.lost, found.faults) == (len(receipts), frozenset(), ())
    longest = max(answer.seconds for answer in answers)
    what = "PostgreSQL away" if site.settings.database_url else "SQLite locked by somebody else"
    done = f"{what} for {seconds:.0f} s, {len(answers)} ratings tried meanwhile"
    told = f"each told after {longest:.1f} s at most that nothing was saved; the same taps stored afterwards"
    return "R8", done, told


@pytest.mark.postgresql
def test_while_the_database_is_away_the_page_says_so(mortal: Cluster, mortal_site: Site) -> None:
    check_down(mortal_site, stopped(mortal), 0)


def test_while_the_file_is_locked_the_page_says_so(own_site: Site) -> None:
    check_down(own_site, locked(own_site), 0)


@pytest.mark.long
@pytest.mark.postgresql
def test_while_the_database_is_away_for_long_the_page_says_so(
    mortal: Cluster, mortal_site: Site, noted: Note
) -> None:
    noted(check_down(mortal_site, stopped(mortal), DOWN))


@pytest.mark.long
def test_while_the_file_is_locked_for_long_the_page_says_so(own_site: Site, noted: Note) -> None:
    noted(check_down(own_site, locked(own_site), DOWN))
