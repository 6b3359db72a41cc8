"""P8: the ranking page of all windows as leadership opens it, beside Flask saying hello."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, cycle

from benchmarks import paint
from benchmarks.client import exchange, get, load, post
from benchmarks.pairs import Figure, Pair, in_words, measured_in_turn
from benchmarks.sites import Site, ceiling, product

CLIENTS, SECONDS = 8, 1.0
PATH = "/rankings/windows"
AGAIN = "asked for again"
DRAWN = "for a range nobody has asked for, its ranks drawn"
TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
COOKIE = re.compile(rb"set-cookie: ([^=;\r]+=[^;\r]+)", re.IGNORECASE)
ROW = re.compile(rb"<tr\b")
ROWS = 210


def figures(site: Site, last: date) -> Iterator[Figure]:
    """Rendered anew, drawn for ranges nobody has asked for, and the same again and again."""
    with product(site) as here, ceiling("benchmarks.hello", site) as hello:
        cookie = with_its_form(here.port, signed_in(here.port, *site.accounts["leadership"]))
        _look_at(exchange(here.port, get(PATH, cookie)))
        numbers = count()

        def anew() -> Iterator[bytes]:
            # What no page says is no filter, and yet no kept page's address.
            while True:
                yield get(f"{PATH}?anew={next(numbers)}", cookie, packed=True)

        def drawn() -> Iterator[bytes]:
            while True:
                yield get(f"{PATH}?from={first_day(last, next(numbers))}&to={last}", cookie, packed=True)

        for words, requests, reach in (
            ("rendered anew", anew, 0.02),
            (DRAWN, drawn, None),
            (AGAIN, lambda: cycle([get(PATH, cookie, packed=True)]), 0.5),
        ):
            pair = measured_in_turn(
                lambda requests=requests: load(
                    here.port, requests(), CLIENTS, 200, spent=here.spent, seconds=SECONDS
                ),
                lambda: load(hello.port, cycle([get("/")]), CLIENTS, 200, spent=hello.spent, seconds=SECONDS),
            )
            yield _beside(words, site, pair, reach)
        yield paint.figure(site, PATH, here.port, hello.port)


def first_day(last: date, number: int) -> date:
    """A first day never asked for before, within a year and then before it."""
    return last - timedelta(days=1 + number)


def with_its_form(port: int, cookie: str) -> str:
    """The cookie as it is once a page with a form was shown, as a browser holds it from then on."""
    found = COOKIE.search(exchange(port, get(PATH, cookie)))
    return found[1].decode() if found else cookie


def _look_at(answer: bytes) -> None:
    rows = len(ROW.findall(answer))
    if not answer.startswith(b"HTTP/1.1 200") or rows < ROWS:
        raise LookupError(f"not a ranking of {ROWS} windows but of {rows}: {answer[:600]!r}")


def signed_in(port: int, name: str, password: str) -> str:
    """The cookie of somebody who has signed in."""
    form = exchange(port, get("/sign-in"))
    token, cookie = TOKEN.search(form), COOKIE.search(form)
    if token is None or cookie is None:
        raise LookupError(f"no form to sign in by: {form[:600]!r}")
    body = f"csrf_token={token[1].decode()}&name={name}&password={password}"
    found = COOKIE.search(exchange(port, post("/sign-in", body, cookie[1].decode())))
    if found is None:
        raise LookupError("not signed in")
    return found[1].decode()


def _beside(words: str, site: Site, pair: Pair, reach: float | None) -> Figure:
    return Figure(
        "P8",
        f"ranking page of {ROWS} windows, {words}, {site.engine} ÷ Flask hello",
        in_words(pair.product),
        in_words(pair.ceiling),
        f"{pair.ratio:.3f}",
        "for comparison" if reach is None else f"≥ {reach:g}",
        None if reach is None else pair.ratio >= reach,
    )
