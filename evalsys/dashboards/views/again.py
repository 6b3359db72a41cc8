"""The short way to a page of live sums asked for again: answered before the application while it stands.

What is kept is what the application answered to the same sign-in at the same address within the same minute.
One statement tells before each answer whether the sign-in is open and no sum and no name has changed.
Whatever is not plainly the same question goes the long way.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any

from flask import Flask, request
from sqlalchemy import Engine
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from evalsys.dashboards.queries.standing import Standing, standing, stands
from evalsys.kernel import clock
from evalsys.kernel.access import current_actor
from evalsys.kernel.answers import Headers, Overheard, whole
from evalsys.kernel.database import db
from evalsys.kernel.glances import glancing_engine

BEGINS = "/rankings/"
ROOM = 8_000_000  # bytes: some 400 pages of a county's hall, packed
_SLIP = "evalsys.page-again"
_QUICK = 1  # packs a page to a twentieth in a millisecond; the best packing takes twice as long
_TOKEN = re.compile(rb'(?<=name="csrf_token" value=")[^"]+')

# All that answers to a question may differ by: the minute, sign-in, host, address.
Name = tuple[int, str, str, str, str, str]
Application = Callable[..., Iterable[bytes]]


class Slip:
    """Goes the long way with a question; comes back with how to tell that the page made there stands."""

    standing: Standing | None = None


class Page:
    """A kept page: how to tell whether it stands, its headers either way, its body packed."""

    __slots__ = ("body", "headers", "packed_headers", "standing")

    def __init__(self, standing: Standing, headers: Headers, body: bytes) -> None:
        self.standing, self.headers, self.body = standing, headers, packed(body)
        others = [(name, value) for name, value in headers if name.lower() != "content-length"]
        length = ("Content-Length", str(len(self.body)))
        self.packed_headers = [*others, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"), length]


def install(app: Flask) -> None:
    """Answer questions for kept pages before the application does."""
    with app.app_context():
        app.wsgi_app = Again(app.wsgi_app, glancing_engine())  # type: ignore[method-assign]


def may_be_kept() -> None:
    """Say, before anything is read, that this sign-in is answered the same while the stamps stand."""
    slip, session_id = request.environ.get(_SLIP), current_actor().session_id
    if slip is not None and session_id is not None:
        slip.standing = standing(db.session(), session_id)


class Again:
    """WSGI: a kept page that still stands; everything else is handed on."""

    def __init__(self, application: Application, engine: Engine) -> None:
        self._application = application
        self._engine = engine
        self._pages: dict[Name, Page] = {}
        self._one_puts = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one question."""
        if not _is_plain(environ):
            return self._application(environ, start_response)
        now = clock.now()
        name = _name_of(environ, now)
        page = self._pages.get(name)
        if page is None or not stands(self._engine, page.standing, now):
            return self._long_way(environ, start_response, name)
        return _answer(page, environ, start_response)

    def _long_way(
        self, environ: dict[str, Any], start_response: Callable[..., Any], name: Name
    ) -> Iterable[bytes]:
        """Ask the application, and keep what it answers where it says so."""
        slip = environ[_SLIP] = Slip()
        # Begun once it is known whether it is kept: then it goes out packed from the first time on.
        heard = Overheard(lambda *_begins: None)
        answer = self._application(environ, heard.start)
        if slip.standing is None or not _is_the_same_again(heard):
            start_response(heard.status, heard.headers)
            return answer
        page = Page(slip.standing, heard.headers, whole(answer))
        self._put(name, page)
        return _answer(page, environ, start_response)

    def _put(self, name: Name, page: Page) -> None:
        """Keep a page; those of other minutes go, and the oldest where there is no room."""
        with self._one_puts:
            pages = {other: one for other, one in self._pages.items() if other[0] == name[0]}
            pages.pop(name, None)
            free = ROOM - len(page.body) - sum(len(one.body) for one in pages.values())
            while free < 0 and pages:
                free += len(pages.pop(next(iter(pages))).body)
            # Whoever looks into the older ones goes on undisturbed.
            self._pages = pages | {name: page}


def packed(page: bytes) -> bytes:
    """A page as gzip, its form tokens packed by themselves.

    Packed together with what an address puts into the page, a token could be guessed by the length of it all.
    """
    packer = zlib.compressobj(_QUICK, wbits=31)
    parts, end = [], 0
    for token in _TOKEN.finditer(page):
        parts += [packer.compress(page[end : token.start()]), packer.flush(zlib.Z_FULL_FLUSH)]
        parts += [packer.compress(token[0]), packer.flush(zlib.Z_FULL_FLUSH)]
        end = token.end()
    return b"".join((*parts, packer.compress(page[end:]), packer.flush()))


def _is_plain(environ: dict[str, Any]) -> bool:
    return (
        environ["PATH_INFO"].startswith(BEGINS)
        and environ["REQUEST_METHOD"] == "GET"
        and "HTTP_COOKIE" in environ
        and "HTTP_AUTHORIZATION" not in environ
    )


def _answer(page: Page, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    if _takes_packed(environ.get("HTTP_ACCEPT_ENCODING", "")):
        start_response("200 OK", list(page.packed_headers))
        return [page.body]
    start_response("200 OK", list(page.headers))
    return [gzip.decompress(page.body)]


def _name_of(environ: dict[str, Any], now: datetime) -> Name:
    return (
        int(now.timestamp()) // 60,
        environ["HTTP_COOKIE"],
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST", ""),
        environ["PATH_INFO"],
        environ.get("QUERY_STRING", ""),
    )


def _is_the_same_again(heard: Overheard) -> bool:
    """Whether an answer changes nothing at who asked: a message for once is taken out of the cookie."""
    return heard.status.startswith("200 ") and all(name.lower() != "set-cookie" for name, _ in heard.headers)


@lru_cache(maxsize=256)
def _takes_packed(said: str) -> bool:
    return bool(parse_accept_header(said, Accept)["gzip"] > 0)
