"""Accounts of a small hall, signed in or with a token, for tests of rankings."""

import re

from sqlalchemy.orm import Session

from evalsys.identity.actions import accounts as actions
from evalsys.identity.actions.accounts import NewAccount
from evalsys.identity.queries import accounts as queries
from evalsys.kernel import clock
from tests.builders import PASSWORD, first_password
from tests.pages import PageClient


def an_account(session: Session, role: str, unit_id: int) -> str:
    """An account named like its role, and a token for it."""
    new = NewAccount(role, role, unit_id, frozenset({role}))
    actions.create_account(session, new, None, PASSWORD, first=first_password())
    account = queries.account_by_name(session, role)
    assert account is not None
    return actions.create_token(session, account, "test", None, clock.now())


def signed_in(client: PageClient, role: str) -> PageClient:
    """The client with the sign-in of a role's account."""
    page = client.get("/sign-in").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    form = {"name": role, "password": PASSWORD, "csrf_token": found[1]}
    assert client.post("/sign-in", data=form).status_code == 302
    return client
