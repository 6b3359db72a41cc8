"""A ranking is rendered once while nothing it says has changed; nobody meets anybody else's page."""

import gzip
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, Response, template_rendered
from flask.testing import FlaskClient
from sqlalchemy import Update, update
from sqlalchemy.orm import Session

from evalsys.dashboards.views import again
from evalsys.identity.models import Account, SignInSession
from evalsys.identity.rules import ABSOLUTE
from evalsys.kernel import clock, notices
from evalsys.organisation.models import UnitName
from tests.builders import BuiltWindow, a_rating, a_window, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

ADDRESS = "/rankings/windows"


@pytest.fixture(autouse=True)
def _one_minute() -> object:
    """Pages say the minute they are of: here it does not end."""
    with time_machine.travel("2026-03-02T02:30:10+00:00", tick=False):
        yield


@pytest.fixture
def window(committed: Inside) -> BuiltWindow:
    built = committed(rated)
    assert isinstance(built, BuiltWindow)
    return built


def rated(session: Session) -> BuiltWindow:
    window = a_window(session)
    a_rating(session, window, 5)
    a_rating(session, a_window(session, "25", "SOC"), 4)
    return window


def rendered(app: Flask, looking: Callable[[], object]) -> int:
    """How many pages were made meanwhile."""
    made: list[object] = []

    def note(_app: Flask, **_more: object) -> None:
        made.append(1)

    with template_rendered.connected_to(note, app):
        looking()
    return len(made)


def number(client: PageClient, address: str = ADDRESS) -> int:
    page = client.get(address).get_data(as_text=True)
    found = re.search(r"本期群众评价([\d,]+)条", page)
    assert found
    return int(found[1])


def test_the_same_page_is_rendered_once(app: Flask, window: BuiltWindow) -> None:
    client = signed_in(app, "leadership")
    first = client.get(ADDRESS)
    again = client.get(ADDRESS)
    assert rendered(app, lambda: client.get(ADDRESS)) == 0
    assert again.get_data() == client.get(ADDRESS).get_data()
    for name in ("Content-Type", "Content-Security-Policy", "Cache-Control"):
        assert first.headers.get(name) == again.headers.get(name)
    assert rendered(app, lambda: client.get(f"{ADDRESS}?channel=on-the-go")) == 1
    assert rendered(app, lambda: client.get(f"{ADDRESS}?lang=en")) == 1


def test_a_new_rating_shows_at_once(app: Flask, window: BuiltWindow, committed: Inside) -> None:
    client = signed_in(app, "leadership")
    assert [number(client) for _ in range(3)] == [2, 2, 2]
    committed(lambda session: a_rating(session, window, 5))
    assert [number(client) for _ in range(2)] == [3, 3]


def test_a_rating_taken_back_shows_to_nobody(app: Flask, window: BuiltWindow, session: Session) -> None:
    a_rating(session, window, 5)
    session.rollback()
    client = signed_in(app, "leadership")
    assert [number(client) for _ in range(2)] == [2, 2]


def test_a_new_name_shows_at_once(app: Flask, window: BuiltWindow, committed: Inside) -> None:
    client = signed_in(app, "leadership")
    for _ in range(2):
        assert "县税务局" not in client.get(ADDRESS).get_data(as_text=True)
    committed(
        lambda session: session.execute(update(UnitName).values(name="县税务局", short_name="县税务局"))
    )
    assert "县税务局" in client.get(ADDRESS).get_data(as_text=True)


def test_a_notice_read_is_unread_on_no_kept_page(app: Flask, window: BuiltWindow, committed: Inside) -> None:
    client = signed_in(app, "leadership")
    committed(
        lambda session: notices.notify(
            session.connection(),
            to_role="leadership",
            sentence="有一件事。",
            values={},
            link=ADDRESS,
            dedupe_key="one",
            at=clock.now(),
        )
    )
    for _ in range(2):
        assert "条未读" in client.get(ADDRESS).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/notices").get_data(as_text=True))
    assert token
    assert client.post("/notices/read", data={"csrf_token": token[1]}).status_code == 303
    assert "条未读" not in client.get(ADDRESS).get_data(as_text=True)


def test_nobody_meets_the_page_of_another_role_or_person(app: Flask, window: BuiltWindow) -> None:
    leader, auditor = signed_in(app, "leadership"), signed_in(app, "auditor")
    for _ in range(2):
        assert number(leader) == 2
        assert "auditor" in auditor.get(ADDRESS).get_data(as_text=True)
        assert "auditor" not in leader.get(ADDRESS).get_data(as_text=True)


