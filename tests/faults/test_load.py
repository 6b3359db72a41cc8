"""R9, R11: reloads under load fail nobody, and ten times the load is stored or refused, never lost.

Seen failing: with SIGTERM and a new start in the place of a reload, connections reset and refused; with
actions left in the full queue although they were refused, more ratings than thanks.
"""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import quantiles
from urllib.parse import urlsplit

import pytest

from evalsys.kernel.batches import NOT_KNOWN
from tests.deploying.conftest import BEHIND_A_FRONT
from tests.deploying.crowds import Seen, crowd
from tests.deploying.fronts import KINDS, Front, front
from tests.faults.conftest import Line, Note
from tests.faults.phones import Answer, Crowd, until
from tests.faults.servers import PATIENCE, serving, wait_until
from tests.faults.sites import Site, locked

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

REQUESTS, RELOADS = 5_000, 5
USUAL, TEN_TIMES = 8, 80  # phones at once
TOO_MANY = 160  # phones at once: more than one queue holds
QUEUED = 400  # phones at once: more than the queues of two workers hold
SLOW, SLOWNESS = 20, 0.5  # phones at once on a slow line, seconds before they say anything
RECOVERS_WITHIN = 10.0  # seconds


def check_reloads(site: Site, reloads: int, requests: int) -> Line:
    with serving(site, "--workers", "2") as server, Crowd(server.address, site.codes).rating() as memory:
        for _ in range(reloads):
            until(memory, requests // reloads)
            server.reload()
        until(memory, 20)
    assert not memory.others, (memory.statuses, memory.others[:3])
    found = site.look(memory.receipts.values())
    assert (found.lost, found.faults) == (frozenset(), ())
    assert found.ratings == memory.asked
    engine = "PostgreSQL" if site.settings.database_url else "SQLite"
    done = f"{reloads} reloads (SIGHUP) under load, {engine}, 2 workers"
    return "R9", done, f"0 of {memory.asked:,} requests failed"


def test_a_reload_under_load_fails_nobody(own_site: Site) -> None:
    check_reloads(own_site, 1, 100)


def test_a_reload_cuts_off_nobody_who_is_slow_to_speak(own_site: Site) -> None:
    # Over such a line half a second passes between the connection and the first word on it.
    with serving(own_site, "--workers", "2") as server, ThreadPoolExecutor(SLOW) as phones:
        reloading = phones.submit(server.reload)
        asked = []
        while not reloading.done():
            asked.append(phones.submit(asked_slowly, server.address))
            time.sleep(SLOWNESS / SLOW)
    assert len(asked) > SLOW
    assert {one.result() for one in asked} == {b"HTTP/1.1 200 OK"}


def asked_slowly(address: str) -> bytes:
    """The first line of an answer to somebody who says nothing for a while, or what cut them off."""
    where = urlsplit(address)
    try:
        with socket.create_connection((where.hostname or "", where.port or 0), PATIENCE) as line:
            time.sleep(SLOWNESS)
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return line.makefile("rb").readline().strip()
    except OSError as fault:
        return repr(fault).encode()


@pytest.mark.long
def test_five_reloads_under_load_fail_nobody(any_site: Site, noted: Note) -> None:
    noted(check_reloads(any_site, RELOADS, REQUESTS))


@pytest.mark.long
def test_an_end_under_load_takes_nothing_along(any_site: Site, noted: Note) -> None:
    with (
        serving(any_site, "--workers", "2") as server,
        Crowd(server.address, any_site.codes).rating() as memory,
    ):
        until(memory, 100)
        server.main.terminate()
        server.main.wait(PATIENCE)
    # A connection no worker has taken yet is refused or reset; a request that was begun is answered.
    assert set(memory.statuses) <= {0}
    found = any_site.look(memory.receipts.values())
    assert (found.lost, found.faults) == (frozenset(), ())
    engine = "PostgreSQL" if any_site.settings.database_url else "SQLite"
    cut = sum("ConnectionRefused" not in answer.words for answer in memory.others)
    done = f"SIGTERM under load, {engine}, 2 workers"
    noted(
        (
            "R9",
            done,
            f"0 of {len(memory.receipts):,} thanked for lost, {cut} connections cut, none half stored",
        )
    )


def check_overload(site: Site, phones: int, ratings: int) -> Line:
    with serving(site) as server:
        usual = Crowd(server.address, site.codes, USUAL).rate(ratings // 4)
        memory = Crowd(server.address, site.codes, phones).rate(ratings)
    assert usual.statuses == {}
    assert set(memory.statuses) <= {503}
    for answer in memory.others:
        assert int(answer.headers["retry-after"]) > 0
    found = site.look([*usual.receipts.values(), *memory.receipts.values()])
    assert (found.lost, found.faults) == (frozenset(), ())
    refused = [answer.seconds for answer in memory.others if NOT_KNOWN not in answer.words]
    # Who was refused is not there; who was told that it is not known may be.
    thanked, unsure = len(usual.receipts) + len(memory.receipts), len(memory.others) - len(refused)
    assert thanked <= found.ratings <= thanked + unsure
    engine = "PostgreSQL" if site.settings.database_url else "SQLite"
    slow = f", refused after {_p99(refused):.0f} ms (p99)" if refused else ""
    done = f"{phones} phones at once in the place of {USUAL}, {engine}, 1 worker"
    kept = (
        f"{len(memory.receipts):,} of {ratings:,} thanked for and stored, {_p99(memory.seconds):.0f} ms (p99)"
    )
    return "R11", done, f"{kept}; {len(refused):,} × 503 with Retry-After{slow}"


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100, method="inclusive")[98] * 1000 if len(seconds) > 1 else seconds[0] * 1000


def test_ten_times_the_load_is_stored_or_refused(own_site: Site) -> None:
    check_overload(own_site, TEN_TIMES, 240)


def is_refused_at_once(answer: Answer) -> bool:
    """Whether the queue was full: who is in it hears of a locked file after two seconds, not before."""
    return answer.status == 503 and answer.seconds < 1


def test_whoever_finds_the_queue_full_is_refused_and_not_stored(own_site: Site) -> None:
    with serving(own_site) as server, ExitStack() as held:
        # The writer cannot get on, so the queue fills whatever the machine's speed.
        held.enter_context(locked(own_site))
        with Crowd(server.address, own_site.codes, TOO_MANY).rating() as memory:
            wait_until(lambda: any(map(is_refused_at_once, list(memory.others))), server.log)
            held.close()
            until(memory, TOO_MANY)
    assert set(memory.statuses) <= {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in memory.others)
    found = own_site.look(memory.receipts.values())
    assert (found.lost, found.faults) == (frozenset(), ())
    assert found.ratings == len(memory.receipts)


@pytest.mark.long
@pytest.mark.parametrize("phones", [TEN_TIMES, QUEUED])
def test_any_load_is_stored_or_refused(any_site: Site, noted: Note, phones: int) -> None:
    noted(check_overload(any_site, phones, 4_000))


def recovered_after(gate: Front, codes: tuple[str, ...]) -> float:
    """Seconds until the usual phones rate for a second without one refusal."""
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE:
        tried_at = time.monotonic()
        usual = crowd(gate, codes, USUAL, 1.0)
        if not usual.refused:
            return tried_at - began
    raise AssertionError(usual.refused[-1])


def check_shedding(site: Site, kind: str, seconds: float) -> Line:
    with serving(site, settings=BEHIND_A_FRONT) as server, front(kind, server.address) as gate:
        before = crowd(gate, site.codes, USUAL, seconds / 3)
        many = crowd(gate, site.codes, QUEUED, seconds)
        recovered = recovered_after(gate, site.codes)
        receipts = [*before.receipts, *many.receipts]
        assert site.look(receipts).lost == frozenset()
    assert before.refused == []
    assert many.refused
    assert {answer.status for answer in many.refused} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in many.refused)
    assert recovered < RECOVERS_WITHIN
    engine = "PostgreSQL" if site.settings.database_url else "SQLite"
    done = f"{QUEUED} phones at once in the place of {USUAL}, behind {kind}, {engine}, 1 worker"
    return "R11", done, f"{_of_many(many, seconds)}; without a refusal again after {recovered:.1f} s"


def _of_many(many: Seen, seconds: float) -> str:
    waited = sorted(answer.seconds for answer in many.refused)
    tapped = len(many.thanked) + len(waited)
    return (
        f"{tapped:,} taps in {seconds:.0f} s, {len(many.thanked):,} thanked for and stored; "
        f"{len(waited):,} × 503 with Retry-After, told after {waited[len(waited) // 2] * 1000:.0f} ms (p50), "
        f"{_p99(waited):.0f} ms (p99)"
    )


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_a_front_sends_away_what_is_too_much_and_the_site_recovers(
    any_site: Site, noted: Note, kind: str
) -> None:
    noted(check_shedding(any_site, kind, 9.0))
