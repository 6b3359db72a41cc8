"""What passwords and sign-ins must be like, as a rule and where the third grade is asked for."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from evalsys.app import create_app
from evalsys.identity.queries.accounts import account_by_name
from evalsys.identity.rules import (
    MLPS3,
    NIST,
    CannotSignIn,
    UnfitPassword,
    check_pace,
    check_password,
    demands,
    has_ended,
)
from evalsys.kernel.database import db, transaction
from evalsys.kernel.settings import Settings, SettingsFault, from_environment
from tests.builders import PASSWORD, signed_in
from tests.conftest import Inside
from tests.identity.test_second_step import a_client, by_password, enrolled, posted
from tests.pages import PageClient

MONDAY = datetime(2026, 10, 19, 2, 0, tzinfo=UTC)
# None is the other, is guessable, or has fewer than three kinds of signs.
PASSWORDS = [
    f"Correct horse battery {word}" for word in ("one", "two", "three", "four", "five", "six", "seven")
]


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "a123456789",
        "Password123",
        "qwertyuiop",
        "1q2w3e4r5t",
        "Woaini1314520",
        "Admin@2026admin",
        "zhengwufuwu2026",
        "abcabcabcabcabc",
        "0987654321",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(UnfitPassword, match="太容易猜到"):
        check_password(password, "zhangsan")


@pytest.mark.parametrize(
    "password", [PASSWORD, "7K3M-9QXD-4TWZ", "我家门口的老槐树今年又开花了", "x9k2mq7t1p"]
)
def test_a_long_one_of_ones_own_is_taken_whatever_its_signs(password: str) -> None:
    check_password(password, "zhangsan")


@pytest.mark.parametrize("password", [PASSWORD, "corrEctHORSE", "x9k2mq7t1p"])
def test_the_third_grade_asks_for_three_kinds_of_signs(password: str) -> None:
    with pytest.raises(UnfitPassword, match="至少3种"):
        check_password(password, "zhangsan", MLPS3)


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_of_three_kinds_is_taken(password: str) -> None:
    check_password(password, "zhangsan", MLPS3)


def test_a_sign_in_ends_earlier_where_the_third_grade_is_asked_for() -> None:
    for asked, minutes in ((NIST, 30), (MLPS3, 15)):
        assert not has_ended(MONDAY, MONDAY, MONDAY + timedelta(minutes=minutes, seconds=-1), asked)
        assert has_ended(MONDAY, MONDAY, MONDAY + timedelta(minutes=minutes), asked)


def test_five_failures_are_followed_by_half_an_hour_there() -> None:
    check_pace(4, MONDAY, MONDAY, asked=MLPS3)
    with pytest.raises(CannotSignIn):
        check_pace(5, MONDAY, MONDAY + timedelta(minutes=29), asked=MLPS3)
    check_pace(5, MONDAY, MONDAY + timedelta(minutes=30), asked=MLPS3)


def test_the_setting_is_on_or_off() -> None:
    assert not from_environment({}).mlps3
    assert from_environment({"EVALSYS_MLPS3": "on"}).mlps3
    assert demands(mlps3=True) == MLPS3
    with pytest.raises(SettingsFault, match="EVALSYS_MLPS3: needs on or off"):
        from_environment({"EVALSYS_MLPS3": "yes"})


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def strict(site_settings: Settings) -> Iterator[Flask]:
    """A site of the third grade."""
    app = create_app(replace(site_settings, mlps3=True))
    app.test_client_class = PageClient
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_everybody_sets_up_a_code_there_before_anything_else(
    strict: Flask, clock: time_machine.Traveller
) -> None:
    client = signed_in(strict, "clerk")
    assert client.get("/console").headers["Location"] == "/account/second-step"
    enrolled(client)
    assert client.get("/console").status_code == 200


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_password_of_ninety_days_is_changed_there_first(
    strict: Flask, app: Flask, committed: Inside, clock: time_machine.Traveller
) -> None:
    enrolled(signed_in(strict, "clerk"))
    clock.shift(timedelta(days=90) - timedelta(seconds=1))
    assert signed_in(strict, "clerk").get("/console").status_code == 200
    clock.shift(timedelta(seconds=1))
    client = signed_in(strict, "clerk")
    assert client.get("/console").headers["Location"] == "/password"
    assert signed_in(app, "clerk").get("/console").status_code == 200
    answer = posted(client, "/password", old=PASSWORD, new=PASSWORDS[0], again=PASSWORDS[0])
    assert answer.status_code == 302
    assert client.get("/console").status_code == 200


def test_none_of_the_last_five_passwords_is_taken_again_there(
    strict: Flask, clock: time_machine.Traveller
) -> None:
    client = signed_in(strict, "clerk")
    enrolled(client)

    def changed(old: str, new: str) -> str:
        clock.shift(timedelta(minutes=1))
        answer = posted(client, "/password", old=old, new=new, again=new)
        return "" if answer.status_code == 302 else answer.get_data(as_text=True)

    old = PASSWORD
    for new in PASSWORDS[:5]:
        assert changed(old, new) == ""
        old = new
    for former in PASSWORDS[:4]:
        assert "最近5次用过" in changed(old, former)
    assert "一样" in changed(old, PASSWORDS[4])
    assert changed(old, PASSWORDS[5]) == ""
    assert changed(PASSWORDS[5], PASSWORDS[0]) == ""


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_password_that_was_reset_counts_among_the_last_five_there(
    strict: Flask, clock: time_machine.Traveller
) -> None:
    client = signed_in(strict, "clerk")
    enrolled(client)
    used, new = PASSWORDS[:2]
    assert posted(client, "/password", old=PASSWORD, new=used, again=used).status_code == 302
    administrator = signed_in(strict, "system-admin")
    enrolled(administrator)
    with strict.app_context(), transaction() as session:
        clerk = account_by_name(session, "clerk.TAX")
        assert clerk is not None
        number = clerk.id
    clock.shift(timedelta(minutes=1))
    slip = posted(administrator, f"/admin/accounts/{number}/reset", "/account").get_data(as_text=True)
    (first,) = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", slip)
    client = signed_in(strict, "clerk")
    refused = posted(client, "/password", old=first, new=used, again=used)
    assert "最近5次用过" in refused.get_data(as_text=True)
    assert posted(client, "/password", old=first, new=new, again=new).status_code == 302


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_everywhere_one_is_signed_out_at_once(app: Flask, clock: time_machine.Traveller) -> None:
    one = signed_in(app, "clerk")
    others = [a_client(app), a_client(app)]
    for other in others:
        by_password(other, "clerk.TAX")
        assert other.get("/account").status_code == 200
    assert posted(one, "/sign-out/everywhere", "/account").headers["Location"] == "/sign-in"
    assert [client.get("/account").status_code for client in (one, *others)] == [302, 302, 302]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_sign_in_has_another_cookie_than_what_was_there_before(
    app: Flask, clock: time_machine.Traveller
) -> None:
    signed_in(app, "clerk")
    client = a_client(app)
    page = client.get("/sign-in")
    planted = page.headers["Set-Cookie"].split(";")[0]
    by_password(client, "clerk.TAX")
    stranger = a_client(app)
    stranger.set_cookie(*planted.split("=", 1))
    assert stranger.get("/account").status_code == 302
    cookie = client.get_cookie("evalsys")
    assert cookie is not None
    assert not re.search(cookie.value, planted)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_with_https_the_cookie_is_the_hosts_own(site_settings: Settings) -> None:
    app = create_app(replace(site_settings, base_url="https://pj.example.gov.cn"))
    with app.test_client() as client:
        said = client.get("/sign-in", base_url="https://pj.example.gov.cn").headers["Set-Cookie"]
    with app.app_context():
        db.engine.dispose()
    assert said.startswith("__Host-evalsys=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in said.split(";")}
    assert "Domain" not in said
