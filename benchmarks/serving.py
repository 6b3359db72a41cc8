"""What a citizen waits for: giving a rating, and seeing the form, each beside its ceiling."""

import secrets
from collections.abc import Iterator
from itertools import cycle, islice

from benchmarks.client import Load, get, load, post
from benchmarks.pairs import Figure, in_words, measured_in_turn
from benchmarks.sites import Site, ceiling, product

CLIENTS = 32
RATINGS, FORMS = 1_500, 4_000


def figures(site: Site) -> Iterator[Figure]:
    """P1 and P3: ratings against the bare program's, forms against Flask's hello."""
    with (
        product(site) as port,
        ceiling("benchmarks.bare", site) as bare,
        ceiling("benchmarks.hello", site) as hello,
    ):
        yield _posting(site, port, bare)
        yield _opening(site, port, hello)


def _posting(site: Site, port: int, bare: int) -> Figure:
    def rated(at: int) -> Load:
        return load(at, list(_ratings(site, RATINGS)), CLIENTS, status=303)

    pair = measured_in_turn(lambda: rated(port), lambda: rated(bare))
    return Figure(
        f"POST a rating, {CLIENTS} clients ÷ bare WSGI with the same durable work",
        in_words(pair.product),
        in_words(pair.ceiling),
        pair.ratio,
        "≥ 0.50",
    )


def _opening(site: Site, port: int, hello: int) -> Figure:
    forms = [get(f"/q/{code}") for code in islice(cycle(site.places), FORMS)]
    hellos = [get("/")] * FORMS
    pair = measured_in_turn(
        lambda: load(port, forms, CLIENTS, status=200), lambda: load(hello, hellos, CLIENTS, status=200)
    )
    return Figure(
        "GET the rating form ÷ Flask hello",
        in_words(pair.product),
        in_words(pair.ceiling),
        pair.ratio,
        "≥ 0.80",
    )


def _ratings(site: Site, number: int) -> Iterator[bytes]:
    """Ratings of all windows in turn, two in a hundred of them bad, each with a key of its own."""
    for place, code in enumerate(islice(cycle(site.places), number)):
        level = 2 if place % 50 == 0 else 5
        yield post(f"/q/{code}", f"level={level}&key={secrets.token_urlsafe(24)}")