def test_the_clerks_side_meets_released_periods_only(app: Flask, window: BuiltWindow) -> None:
    leader, manager = signed_in(app, "leadership"), signed_in(app, "window-manager")
    for _ in range(2):
        assert number(leader) == 2
        assert "还没有公布的数据" in manager.get(ADDRESS).get_data(as_text=True)


def test_the_page_says_the_minute_it_is_of(app: Flask, window: BuiltWindow) -> None:
    client = signed_in(app, "leadership")
    client.get(ADDRESS)
    client.get(ADDRESS)
    with time_machine.travel("2026-03-02T02:32:10+00:00", tick=False):
        assert "10:32" in client.get(ADDRESS).get_data(as_text=True)
    assert clock.now().minute == 30


def test_a_message_for_once_is_not_kept(app: Flask, window: BuiltWindow) -> None:
    client = signed_in(app, "leadership")
    client.get(ADDRESS)
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("message", "只说一次")]
    assert "只说一次" in client.get(ADDRESS).get_data(as_text=True)
    assert "只说一次" not in client.get(ADDRESS).get_data(as_text=True)


def taking_packed(app: Flask, client: PageClient) -> FlaskClient:
    """The same sign-in with a client that takes pages as they come: the other reads its pages at once."""
    cookie = client.get_cookie("evalsys")
    assert cookie
    other = FlaskClient(app, Response)
    other.set_cookie("evalsys", cookie.value)
    return other


def test_a_page_is_packed_from_the_first_time_on(app: Flask, window: BuiltWindow) -> None:
    client = taking_packed(app, signed_in(app, "leadership"))
    # What changes the cookie is not kept: here the first page of all does, with its form's token.
    client.get("/account")
    first, again = (client.get(ADDRESS, headers={"Accept-Encoding": "gzip"}) for _ in range(2))
    assert first.headers["Content-Encoding"] == again.headers["Content-Encoding"] == "gzip"
    assert first.get_data() == again.get_data()
    refused = client.get(f"{ADDRESS}?from=nonsense", headers={"Accept-Encoding": "gzip"})
    assert (refused.status_code, refused.headers.get("Content-Encoding")) == (422, None)


def test_a_packed_page_says_the_same(app: Flask, window: BuiltWindow) -> None:
    client = signed_in(app, "leadership")
    for _ in range(2):
        plain = client.get(ADDRESS)
    packed = taking_packed(app, client).get(ADDRESS, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert packed.content_length == len(packed.get_data()) < len(plain.get_data())
    refused = client.get(ADDRESS, headers={"Accept-Encoding": "gzip;q=0, br"})
    assert refused.get_data() == plain.get_data()


def test_a_kept_page_is_not_shown_once_its_sign_in_was_ended(
    app: Flask, window: BuiltWindow, committed: Inside
) -> None:
    def change(statement: Update) -> None:
        committed(lambda session: session.execute(statement))

    for ended in (
        update(SignInSession).values(ended_at=clock.now()),
        update(Account).values(disabled_at=clock.now()),
    ):
        change(update(Account).values(disabled_at=None))
        client = signed_in(app, "leadership")
        assert [number(client) for _ in range(2)] == [2, 2]
        change(ended)
        assert client.get(ADDRESS).status_code == 302, str(ended)


def test_a_kept_page_is_not_shown_once_its_sign_in_is_too_old(
    app: Flask, window: BuiltWindow, committed: Inside
) -> None:
    client = signed_in(app, "leadership")
    begun = clock.now() - ABSOLUTE + timedelta(seconds=5)
    committed(lambda session: session.execute(update(SignInSession).values(started_at=begun)))
    assert [number(client) for _ in range(2)] == [2, 2]
    with time_machine.travel("2026-03-02T02:30:16+00:00", tick=False):
        assert client.get(ADDRESS).status_code == 302


def test_a_kept_page_is_not_shown_to_whoever_only_knows_its_address(app: Flask, window: BuiltWindow) -> None:
    client, stranger = signed_in(app, "leadership"), app.test_client()
    assert [number(client) for _ in range(2)] == [2, 2]
    assert stranger.get(ADDRESS).status_code == 302
    stranger.set_cookie("evalsys", "somebody")
    assert stranger.get(ADDRESS).status_code == 302


def test_what_an_address_says_does_not_tell_a_token_by_the_length(window: BuiltWindow) -> None:
    """A guess that is right and one that is wrong make packed pages of one length."""
    token = '<input name="csrf_token" value="IjliYzgyYmZmZGFlN2IzNGVl">'
    right, wrong = (
        len(again.packed(f"<p>{guess}</p>{token}<p>{guess}</p>".encode()))
        for guess in ("IjliYzgyYmZm", "Q7xWk3vRp0Lz")
    )
    assert right == wrong
