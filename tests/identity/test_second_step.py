"""The second step of a sign-in: set up, asked for, used once, lost."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.app import create_app
from evalsys.identity.actions import second_step
from evalsys.identity.models import Account, RecoveryCode
from evalsys.identity.queries.accounts import account_by_name
from evalsys.identity.rules import HALF_LASTS, STEP_LASTS
from evalsys.kernel import site
from evalsys.kernel.database import db
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.settings import Settings
from tests.builders import PASSWORD, an_account, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

# What the engines do differently, codes taken at once, is tested in test_codes.py.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

MONDAY = datetime(2026, 10, 19, 2, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def clock_of_the_hall() -> Iterator[time_machine.Traveller]:
    """A clock that stands until it is moved."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def supervisor(committed: Inside) -> str:
    return str(committed(lambda session: an_account(session, "supervisor")))


def a_client(app: Flask, address: str = "127.0.0.1") -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.environ_base["REMOTE_ADDR"] = address
    return client


def posted(client: PageClient, address: str, form_on: str = "", **form: str) -> TestResponse:
    """Send a form with the token of the page it stands on."""
    page = client.get(form_on or address).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return client.post(address, data={"csrf_token": found[1], **form})


def by_password(client: PageClient, name: str, password: str = PASSWORD) -> TestResponse:
    return posted(client, "/sign-in", name=name, password=password)


def shown(secret: str, steps: int = 0) -> str:
    """What the telephone shows, some steps of half a minute from now."""
    return pyotp.TOTP(secret).at(datetime.now(UTC) + steps * STEP)


def enrolled(client: PageClient) -> tuple[str, list[str]]:
    """Set up the second step of the person signed in: the telephone's secret, and the recovery codes."""
    page = client.get("/account/second-step").get_data(as_text=True)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found, page
    secret = found[1].replace(" ", "")
    answer = posted(client, "/account/second-step", code=shown(secret), password=PASSWORD)
    codes = re.findall(r"<code>([0-9A-Z-]{14})</code>", answer.get_data(as_text=True))
    assert len(codes) == second_step.RECOVERY_CODES
    return secret, codes


@pytest.fixture
def phone(app: Flask, supervisor: str, clock_of_the_hall: time_machine.Traveller) -> tuple[str, list[str]]:
    """The supervisor has set up a telephone, an hour ago."""
    client = a_client(app)
    by_password(client, supervisor)
    found = enrolled(client)
    clock_of_the_hall.shift(timedelta(hours=1))
    return found


def test_after_the_password_the_code_is_asked_and_nothing_opens_before(
    app: Flask, supervisor: str, phone: tuple[str, list[str]]
) -> None:
    client = a_client(app)
    assert by_password(client, supervisor).headers["Location"] == "/sign-in/code"
    assert "/sign-in" in client.get("/account").headers["Location"]
    assert posted(client, "/sign-in/code", code="000000").status_code == 422
    assert "/sign-in" in client.get("/account").headers["Location"]
    assert posted(client, "/sign-in/code", code=shown(phone[0])).status_code == 302
    assert client.get("/account").status_code == 200


def test_the_page_asked_for_first_is_reached_after_the_code(
    app: Flask, supervisor: str, phone: tuple[str, list[str]]
) -> None:
    client = a_client(app)
    page = "/sign-in?next=/cases"
    onward = posted(client, page, name=supervisor, password=PASSWORD).headers["Location"]
    assert posted(client, onward, code=shown(phone[0])).headers["Location"] == "/cases"


def test_a_telephones_clock_may_be_half_a_minute_off(
    app: Flask, supervisor: str, phone: tuple[str, list[str]]
) -> None:
    for steps, status in ((-2, 422), (2, 422), (-1, 302), (0, 302), (1, 302)):
        client = a_client(app)
        by_password(client, supervisor)
        answer = posted(client, "/sign-in/code", code=shown(phone[0], steps))
        assert (steps, answer.status_code) == (steps, status)


def test_a_code_is_taken_once_and_no_earlier_one_after_it(
    app: Flask, supervisor: str, phone: tuple[str, list[str]]
) -> None:
    one, other = a_client(app), a_client(app)
    by_password(one, supervisor)
    by_password(other, supervisor)
    assert posted(one, "/sign-in/code", code=shown(phone[0])).status_code == 302
    for steps in (0, -1):
        answer = posted(other, "/sign-in/code", code=shown(phone[0], steps))
        assert "已经用过" in answer.get_data(as_text=True)
    assert posted(other, "/sign-in/code", code=shown(phone[0], 1)).status_code == 302


