"""The short way to a rating form: answered before the application while nothing the form shows has changed.

What is kept is what the application answered, headers and all, cut where its key stood. Only the key is
made anew. Whatever is not plainly the same question goes the long way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from flask import Flask
from werkzeug.exceptions import SecurityError
from werkzeug.sansio.utils import get_host

from evalsys.evaluation.views.keys import fresh_key_for
from evalsys.kernel import kept, settings
from evalsys.kernel.answers import Overheard, whole
from evalsys.kernel.kept import Shelf, Version, Watch

BEGINS = "/q/"
# The queries that the form's own links make; invented ones are answered, never kept.
QUERIES = frozenset({"", "lang=en", "size=large", "lang=en&size=large", "size=large&lang=en"})
ROOM = 2048  # forms of some 10 kB in each process
_SLIP = "evalsys.slip"

Application = Callable[..., Iterable[bytes]]


@dataclass
class Slip:
    """Goes the long way with a question; comes back with the key of a form that may be kept."""

    key: str | None = None


@dataclass(frozen=True)
class Form:
    """A kept form: its headers, and what stands before and after its key."""

    headers: tuple[tuple[str, str], ...]
    before: bytes
    after: bytes


def install(app: Flask) -> None:
    """Answer questions for kept forms before the application does."""
    with app.app_context():
        trusted = settings.current().trusted_hosts
    fresh_key = partial(fresh_key_for, app)
    app.wsgi_app = ShortWay(app.wsgi_app, kept.watch_of(app), fresh_key, trusted)  # type: ignore[method-assign]


def may_be_kept(environ: dict[str, Any], key: str) -> None:
    """Say that the answer to this question is the same for everybody today, but for its key."""
    if _SLIP in environ:
        environ[_SLIP].key = key


class ShortWay:
    """WSGI: a kept form with a fresh key; everything else is handed on."""

    def __init__(
        self,
        application: Application,
        watch: Watch,
        fresh_key: Callable[[], str],
        trusted_hosts: tuple[str, ...],
    ) -> None:
        self._application = application
        self._watch = watch
        self._fresh_key = fresh_key
        self._trusted_hosts = trusted_hosts
        self._forms: Shelf[Form] = Shelf(ROOM)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one question."""
        if not self._is_plain(environ):
            return self._application(environ, start_response)
        name = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        version = self._watch.version()
        form = self._forms.find(version, name)
        if form is None:
            return self._long_way(environ, start_response, version, name)
        start_response("200 OK", list(form.headers))
        # A list: the server sends it in one piece.
        return [b"".join((form.before, self._fresh_key().encode(), form.after))]

    def _long_way(
        self, environ: dict[str, Any], start_response: Callable[..., Any], version: Version | None, name: str
    ) -> Iterable[bytes]:
        """Ask the application, and keep what it answers where it says so."""
        slip = environ[_SLIP] = Slip()
        heard = Overheard(start_response)
        answer = self._application(environ, heard.start)
        if slip.key is None:
            return answer
        body = whole(answer)
        before, key, after = body.partition(slip.key.encode())
        # The form may be ready and its transaction still fail: then this is the page that says so.
        if heard.status.startswith("200 ") and key:
            self._forms.put(version, name, Form(tuple(heard.headers), before, after))
        return [body]

    def _is_plain(self, environ: dict[str, Any]) -> bool:
        """Whether a question may be answered by what others were answered: no cookie, nothing of its own."""
        return (
            environ["PATH_INFO"].startswith(BEGINS)
            and environ["REQUEST_METHOD"] == "GET"
            and environ.get("QUERY_STRING", "") in QUERIES
            and "HTTP_COOKIE" not in environ
            and (not self._trusted_hosts or self._is_trusted(environ))
        )

    def _is_trusted(self, environ: dict[str, Any]) -> bool:
        return _is_trusted(environ["wsgi.url_scheme"], environ.get("HTTP_HOST"), self._trusted_hosts)


@lru_cache(maxsize=256)
def _is_trusted(scheme: str, host: str | None, trusted: tuple[str, ...]) -> bool:
    """As the application decides it; a host that is not trusted gets its refusal there."""
    try:
        return bool(get_host(scheme, host, None, trusted))
    except SecurityError:
        return False
