"""P1: what a citizen waits for who rates, beside a bare program with the same work, and the naive one."""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle

from benchmarks.client import Load, exchange, get, load, post
from benchmarks.pairs import Figure, Pair, in_words, measured_in_turn
from benchmarks.sites import Served, Site, ceiling, copy_of, product

CLIENTS = 32
SECONDS = 1.0  # of each run
TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
COOKIE = re.compile(rb"set-cookie: (session=[^;]+)", re.IGNORECASE)


def figures(site: Site, server: str = "") -> Iterator[Figure]:
    """The product with one worker beside both, and with two beside the bare program with two."""
    with ExitStack() as opened:
        ours, theirs, naives = (opened.enter_context(copy_of(site, server)) for _ in range(3))
        with (
            product(ours) as here,
            ceiling("benchmarks.bare", theirs) as bare,
            ceiling("benchmarks.naive", naives) as naive,
        ):
            beside_bare = measured_in_turn(lambda: rated(here, site), lambda: rated(bare, site))
            yield _beside_bare(site, 1, beside_bare)
            sessions = [NaiveSession(naive, site) for _ in range(CLIENTS)]
            beside_naive = measured_in_turn(lambda: rated(here, site), lambda: rated_naively(naive, sessions))
            yield _beside_naive(site, beside_naive, beside_naive.ratio / beside_bare.ratio)
        with product(ours, 2) as here, ceiling("benchmarks.bare", theirs, 2) as bare:
            yield _beside_bare(
                site, 2, measured_in_turn(lambda: rated(here, site), lambda: rated(bare, site))
            )


def rated(served: Served, site: Site, clients: int = CLIENTS, seconds: float = SECONDS) -> Load:
    """One run of ratings over all windows."""
    return load(served.port, ratings(list(site.places)), clients, 303, spent=served.spent, seconds=seconds)


def rated_naively(served: Served, sessions: list["NaiveSession"]) -> Load:
    """The same through the naive program, whose forms need a session; fetching the form is not measured."""
    requests = (session.rating(place) for place, session in enumerate(cycle(sessions)))
    return load(served.port, requests, CLIENTS, 303, spent=served.spent, seconds=SECONDS)


def ratings(codes: list[str]) -> Iterator[bytes]:
    """Ratings of all windows in turn without end, two in a hundred bad, each with a key of its own."""
    for place, code in enumerate(cycle(codes)):
        yield post(f"/q/{code}", f"level={level_of(place)}&key={secrets.token_urlsafe(24)}")


def level_of(place: int) -> int:
    """The level of a rating by its place in the row."""
    return 2 if place % 50 == 0 else 5


class NaiveSession:
    """One visitor of the naive program: a cookie and the token of its form."""

    def __init__(self, served: Served, site: Site) -> None:
        self.codes = list(site.places)
        answer = exchange(served.port, get(f"/q/{self.codes[0]}"))
        self.cookie, self.token = _found(COOKIE, answer), _found(TOKEN, answer)

    def rating(self, place: int) -> bytes:
        """A rating with a key of its own."""
        said = f"csrf_token={self.token}&level={level_of(place)}&key={secrets.token_urlsafe(24)}&text="
        return post(f"/q/{self.codes[place % len(self.codes)]}", said, self.cookie)


def _found(wanted: re.Pattern[bytes], answer: bytes) -> str:
    found = wanted.search(answer)
    if found is None:
        raise LookupError(f"{wanted.pattern!r} is not in {answer[:500]!r}")
    return found[1].decode()


def _beside_bare(site: Site, workers: int, pair: Pair) -> Figure:
    return Figure(
        "P1",
        f"POST a rating, {CLIENTS} clients, {workers} worker{'s' * (workers > 1)}, {site.engine} "
        "÷ bare WSGI with the same durable work, but no cases for the bad ones (2 of 100)",
        in_words(pair.product),
        in_words(pair.ceiling),
        f"{pair.ratio:.2f}",
        "≥ 0.50",
        pair.ratio >= 0.5,
    )


def _beside_naive(site: Site, pair: Pair, bare: float) -> Figure:
    return Figure(
        "P1",
        f"POST a rating, {CLIENTS} clients, 1 worker, {site.engine} ÷ the naive program",
        in_words(pair.product),
        in_words(pair.ceiling),
        f"{pair.ratio:.1f}",
        "≥ 10",
        pair.ratio >= 10,
        f"The bare program, which has no framework at all, is {bare:.1f} times the naive one in this run.",
    )
