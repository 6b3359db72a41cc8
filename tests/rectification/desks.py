"""What people do on the pages of the loop, for tests: open a case, send one of its forms."""

import re
from collections.abc import Mapping

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.rectification.models import Case
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_unit, a_window, an_item, signed_in
from tests.pages import PageClient
from tests.rectification.people import walk

Sent = Mapping[str, str | list[str]]
Person = tuple[str, str]

SUPERVISOR, DISPATCHER, CALLER = ("supervisor", "GOV"), ("dispatcher", "GOV"), ("callback-officer", "CALL")
OWNER, HEAD, MANAGER = ("owner", "TAX"), ("head", "TAX"), ("window-manager", "TAX")
HANDED_IN: Sent = {"finding": "true", "cause": "process", "measures": "已改流程", "reply": "已经改好"}


def cases_standing(session: Session, *states: State | None) -> list[str]:
    """Cases of bad ratings at one window, each walked to a state (None: as it was opened); their numbers."""
    a_unit(session, "GOV", "督查科")
    a_unit(session, "CALL", "回访中心")
    window = a_window(session)
    item = an_item(session, window)
    numbers = []
    for state in states:
        a_rating(session, window, 1, entry="ticket", evidence="B", tags=("108",))
        case = session.execute(select(Case).order_by(Case.id.desc()).limit(1)).scalar_one()
        case.item_id = item
        if state is not None:
            walk(session, case.id, state)
        numbers.append(case.no)
    return numbers


def form_token(client: PageClient, address: str) -> str:
    """The plain form token of a page."""
    found = re.search(r'name="(?:\w+-)?csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found is not None, f"{address} has no form"
    return found[1]


def moved(app: Flask, who: Person, no: str, target: str, sent: Sent | None = None) -> TestResponse:
    """One person makes one move by its form."""
    client = signed_in(app, *who)
    page = client.get(f"/cases/{no}")
    version = re.search(rf'name="{target}-version"[^>]*value="(\d+)"', page.text)
    assert version is not None, f"{target} is not offered to {who}"
    return sent_from(client, no, target, version[1], sent)


def sent_from(
    client: PageClient, no: str, target: str, version: str, sent: Sent | None = None
) -> TestResponse:
    """The form of a move as it was seen at a version of the case."""
    token = form_token(client, "/account")
    given = {f"{target}-{name}": value for name, value in (sent or {}).items()}
    given |= {f"{target}-version": version, f"{target}-csrf_token": token, "csrf_token": token}
    return client.post(f"/cases/{no}/steps/{target}", data=given)


def posted(client: PageClient, address: str, **sent: str | list[str]) -> TestResponse:
    """A plain form of a page."""
    return client.post(address, data={"csrf_token": form_token(client, "/account"), **sent})
