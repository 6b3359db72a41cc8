"""P6: servers killed at random moments under load: was anybody thanked whose rating is gone?

Phones post without pause; a worker, or the server with all its workers, is ended by SIGKILL; the server is
started again, and whoever got no answer posts the same once more with the same key, as the page does. At the
end the kept ratings are compared with the keys, and the sums with a recount.
"""

import http.client
import json
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from random import Random

from sqlalchemy import text

from benchmarks.pairs import Figure
from benchmarks.processor import descendants_of
from benchmarks.rating import level_of
from benchmarks.sites import Served, Site, copy_of, inside, product, run
from evalsys.kernel import database
from evalsys.kernel.secrets import digest

KILLS = {"SQLite": 50, "PostgreSQL": 20}
PHONES, WORKERS = 12, 2
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SHORTEST, LONGEST = 0.05, 0.5  # seconds of load before a kill
ANSWERS_WITHIN = 20.0  # seconds
THANKED, BUSY = 303, 503


@dataclass
class Promises:
    """What phones have sent, and what they were thanked for; shared by all of them."""

    site: Site
    sent: dict[str, str] = field(default_factory=dict)
    thanked: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._codes = cycle(self.site.places)

    def next(self, own: list[str]) -> str:
        """A key to post: one of one's own that was not answered, else a new one."""
        if own:
            return own.pop()
        with self._lock:
            key = secrets.token_urlsafe(24)
            self.sent[key] = f"/q/{next(self._codes)} level={level_of(next(self._numbers))}&key={key}"
            return key

    def note(self, key: str, status: int, own: list[str]) -> None:
        """Keep what was answered."""
        if status == THANKED:
            self.thanked.add(key)
        elif status == BUSY:
            own.append(key)
        else:
            self.others.append(f"{status} for {self.sent[key]}")


def _phone(port: int, promises: Promises, own: list[str], stopping: threading.Event) -> None:
    """Post until told to stop, or the server is gone; what was not answered stays among one's own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWERS_WITHIN)
    with suppress(OSError, http.client.HTTPException):
        while not stopping.is_set():
            key = promises.next(own)
            own.append(key)
            path, _, body = promises.sent[key].partition(" ")
            connection.request("POST", path, body, FORM)
            answer = connection.getresponse()
            answer.read()
            own.remove(key)
            promises.note(key, answer.status, own)
    connection.close()


def figures(site: Site, server: str = "", seed: int = 1) -> Iterator[Figure]:
    """Kill, start again, compare."""
    kills = KILLS[site.engine]
    with copy_of(site, server) as ours:
        promises, chance = Promises(ours), Random(seed)
        waiting: list[list[str]] = [[] for _ in range(PHONES)]
        for _ in range(kills):
            with product(ours, WORKERS) as served:
                _under_load(served, promises, waiting, chance)
        with product(ours, WORKERS) as served:
            _finish(served, promises, waiting)
        kept, rows = _kept(ours)
        lost = len({digest(key) for key in promises.thanked} - kept)
        verdict = json.loads(run(ours.environment, "verify", "--json").splitlines()[-1])
        wrong = abs(rows - len(promises.sent)) + len(promises.others) + verdict["differences"]
    yield Figure(
        "P6",
        f"{kills} kill -9 under load, {site.engine}: thanked for and lost",
        f"{lost} of {len(promises.thanked):,} · {rows:,} ratings of {len(promises.sent):,} keys · "
        f"{verdict['differences']} sums differ from a recount",
        "",
        str(lost),
        "0, sums = recount",
        lost == 0 and wrong == 0,
    )


def _under_load(served: Served, promises: Promises, waiting: list[list[str]], chance: Random) -> None:
    """Let the phones post, then kill a worker or the whole server at a random moment."""
    stopping = threading.Event()
    phones = [threading.Thread(target=_phone, args=(served.port, promises, own, stopping)) for own in waiting]
    for phone in phones:
        phone.start()
    time.sleep(chance.uniform(SHORTEST, LONGEST))
    everybody = descendants_of(served.process)
    victims = [served.process, *everybody] if chance.random() < 0.5 else [chance.choice(everybody)]
    for victim in victims:
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    stopping.set()
    for phone in phones:
        phone.join()
    with suppress(ProcessLookupError):
        os.killpg(served.process, signal.SIGKILL)


def _finish(served: Served, promises: Promises, waiting: list[list[str]]) -> None:
    """Post once more what was never answered, until everything is."""
    for own in waiting:
        for key in list(own):
            path, _, body = promises.sent[key].partition(" ")
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=ANSWERS_WITHIN)
            connection.request("POST", path, body, FORM)
            promises.note(key, connection.getresponse().status, [])
            connection.close()


def _kept(site: Site) -> tuple[set[str], int]:
    """The hashed keys of the kept ratings, and how many ratings there are."""
    with inside(site.environment), database.transaction() as session:
        keys = set(session.execute(text("SELECT key FROM submissions")).scalars())
        rows = session.execute(text("SELECT COUNT(*) FROM ratings")).scalar_one()
        if site.engine == "SQLite":
            found = session.execute(text("PRAGMA integrity_check")).scalar_one()
            assert found == "ok", found
        return keys, rows
