"""Where the time goes: milliseconds of processor time by part.

`python -m benchmarks.profile [post|form|ranking|page|again]`. Everything runs in this process: the
application as a server would call it, from as many threads as wait at once, and the writer's own thread. The
floor is what no change of the product's own code can take away: its statements in the driver, and Flask
saying hello.
"""

import importlib
import io
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from typing import Any

from benchmarks import page, ranking, rating
from benchmarks.filling import fill
from benchmarks.hello import application as hello
from benchmarks.parts import COMMIT, DRIVER, Costs, costs
from benchmarks.sites import Site, copy_of, demo_site, inside, product
from evalsys.kernel import clock, database
from evalsys.kernel.periods import Period

FEW, MANY = 300, 1_200
FILLED = 50_000  # ratings


def _in_the_engine(parts: dict[str, float]) -> dict[str, float]:
    return {part: parts[part] for part in (DRIVER, COMMIT) if part in parts}


def saying_hello() -> float:
    """Milliseconds of processor time of Flask saying hello, as this process calls it."""
    began = time.process_time()
    for _ in range(MANY):
        _call(hello, "GET", "/")
    return 1000 * (time.process_time() - began) / MANY


def post(site: Site, server: str = "") -> Costs:
    """Ratings from as many threads as phones wait at once."""
    with copy_of(site, server) as ours, inside(ours.environment) as app:
        codes, numbers = list(site.places), count()

        def rate() -> None:
            number = next(numbers)
            body = f"level={rating.level_of(number)}&key={secrets.token_urlsafe(24)}".encode()
            status = _call(app, "POST", f"/q/{codes[number % len(codes)]}", body=body)
            assert status.startswith("303"), status

        floor = {"Flask saying hello": saying_hello(), "the bare program's work": _bare(ours)}
        return costs(
            f"POST a rating, {site.engine}",
            lambda: _in_threads(rate, rating.CLIENTS, MANY),
            MANY,
            lambda _: floor,
        )


def _bare(site: Site) -> float:
    """Milliseconds of processor time of one rating in the bare program."""
    os.environ["BENCHMARK_DATABASE"] = site.environment.get("EVALSYS_DATABASE_URL", str(site.file))
    os.environ["BENCHMARK_PLACES"] = json.dumps(site.places)
    sys.modules.pop("benchmarks.bare", None)
    bare = importlib.import_module("benchmarks.bare")
    place = next(iter(site.places.values()))
    began = time.process_time()
    for _ in range(FEW):
        sent = secrets.token_urlsafe(24), secrets.token_hex(8), "127.0.0.1"
        bare.rate(place, "5", sent, clock.now())
    return 1000 * (time.process_time() - began) / FEW


def form(site: Site, server: str = "") -> Costs:
    """Rating forms of all windows."""
    with copy_of(site, server) as ours, inside(ours.environment) as app:
        codes, numbers = list(site.places), count()

        def look() -> None:
            for _ in range(MANY):
                status = _call(app, "GET", f"/q/{codes[next(numbers) % len(codes)]}")
                assert status.startswith("200"), status

        least = saying_hello()
        return costs(
            f"GET the rating form, {site.engine}", look, MANY, lambda _: {"Flask saying hello": least}
        )


def rankings(site: Site, server: str = "") -> Costs:
    """Every ranking over every range and channel, on a filled copy."""
    rounds = 3
    with copy_of(site, server) as ours:
        whole = _fill(ours)
        with ranking.opened(ours.environment, whole) as filled:

            def ask() -> None:
                ranking.asked([filled], rounds)

            turns = (rounds + 1) * len(ranking.QUESTIONS)
            return costs(f"a ranking, {site.engine}", ask, turns, _in_the_engine)


def _fill(site: Site) -> Period:
    with inside(site.environment), database.transaction() as session:
        return fill(session, 1, FILLED, clock.today(), 365)


def ranking_page(site: Site, server: str = "") -> Costs:
    """The page of all windows, rendered anew."""
    turns = 20
    with copy_of(site, server) as ours:
        _fill(ours)
        with product(ours) as served:
            cookie = page.signed_in(served.port, *ours.accounts["leadership"])
        with inside(ours.environment) as app:
            numbers = count()

            def look() -> None:
                for _ in range(turns):
                    status = _call(app, "GET", page.PATH, query=f"anew={next(numbers)}", cookie=cookie)
                    assert status.startswith("200"), status

            least = saying_hello()

            def floor(parts: dict[str, float]) -> dict[str, float]:
                drawn = {"templates": parts["templates"]} if "templates" in parts else {}
                return {"Flask saying hello": least} | drawn | _in_the_engine(parts)

            return costs(f"the ranking page, {site.engine}", look, turns, floor)


def page_again(site: Site, server: str = "") -> Costs:
    """The page of all windows, asked for again by the same person; without the server in front."""
    turns = 500
    with copy_of(site, server) as ours:
        with product(ours) as served:
            signed_in = page.signed_in(served.port, *ours.accounts["leadership"])
            cookie = page.with_its_form(served.port, signed_in)
        with inside(ours.environment) as app:

            def look() -> None:
                for _ in range(turns):
                    status = _call(app, "GET", page.PATH, cookie=cookie, packed=True)
                    assert status.startswith("200"), status

            return costs(f"the ranking page again, {site.engine}", look, turns, _in_the_engine)


def _in_threads(work: Callable[[], None], threads: int, turns: int) -> None:
    faults: list[BaseException] = []

    def run() -> None:
        try:
            for _ in range(turns // threads):
                work()
        except BaseException as fault:
            faults.append(fault)
            raise

    crew = [threading.Thread(target=run) for _ in range(threads)]
    for member in crew:
        member.start()
    for member in crew:
        member.join()
    if faults:
        raise faults[0]


def _call(
    app: Callable[..., Any],
    method: str,
    path: str,
    *,
    body: bytes = b"",
    query: str = "",
    cookie: str = "",
    packed: bool = False,
) -> str:
    """One request as a server puts it to a WSGI program; its status."""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT": "text/html",
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if cookie:
        environ["HTTP_COOKIE"] = cookie
    if packed:
        environ["HTTP_ACCEPT_ENCODING"] = "gzip"
    said: list[str] = []
    answer = app(environ, lambda status, _headers, *_: said.append(status))
    for _ in answer:
        pass
    if hasattr(answer, "close"):
        answer.close()
    return said[0]


SUBJECTS: dict[str, Callable[..., Costs]] = {
    "post": post,
    "form": form,
    "ranking": rankings,
    "page": ranking_page,
    "again": page_again,
}


def main(wanted: list[str]) -> None:
    """Print what is asked for, or everything, on SQLite."""
    with ExitStack() as opened:
        site = opened.enter_context(demo_site())
        for name, measure in SUBJECTS.items():
            if not wanted or name in wanted:
                print(measure(site), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
