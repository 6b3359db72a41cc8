"""Asking the running site over HTTP, way by way and level by level, every request marked as rehearsed."""

import re
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from evalsys.assurance.rules.probes import ALL, Tried, Way
from evalsys.kernel import rehearsal, settings

PATIENCE = 12.0  # seconds: longer than the site itself lets anybody wait
ROUND = 180.0  # seconds for all ways together: seals and messages wait meanwhile
LARGEST = 256 * 1024  # bytes of a page that are read

_KEY = re.compile(r'name="key" value="([^"]+)"')
_LEVEL = re.compile(r'name="level" value="(\d)"|value="(\d)" name="level"')


class Broken(Exception):
    """A way does not do what it should; the reason is a key of FAULTS."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class _Stay(urllib.request.HTTPRedirectHandler):
    """Where an answer leads is part of the answer."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Go nowhere."""


@dataclass(frozen=True)
class Answer:
    """What the site answered."""

    status: int
    body: str
    leads_to: str


@dataclass
class Site:
    """The running site at its address, with the cookies of one visit."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def is_there(self) -> bool:
        """Whether anything answers."""
        try:
            self.ask("/healthz", mark="")
        except Broken:
            return False
        return True

    def ask(
        self, path: str, form: dict[str, str] | None = None, *, mark: str | None = None, device: str = ""
    ) -> Answer:
        """The answer to one request; a form makes it a POST. Raises Broken where none comes."""
        method = "GET" if form is None else "POST"
        if mark is None:
            mark = rehearsal.mark(method, urlsplit(path).path, device)
        request = urllib.request.Request(self.address + path, method=method)  # noqa: S310 - http(s), see settings
        if form is not None:
            request.data = urlencode(form).encode()
        # The name the site knows itself by, whatever address it is asked at.
        request.add_header("Host", urlsplit(settings.current().base_url).netloc)
        request.add_header("User-Agent", "evalsys-probe")
        if mark:
            request.add_header(rehearsal.HEADER, mark)
        if self.cookies:
            request.add_header("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        try:
            with _opened(request) as answer:
                body = answer.read(LARGEST).decode("utf-8", "replace")
        except (OSError, HTTPException) as fault:
            # An answer that breaks off is none either.
            raise Broken("no-answer") from fault
        for said in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: one.value for name, one in SimpleCookie(said).items()}
        if mark and answer.headers.get(rehearsal.HEADER) != rehearsal.ON:
            # Whatever stands between drops the mark, or the keys differ: what is sent now would be real.
            raise Broken("unmarked" if answer.status < 500 else "page")
        return Answer(answer.status, body, answer.headers.get("Location", ""))


def _opened(request: urllib.request.Request) -> Any:
    # No proxy of the environment: the site is asked itself.
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    try:
        return opener.open(request, timeout=PATIENCE)
    except urllib.error.HTTPError as answer:
        return answer


def tried(site: Site, ways: Sequence[Way]) -> list[Tried]:
    """What every way took; once nothing answers in time, the others are not asked any more."""
    found: list[Tried] = []
    until = time.monotonic() + ROUND
    for way in ways:
        silent = bool(found) and found[-1].fault == "no-answer"
        found.append(Tried(way.entry, "", "no-answer") if silent else _through(site, way, until))
    return found


def _through(site: Site, way: Way, until: float) -> Tried:
    """Every level through one way, whatever became of the one before, up to an instant (monotonic)."""
    taken, fault, slowest = "", "", 0
    for level in ALL:
        began = time.monotonic()
        if began > until:
            return Tried(way.entry, taken, "no-answer", slowest)
        try:
            _STEPS.get(way.entry, _by_service)(Site(site.address), way, level)
        except Broken as broken:
            fault = fault or broken.fault
            if broken.fault == "no-answer":
                break
        else:
            taken += level
        slowest = max(slowest, round((time.monotonic() - began) * 1000))
    return Tried(way.entry, taken, fault, slowest)


def _by_code(site: Site, way: Way, level: str) -> None:
    """Scan a window's code, find the level on the form, and tap it."""
    path = f"/q/{way.code}"
    # The query leads past kept forms; without the mark this would be noted as a scan of the code.
    key = _tappable(site.ask(f"{path}?rehearsed=1"), level)
    _thanked(site.ask(f"{path}?sent=1", {"key": key, "level": level}), "/receipt/")


def _at_kiosk(site: Site, way: Way, level: str) -> None:
    """Choose a window on a kiosk, say that nobody is remembered, and tap a level."""
    here = f"/kiosk/{way.hall}"
    _thanked(site.ask(f"{here}/windows", {"window": way.number}, device=way.device), f"{here}/who")
    _thanked(site.ask(f"{here}/who", {"person": "unknown"}, device=way.device), f"{here}/level")
    key = _tappable(site.ask(f"{here}/level", device=way.device), level)
    given = site.ask(f"{here}/level", {"key": key, "level": level}, device=way.device)
    _thanked(given, f"{here}/reasons")


def _by_service(site: Site, way: Way, level: str) -> None:
    """Have a service noted, asked for and rated by one way in, all within one request."""
    given = {"key": secrets.token_urlsafe(24), "level": level}
    if site.ask(f"/rehearsal/{way.entry}/{way.window_id}", given).status != 204:
        raise Broken("refused")


_STEPS: dict[str, Callable[[Site, Way, str], None]] = {"window-code": _by_code, "kiosk": _at_kiosk}


def _tappable(page: Answer, level: str) -> str:
    """The key of a form that offers a level."""
    key = _KEY.search(page.body)
    if page.status != 200 or key is None:
        raise Broken("page")
    if level not in {one or other for one, other in _LEVEL.findall(page.body)}:
        raise Broken("level-missing")
    return key[1]


def _thanked(answer: Answer, ahead: str) -> None:
    """Go on only where the answer leads on."""
    if answer.status != 303 or not urlsplit(answer.leads_to).path.startswith(ahead):
        raise Broken("refused")