def test_a_recovery_code_opens_once_however_it_is_typed(
    app: Flask, supervisor: str, phone: tuple[str, list[str]], committed: Inside
) -> None:
    one, other = a_client(app), a_client(app)
    by_password(one, supervisor)
    by_password(other, supervisor)
    code = phone[1][0].replace("-", " ").lower()
    assert posted(one, "/sign-in/code", code=code).status_code == 302
    assert posted(other, "/sign-in/code", code=code).status_code == 422
    assert "备用码还剩9个" in one.get("/account").get_data(as_text=True)
    kept = committed(lambda session: session.scalars(select(RecoveryCode.code_hash)).all())
    assert isinstance(kept, list)
    assert len(kept) == 10
    assert not any(code.replace(" ", "").upper() in one for one in kept)


def test_the_secret_is_not_in_the_database_as_it_is(
    phone: tuple[str, list[str]], supervisor: str, committed: Inside
) -> None:
    kept = committed(lambda session: session.scalars(select(Account.totp_secret)).one())
    assert phone[0] not in str(kept)


def test_codes_are_asked_for_five_minutes_after_the_password(
    app: Flask,
    supervisor: str,
    phone: tuple[str, list[str]],
    clock_of_the_hall: time_machine.Traveller,
) -> None:
    client = a_client(app)
    by_password(client, supervisor)
    clock_of_the_hall.shift(HALF_LASTS)
    assert "/sign-in" in client.get("/sign-in/code").headers["Location"]


def test_a_half_sign_in_ends_with_the_password_it_began_with(
    app: Flask, supervisor: str, phone: tuple[str, list[str]]
) -> None:
    thief, owner = a_client(app), a_client(app)
    by_password(thief, supervisor)
    by_password(owner, supervisor)
    posted(owner, "/sign-in/code", code=shown(phone[0]))
    new = "another horse battery staple"
    assert posted(owner, "/password", old=PASSWORD, new=new, again=new).status_code == 302
    assert thief.get("/sign-in/code").status_code == 302


def test_wrong_codes_are_slowed_down_where_they_come_from(
    app: Flask, supervisor: str, phone: tuple[str, list[str]]
) -> None:
    thief, owner = a_client(app, "203.0.113.9"), a_client(app)
    by_password(thief, supervisor)
    for _ in range(5):
        assert "不对" in posted(thief, "/sign-in/code", code="000000").get_data(as_text=True)
    assert "连续输错多次" in posted(thief, "/sign-in/code", code=shown(phone[0])).get_data(as_text=True)
    by_password(owner, supervisor)
    assert posted(owner, "/sign-in/code", code=shown(phone[0])).status_code == 302


def test_many_wrong_codes_from_many_places_are_slowed_down_too(
    app: Flask, supervisor: str, phone: tuple[str, list[str]]
) -> None:
    for place in range(10):
        thief = a_client(app, f"203.0.113.{place}")
        by_password(thief, supervisor)
        for _ in range(5):
            posted(thief, "/sign-in/code", code="000000")
    last = a_client(app, "203.0.113.200")
    by_password(last, supervisor)
    assert "连续输错多次" in posted(last, "/sign-in/code", code=shown(phone[0])).get_data(as_text=True)


def open_a_contact(client: PageClient) -> TestResponse:
    """Ask for a contact of a case that need not exist: what guards it is asked first."""
    return posted(client, "/cases/20261019-0001/contact", "/account", reason="约时间", contact="1")


def test_a_contact_is_opened_only_with_a_code_given_lately(
    app: Flask,
    supervisor: str,
    phone: tuple[str, list[str]],
    clock_of_the_hall: time_machine.Traveller,
) -> None:
    client = a_client(app)
    by_password(client, supervisor)
    posted(client, "/sign-in/code", code=shown(phone[0]))
    assert open_a_contact(client).status_code == 404
    clock_of_the_hall.shift(STEP_LASTS / 2)
    client.get("/account")
    clock_of_the_hall.shift(STEP_LASTS / 2)
    asked = open_a_contact(client)
    assert (asked.status_code, asked.headers["Location"][:13]) == (303, "/second-step?")
    assert posted(client, "/second-step?next=/cases", code=shown(phone[0])).headers["Location"] == "/cases"
    assert open_a_contact(client).status_code == 404


def test_who_opens_contacts_sets_up_a_code_first(app: Flask, supervisor: str) -> None:
    client = a_client(app)
    by_password(client, supervisor)
    asked = open_a_contact(client)
    assert client.get(asked.headers["Location"]).headers["Location"].startswith("/account/second-step")
    enrolled(client)
    assert open_a_contact(client).status_code == 404


