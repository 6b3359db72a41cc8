"""How far a role sees: its own unit, and never single ratings together with a place behind the counter."""

import pytest
from flask import Flask

from evalsys.evaluation.queries import codes
from evalsys.identity.actions.accounts import NewAccount, create_account, create_token
from evalsys.identity.passwords import token_hash
from evalsys.identity.queries.accounts import account_by_name, actor_of_token
from evalsys.identity.rules import CLERKS_SIDE, LIVE_SIDE, ROLES
from evalsys.kernel import clock
from evalsys.kernel.access import EVERYTHING, Permission, Scope, access_of
from evalsys.kernel.database import transaction
from tests.builders import a_unit, a_window, code_of, signed_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def permissions(app: Flask) -> list[Permission]:
    guards = (access_of(view) for view in app.view_functions.values())
    return [guard for guard in guards if isinstance(guard, Permission)]


def test_permissions_name_only_roles_there_are(app: Flask) -> None:
    for permission in permissions(app):
        assert permission.roles <= ROLES.keys(), permission.name


def test_no_permission_joins_single_ratings_with_the_clerks_side(app: Flask) -> None:
    openly = [permission for permission in permissions(app) if permission.name == "read-ratings"]
    assert openly
    for permission in openly:
        assert not permission.roles & CLERKS_SIDE
        assert permission.roles <= LIVE_SIDE


@pytest.mark.parametrize("role", ["window-manager", "department-lead"])
def test_another_departments_window_is_out_of_reach(app: Flask, role: str) -> None:
    """A code of a window outside the scope is not found, whatever its number."""
    with app.app_context(), transaction() as session:
        code_of(session, a_window(session, unit="TAX"))
        code_id = codes.current_codes(session, EVERYTHING, clock.today())[0].code_id
    assert signed_in(app, role, unit="TAX").get(f"/admin/codes/{code_id}").status_code == 200
    assert signed_in(app, role, unit="HRSS").get(f"/admin/codes/{code_id}").status_code == 404


@pytest.mark.parametrize(
    ("clerks_side", "whole_site"), [("clerk", "system-admin"), ("window-manager", "data-steward")]
)
def test_whoever_sits_behind_the_counter_sees_no_further_by_another_role(
    app: Flask, clerks_side: str, whole_site: str
) -> None:
    with app.app_context(), transaction() as session:
        new = NewAccount("both", "both", a_unit(session), frozenset({clerks_side, whole_site}))
        create_account(session, new, None)
        account = account_by_name(session, "both")
        token = create_token(session, account, "test", None, clock.now())
        actor = actor_of_token(session, token_hash(token))
        assert actor is not None
        assert actor.scope == Scope(units=frozenset({a_unit(session)}))
