"""Every route for every role: open to all, or guarded by a permission that only its roles pass."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from evalsys.evaluation.queries import codes
from evalsys.identity.rules import CLERKS_SIDE, LIVE_SIDE, ROLES
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING, Permission, access_of
from evalsys.kernel.database import transaction
from tests.builders import a_token, a_window, code_of, signed_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
REFUSED = {401, 403}


def routes(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every rule with each of its methods and an address that fits it."""
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
        # Ids of nothing: the guard answers first, and no change made here touches the accounts in use.
        address = re.sub(r"<(?:[^:>]+:)?[^>]+>", "7777", address)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, address


def test_every_route_says_who_may(app: Flask) -> None:
    for rule, _, _ in routes(app):
        access = access_of(app.view_functions[rule.endpoint])
        assert access is not None, f"{rule} is neither public nor guarded"
        if isinstance(access, Permission):
            assert access.roles <= ROLES.keys(), f"{access.name} names roles there are not"


def test_strangers_reach_public_routes_and_no_others(app: Flask) -> None:
    app.config["WTF_CSRF_METHODS"] = set()
    for rule, method, address in routes(app):
        status = app.test_client().open(address, method=method).status_code
        guarded = isinstance(access_of(app.view_functions[rule.endpoint]), Permission)
        is_json = address.startswith("/api/")
        if not guarded:
            assert status not in REFUSED, f"{method} {rule} is public yet answers {status}"
        elif is_json:
            assert status in {401, 422}, f"{method} {rule} answers {status} to a stranger"
        else:
            assert status == 302, f"{method} {rule} answers {status} to a stranger"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_passes_exactly_where_its_permissions_say(app: Flask, role: str) -> None:
    app.config["WTF_CSRF_METHODS"] = set()
    headers, reader = a_token(app, role), signed_in(app, role)
    for rule, method, address in routes(app):
        access = access_of(app.view_functions[rule.endpoint])
        if not isinstance(access, Permission):
            continue
        if address.startswith("/api/"):
            status = app.test_client().open(address, method=method, headers=headers).status_code
        elif method == "GET":
            status = reader.get(address).status_code
        else:
            # A sign-in of its own: some changes end the one they are asked with.
            status = signed_in(app, role).open(address, method=method).status_code
        if role in access.roles:
            assert status not in REFUSED, f"{method} {rule} refuses {role} with {status}"
            assert status < 500, f"{method} {rule} fails for {role} with {status}"
        else:
            assert status == 403, f"{method} {rule} answers {status} to {role}"


def test_no_permission_joins_single_ratings_with_the_clerks_side(app: Flask) -> None:
    """The JSON rows and everything named read-ratings are for the live side alone."""
    for rule, _, _ in routes(app):
        access = access_of(app.view_functions[rule.endpoint])
        if isinstance(access, Permission) and access.name == "read-ratings":
            assert not access.roles & CLERKS_SIDE
            assert access.roles <= LIVE_SIDE


@pytest.mark.parametrize("role", ["window-manager", "department-lead", "clerk"])
def test_another_departments_window_is_out_of_reach(app: Flask, role: str) -> None:
    """A code of a window outside the scope is not found, whatever its number."""
    with app.app_context(), transaction() as session:
        window = a_window(session, unit="TAX")
        code_of(session, window)
        code_id = codes.current_codes(session, EVERYTHING, clock.today())[0].code_id
    if role == "clerk":
        assert signed_in(app, role).get("/admin/codes").status_code == 403
        return
    assert signed_in(app, role, unit="TAX").get(f"/admin/codes/{code_id}").status_code == 200
    assert signed_in(app, role, unit="HRSS").get(f"/admin/codes/{code_id}").status_code == 404
