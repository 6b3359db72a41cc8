"""P3: what a citizen waits for who scans a code: the rating form, beside Flask saying hello."""

import gzip
import re
from collections.abc import Iterator
from itertools import cycle

from benchmarks.client import exchange, get, load
from benchmarks.pairs import Figure, in_words, measured_in_turn
from benchmarks.sites import Site, ceiling, copy_of, product

CLIENTS, SECONDS = 32, 1.0
SMALL = 14 * 1024  # bytes
FETCHED = re.compile(rb'<script\b|<link[^>]+rel="?stylesheet|<img\b|\bsrc=|@import|url\(')


def figures(site: Site, server: str = "") -> Iterator[Figure]:
    """The speed of the form, and what comes with it."""
    with (
        copy_of(site, server) as ours,
        product(ours) as here,
        ceiling("benchmarks.hello", ours) as hello,
    ):
        codes = list(site.places)
        forms = [get(f"/q/{code}") for code in codes]
        # The first scan of a code each day is noted, and only then is its form kept.
        for form in forms * 3:
            exchange(here.port, form)
        pair = measured_in_turn(
            lambda: load(here.port, cycle(forms), CLIENTS, 200, spent=here.spent, seconds=SECONDS),
            lambda: load(hello.port, cycle([get("/")]), CLIENTS, 200, spent=hello.spent, seconds=SECONDS),
        )
        yield Figure(
            "P3",
            f"GET the rating form, {CLIENTS} clients, {site.engine} ÷ Flask hello",
            in_words(pair.product),
            in_words(pair.ceiling),
            f"{pair.ratio:.2f}",
            "≥ 0.80",
            pair.ratio >= 0.8,
        )
        yield _size(exchange(here.port, forms[0]).partition(b"\r\n\r\n")[2])


def _size(page: bytes) -> Figure:
    size, more = len(gzip.compress(page)), len(FETCHED.findall(page))
    return Figure(
        "P3",
        "the rating form: bytes, and what a browser fetches with it",
        f"{size:,} bytes gzipped, {more} more requests or scripts",
        "",
        "",
        "≤ 14 kB gzipped, none",
        size <= SMALL and more == 0,
    )
