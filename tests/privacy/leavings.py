"""People who leave numbers, names and words everywhere a page lets them, for tests of what is forgotten."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.kernel.database import transaction
from evalsys.rectification.models import Case, Contact
from tests.builders import a_unit, a_window, code_of, signed_in
from tests.pages import PageClient
from tests.rectification.desks import form_token, posted

# Distinct, so that one found says where it came from.
PHONES = ("13812341234", "13900004321", "13700005678", "13600006789", "13500007890", "13300008901")
IDENTITY = "11010519491231002X"
NAMES = ("欧阳", "慕容", "上官")
ADDRESS = "203.0.113.77"
AGENT = "Fernsprecher/7.3 of a citizen"

SAYS = f"材料齐了不给办,请打{PHONES[0]},身份证{IDENTITY}"


@dataclass(frozen=True)
class Left:
    """Where somebody left something: the receipts of a rating and of a report."""

    rating: str
    report: str


def receipt_in(location: str) -> str:
    """The code at the end of an address."""
    return re.split(r"[/?]", location.partition("://")[2].partition("/")[2] or location.lstrip("/"))[-1]


def a_citizen(app: Flask) -> PageClient:
    """A citizen's browser, with an address and a name of its own."""
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.environ_base |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": AGENT}
    return client


def a_code(app: Flask) -> str:
    """The code of a window, with the people of the desks about."""

    def make(session: Session) -> str:
        a_unit(session, "GOV", "督查科")
        a_unit(session, "CALL", "回访中心")
        a_window(session, "8", kind="办不成事")
        return code_of(session, a_window(session))

    with app.app_context(), transaction() as session:
        return make(session)


def rated(client: PageClient, code: str, text: str = SAYS) -> str:
    """Rate as badly as can be, with words; the receipt."""
    page = client.get(f"/q/{code}")
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key is not None
    answer = client.post(f"/q/{code}", data={"level": "1", "key": key[1]})
    receipt = receipt_in(answer.headers["Location"].partition("?")[0])
    said = client.post(f"/receipt/{receipt}/reasons", data={"text": text, "done": "no"})
    assert said.status_code == 303, said.text
    return receipt


def leave_everything(app: Flask) -> Left:
    """Walk through the real pages and leave numbers wherever they take words."""
    client, code = a_citizen(app), a_code(app)
    receipt = rated(client, code)
    form = {"phone": PHONES[1], "name": NAMES[0]}
    assert client.post(f"/receipt/{receipt}/contact", data=form).status_code == 303
    letter = {"text": f"也可以打{PHONES[2]}", "key": "a-key-of-a-letter"}
    assert client.post(f"/receipt/{receipt}/messages", data=letter).status_code == 303
    report = {"type": "refused", "text": f"{PHONES[3]}打不通", "key": "a-key-of-a-report", "window": ""}
    made = client.post("/desk/C", data=report | {"phone": PHONES[3], "name": NAMES[1], "matter": PHONES[3]})
    assert made.status_code == 303, made.text
    _staff(app)
    return Left(receipt, receipt_in(made.headers["Location"].partition("?")[0]))


def _staff(app: Flask) -> None:
    """An order is typed in, and a contact read for a reason that repeats a number."""
    dispatcher = signed_in(app, "dispatcher", "GOV")
    order = {"source": "phone", "window": "", "category": "noise", "text": f"{PHONES[4]}来电"}
    order |= {"received_at": "2026-10-19T09:20", "place": f"{IDENTITY}家门口"}
    typed = posted(dispatcher, "/orders", **order, phone=PHONES[4], name=NAMES[2])
    assert typed.status_code == 303, typed.text
    with app.app_context(), transaction() as session:
        contact, no = session.execute(
            select(Contact.id, Case.no).join(Case, Case.id == Contact.case_id).order_by(Contact.id).limit(1)
        ).one()
    supervisor = signed_in(app, "supervisor", "GOV")
    read = {"csrf_token": form_token(supervisor, "/account"), "contact": contact}
    shown = supervisor.post(f"/cases/{no}/contact", data=read | {"reason": f"回电{PHONES[5]}"})
    assert PHONES[1] in shown.text


def end_all_cases(app: Flask, at: datetime) -> None:
    """Let every case have ended at an instant."""
    with app.app_context(), transaction() as session:
        session.execute(update(Case).values(state="CLOSED", closed_at=at))