def test_the_page_of_the_form_is_where_the_code_leads_back(app: Flask, supervisor: str) -> None:
    client = a_client(app)
    by_password(client, supervisor)
    page = client.get("/account").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    for referrer, back in (("http://localhost/cases/1", "%2Fcases%2F1"), ("https://example.org/x", "%2F")):
        answer = client.post("/cases/1/contact", data={"csrf_token": found[1]}, headers={"Referer": referrer})
        assert answer.headers["Location"] == f"/second-step?next={back}"


def test_a_demo_asks_no_code_of_who_has_none(app: Flask, committed: Inside, supervisor: str) -> None:
    committed(lambda session: site.declare(session, site.DEMO))
    client = a_client(app)
    by_password(client, supervisor)
    assert open_a_contact(client).status_code == 404
    assert "演示里没有设置的账号不问动态码" in client.get("/account").get_data(as_text=True)


def test_nobody_sets_up_a_telephone_in_somebodys_place(app: Flask, supervisor: str) -> None:
    client = a_client(app)
    by_password(client, supervisor)
    page = client.get("/account/second-step").get_data(as_text=True)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    code = shown(found[1].replace(" ", ""))
    for _ in range(5):
        answer = posted(client, "/account/second-step", code=code, password="a guess of mine")
        assert "密码不对" in answer.get_data(as_text=True)
    answer = posted(client, "/account/second-step", code=code, password=PASSWORD)
    assert "连续输错多次" in answer.get_data(as_text=True)


def test_another_telephone_is_set_up_with_a_code_of_the_present_one(
    app: Flask, supervisor: str, phone: tuple[str, list[str]], clock_of_the_hall: time_machine.Traveller
) -> None:
    client = a_client(app)
    by_password(client, supervisor)
    posted(client, "/sign-in/code", code=shown(phone[0]))
    clock_of_the_hall.shift(STEP_LASTS - STEP)
    client.get("/account")
    clock_of_the_hall.shift(STEP)
    assert "/second-step" in client.get("/account/second-step").headers["Location"]
    posted(client, "/second-step", code=shown(phone[0]))
    new, _ = enrolled(client)
    clock_of_the_hall.shift(STEP)
    other = a_client(app)
    by_password(other, supervisor)
    assert posted(other, "/sign-in/code", code=shown(phone[0])).status_code == 422
    assert posted(other, "/sign-in/code", code=phone[1][0]).status_code == 422
    assert posted(other, "/sign-in/code", code=shown(new)).status_code == 302


def test_setting_up_a_telephone_ends_the_other_sign_ins(app: Flask, supervisor: str) -> None:
    one, other = a_client(app), a_client(app)
    by_password(one, supervisor)
    by_password(other, supervisor)
    enrolled(one)
    assert one.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


def verbs(session: Session) -> list[str]:
    return list(session.scalars(select(JournalEntry.verb).order_by(JournalEntry.id)))


def test_a_lost_telephone_is_taken_away_by_the_system_administrator_and_journaled(
    app: Flask, supervisor: str, phone: tuple[str, list[str]], committed: Inside
) -> None:
    lasting = a_client(app)
    by_password(lasting, supervisor)
    posted(lasting, "/sign-in/code", code=shown(phone[0]))
    account_id = committed(lambda session: account_by_name(session, supervisor).id)
    admin = signed_in(app, "system-admin")
    address = f"/admin/accounts/{account_id}"
    assert posted(admin, f"{address}/second-step/drop", address).headers["Location"] == address
    assert lasting.get("/account").status_code == 302
    assert by_password(a_client(app), supervisor).headers["Location"] == "/"
    assert {"enrol-second-step", "drop-second-step"} <= set(committed(verbs))


def test_nobody_takes_the_own_second_step_away(app: Flask, committed: Inside) -> None:
    admin = signed_in(app, "system-admin")
    account_id = committed(lambda session: account_by_name(session, "system-admin.TAX").id)
    address = f"/admin/accounts/{account_id}"
    assert posted(admin, f"{address}/second-step/drop", address).status_code == 422


def test_a_secret_moves_to_a_new_key_and_goes_on(
    app: Flask, supervisor: str, phone: tuple[str, list[str]], site_settings: Settings
) -> None:
    keys = (("new", b"n" * 32),)
    moved = create_app(Settings(**{**vars(site_settings), "contact_keys": keys}))
    moved.test_client_class = PageClient
    with moved.app_context():
        assert second_step.reseal(db.session()).renewed == 1
        db.session.commit()
        assert second_step.reseal(db.session()).renewed == 0
        db.session.remove()
    (site_settings.instance / "contact-key").unlink()
    client = a_client(moved)
    by_password(client, supervisor)
    assert posted(client, "/sign-in/code", code=shown(phone[0])).status_code == 302
    with moved.app_context():
        db.session.remove()
        db.engine.dispose()
