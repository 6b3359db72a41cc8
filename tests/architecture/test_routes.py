"""Every address says who may use it, keeps its word for every role, and stays what it was printed as."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from evalsys.identity.actions import accounts as identity
from evalsys.identity.rules import ROLES
from evalsys.kernel.access import Permission, access_of
from evalsys.organisation.models import Unit, UnitName
from tests.conftest import Inside
from tests.pages import PageClient

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

PASSWORD = "a password for every role"

# Printed on acrylic, written down on slips, typed from a poster: never renamed, never removed.
PUBLIC = {
    "/": {"GET"},
    "/desk/<hall>": {"GET", "POST"},
    "/desk/report/<receipt>": {"GET", "POST"},
    "/left-out": {"GET"},
    "/privacy": {"GET"},
    "/q/<code>": {"GET", "POST"},
    "/receipt": {"GET", "POST"},
    "/receipt/<receipt>": {"GET"},
    "/receipt/<receipt>/confirm": {"GET", "POST"},
    "/receipt/<receipt>/contact": {"GET", "POST"},
    "/receipt/<receipt>/contact/withdrawal": {"POST"},
    "/receipt/<receipt>/correction": {"POST"},
    "/receipt/<receipt>/erasure": {"GET", "POST"},
    "/receipt/<receipt>/follow-up": {"GET", "POST"},
    "/receipt/<receipt>/messages": {"GET", "POST"},
    "/receipt/<receipt>/mine": {"GET"},
    "/receipt/<receipt>/mine.json": {"GET"},
    "/receipt/<receipt>/mistake": {"POST"},
    "/receipt/<receipt>/proof": {"GET"},
    "/receipt/<receipt>/proof.json": {"GET"},
    "/receipt/<receipt>/reasons": {"POST"},
    "/s/<token>": {"GET", "POST"},
    "/seals": {"GET"},
    "/seals/anchor.json": {"GET"},
    "/seals/verify_receipt.py": {"GET"},
    "/sign-in": {"GET", "POST"},
    "/status": {"GET"},
    "/t/<token>": {"GET", "POST"},
}
# Open to everybody, but nobody holds a printed copy.
UNPRINTED = {
    "/api/v1/openapi.json": {"GET"},
    # Between the password and the code.
    "/sign-in/code": {"GET", "POST"},
    # Asked by programs that watch the site.
    "/healthz": {"GET"},
    "/metrics": {"GET"},
    "/readyz": {"GET"},
    # Of the site itself alone: without its mark there is nothing.
    "/rehearsal/<any(tablet,link,ticket):entry>/<int:window_id>": {"POST"},
    # Shown on a wall; only who has the address sees it.
    "/board/<token>": {"GET"},
    "/bulletins": {"GET"},
    "/improved": {"GET"},
    "/bulletins/<public_id>": {"GET"},
    "/bulletins/<public_id>.<any(pdf,docx,json):kind>": {"GET"},
    # The kiosk's steps: they take nothing but from a paired kiosk.
    "/kiosk/<hall>": {"GET"},
    "/kiosk/<hall>/alive": {"GET"},
    "/kiosk/<hall>/thanks": {"GET"},
    **{
        f"/kiosk/<hall>/{step}": {"GET", "POST"}
        for step in ("ticket", "number", "matter", "map", "windows", "who", "level", "reasons")
    },
}
# Of paired devices: without the device's cookie they only explain themselves, or ask for a sign-in.
PAIRED = {
    "/console/prompt": {"GET", "POST"},
    "/console/prompt/hand-over": {"GET", "POST"},
    "/console/prompt/refusal": {"GET", "POST"},
    "/counter/pair": {"GET", "POST"},
    "/counter/<public_id>": {"GET"},
    "/counter/<public_id>/leave": {"POST"},
    "/counter/<public_id>/rate": {"POST"},
    "/counter/<public_id>/take-away": {"POST"},
    "/counter/<public_id>/thanks": {"GET"},
}


def routes(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


def methods(rule: Rule) -> set[str]:
    return set(rule.methods or ()) - {"HEAD", "OPTIONS"}


def guard_of(app: Flask, rule: Rule) -> str | Permission | None:
    return access_of(app.view_functions[rule.endpoint])


def address_of(rule: Rule) -> str:
    """An address of the route; what its parts name need not exist."""
    choices = re.sub(r"<any\('?([^,')]+)[^>]*>", r"\1", rule.rule)
    return re.sub(r"<(?:int:)?[^>]+>", "1", choices)


def test_every_route_says_who_may(app: Flask) -> None:
    assert [rule.rule for rule in routes(app) if guard_of(app, rule) is None] == []


def test_public_addresses_stay_what_they_were(app: Flask) -> None:
    public: dict[str, set[str]] = {}
    for rule in routes(app):
        if not isinstance(guard_of(app, rule), Permission):
            public.setdefault(rule.rule, set()).update(methods(rule))
    assert public == PUBLIC | UNPRINTED | PAIRED


def token_of(client: PageClient, address: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert found, address
    return found[1]


def sign_in(client: PageClient, name: str) -> dict[str, str]:
    """Sign in and return what every form of this session sends along."""
    form = {"name": name, "password": PASSWORD, "csrf_token": token_of(client, "/sign-in")}
    assert client.post("/sign-in", data=form).status_code == 302
    return {"csrf_token": token_of(client, "/account")}


@pytest.fixture
def everybody(app: Flask, committed: Inside) -> list[str]:
    """One account for each role, named like it, in one unit."""

    def make(session: Session) -> None:
        unit = Unit(code="TAX", kind="窗口单位", compare_group="")
        session.add(unit)
        session.flush()
        session.add(UnitName(unit_id=unit.id, from_day=date(2020, 1, 1), name="税务局", short_name="税务"))
        for role in ROLES:
            account = identity.NewAccount(role, role, unit.id, frozenset({role}))
            identity.create_account(session, account, None, password=PASSWORD)

    committed(make)
    return list(ROLES)


def guarded(app: Flask) -> Iterator[tuple[str, str, Permission]]:
    for rule in routes(app):
        permission = guard_of(app, rule)
        if isinstance(permission, Permission):
            for method in sorted(methods(rule)):
                yield method, address_of(rule), permission


# What ends or changes the walker's own sign-in comes last.
OWN = ("/password", "/sign-out", "/sessions")


def test_each_role_reaches_what_it_may_and_nothing_else(app: Flask, everybody: list[str]) -> None:
    broken = []
    walk = sorted(guarded(app), key=lambda step: any(part in step[1] for part in OWN))
    for role in everybody:
        client = app.test_client()
        assert isinstance(client, PageClient)
        form = sign_in(client, role)
        for method, address, permission in walk:
            status = client.open(address, method=method, data=None if method == "GET" else form).status_code
            if (status == 403) != (role not in permission.roles) or status in (401, 500):
                broken.append(f"{role} {method} {address}: {status}")
            if status == 302 and any(part in address for part in OWN):
                form = sign_in(client, role)
    assert broken == []


def test_each_role_starts_on_a_page_of_its_own(app: Flask, everybody: list[str]) -> None:
    landed = {}
    for role in everybody:
        client = app.test_client()
        assert isinstance(client, PageClient)
        sign_in(client, role)
        landed[role] = client.get("/", follow_redirects=True).status_code
    assert landed == dict.fromkeys(everybody, 200)


def test_nobody_unknown_reaches_a_guarded_route(app: Flask, client: PageClient) -> None:
    form = {"csrf_token": token_of(client, "/sign-in")}
    for method, address, _ in guarded(app):
        answer = client.open(address, method=method, data=None if method == "GET" else form)
        sent_away = answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
        assert sent_away or answer.status_code == 401, f"{method} {address}: {answer.status_code}"
