"""How many answers the load client itself can take: every figure below that is the server's."""

from collections.abc import Iterator
from itertools import cycle
from statistics import median

from benchmarks.client import get, load
from benchmarks.pairs import Figure, in_words
from benchmarks.sites import Site, ceiling

CLIENTS, SECONDS, ROUNDS = 32, 1.0, 3


def figures(site: Site) -> Iterator[Figure]:
    """The client beside a server that does nothing, and what one answer costs it."""
    with ceiling("benchmarks.nothing", site) as nothing:
        runs = tuple(
            load(nothing.port, cycle([get("/")]), CLIENTS, 200, spent=nothing.spent, seconds=SECONDS)
            for _ in range(ROUNDS)
        )
    cost = median(run.client for run in runs)
    yield Figure(
        "client",
        "the load client against a WSGI program without a framework, 1 worker",
        f"{in_words(runs)} · {cost:.0f} µs of the client's CPU an answer",
        "",
        "",
        f"its own ceiling: {1_000_000 / cost:,.0f}/s",
    )
