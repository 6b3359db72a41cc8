"""Displays on the wall: put up by a steward, open to whoever has the address, and safe to show to a hall."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalsys.dashboards.actions.opened import open_periods
from evalsys.dashboards.models import Board, Bulletin, BulletinStep
from evalsys.dashboards.queries import month
from evalsys.dashboards.queries.month import Of
from evalsys.dashboards.rules.bulletins import canonical
from evalsys.identity.models import Account
from evalsys.kernel import clock
from evalsys.kernel.periods import DAY, MONTHS, closing_of
from evalsys.kernel.secrets import digest
from evalsys.kernel.settings import Settings
from evalsys.scoring import actions
from tests.architecture.test_styles import TOKENS, tokens
from tests.builders import a_clerk, a_window
from tests.conftest import Inside
from tests.dashboards.offices import an_account, signed_in
from tests.pages import PageClient
from tests.scoring.halls import summed

NOW = datetime(2026, 3, 11, 10, tzinfo=clock.SHANGHAI)
LAST_MONTH = closing_of(MONTHS, closing_of(MONTHS, NOW.date()).starts - DAY)


@pytest.fixture(autouse=True)
def in_march() -> Iterator[None]:
    """A working day like any other."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def hall(committed: Inside) -> None:
    """Last month 200 and 60 ratings in two units and 7 at a third window; today 23 and one more."""

    def make(session: Session) -> None:
        window, clerk = a_window(session), a_clerk(session)
        day = LAST_MONTH.starts + timedelta(days=2)
        summed(session, window, 190, 0, 0, 6, 4, day=day, staff_id=clerk)
        summed(session, a_window(session, "25", "SOC"), 60, day=day)
        summed(session, a_window(session, "27"), 0, 0, 0, 0, 7, day=day)
        summed(session, window, 20, 0, 0, 0, 3, day=clock.today())
        actions.release_periods(session, clock.now())
        open_periods(session, clock.now())
        an_account(session, "data-steward", window.unit_id)

    committed(make)


def put_up(client: PageClient, hall: str = "") -> str:
    """A new display's address."""
    signed_in(client, "data-steward")
    page = client.get("/admin/boards").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"name": "东墙", "hall": hall, "csrf_token": token[1]}
    made = client.post("/admin/boards", data=form).get_data(as_text=True)
    address = re.search(r"<code>[^<]*(/board/[^<]+)</code>", made)
    assert address
    return address[1]


def shown(client: PageClient, address: str) -> str:
    """What a display shows to somebody without a sign-in."""
    answer = client.application.test_client().get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_a_display_needs_no_sign_in_and_shows_what_is_open(client: PageClient, hall: None) -> None:
    words = shown(client, put_up(client))
    assert "260 条" in words
    assert "96.2%" in words
    assert "非常不满意 4" in words
    assert "更新于" in words


def test_seven_ratings_of_a_window_are_not_shown(client: PageClient, hall: None) -> None:
    words = shown(client, put_up(client))
    assert "267" not in words
    assert "另有1个窗口不足10条" in words


def test_the_ratings_of_today_are_said_in_tens_and_without_levels(client: PageClient, hall: None) -> None:
    words = shown(client, put_up(client))
    assert "今天收到 20 多条" in words
    assert "23" not in words.partition("今天收到")[2].partition("各部门")[0]


def test_the_handling_is_what_a_published_bulletin_said(
    client: PageClient, committed: Inside, hall: None, site_settings: Settings
) -> None:
    """Counted anew at every look, it would show each answer to a call-back as it is written down."""
    address = put_up(client)
    assert "差评整改" not in shown(client, address)

    def publish(session: Session) -> None:
        content = month.content(session, Of("all", "", LAST_MONTH), site_settings, clock.now())
        content["handling"][0]["rates"]["satisfied"] = {"numerator": 11, "denominator": 12, "rate": 11 / 12}
        kept = {"public_id": "A" * 10, "place": "all", "code": "", "starts": LAST_MONTH.starts, "version": 1}
        frozen = {"content": canonical(content), "sha256": "0" * 64, "drafted_at": clock.now()}
        session.execute(insert(Bulletin).values(**kept, **frozen))
        by = session.execute(select(Account.id).limit(1)).scalar_one()
        issue = session.execute(select(Bulletin.id)).scalar_one()
        step = {"bulletin_id": issue, "act": "publish", "by": by, "at": clock.now(), "reason": ""}
        session.execute(insert(BulletinStep).values(**step))

    committed(publish)
    words = shown(client, address)
    assert "差评整改 2026年2月" in words
    assert "91.7% 11/12" in words


def test_a_display_of_one_hall_shows_that_hall(client: PageClient, hall: None) -> None:
    address = put_up(client, "C")
    assert "260 条" in shown(client, address)


def test_the_script_is_given_the_block_alone(client: PageClient, hall: None) -> None:
    block = client.get(put_up(client), headers={"X-Requested-With": "block"}).get_data(as_text=True)
    assert "<html" not in block
    assert 'id="updated"' in block
    assert block.count("<section") + 1 <= 7


def test_only_the_hash_of_an_address_is_kept_and_one_taken_down_is_gone(
    client: PageClient, committed: Inside, hall: None
) -> None:
    address = put_up(client)
    of_it = select(Board.id).where(Board.token_hash == digest(address.rpartition("/")[2]))
    number = committed(lambda session: session.execute(of_it).scalar_one())
    page = client.get("/admin/boards").get_data(as_text=True)
    assert address not in page
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    end = f"/admin/boards/{number}/end"
    assert client.post(end, data={"csrf_token": token}).status_code == 302
    assert client.post(end, data={"csrf_token": token}).status_code == 404
    assert client.get(address).status_code == 410
    assert client.get("/board/unknown").status_code == 404


def test_a_display_before_anything_is_open_says_when_it_will_be(
    client: PageClient, committed: Inside
) -> None:
    committed(lambda session: an_account(session, "data-steward", a_window(session).unit_id))
    assert "还没有可以公布的数据" in shown(client, put_up(client))


def test_a_display_needs_a_place_it_hangs_at(client: PageClient, hall: None) -> None:
    signed_in(client, "data-steward")
    page = client.get("/admin/boards").get_data(as_text=True)
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    assert client.post("/admin/boards", data={"name": "", "csrf_token": token}).status_code == 422


def test_opening_twice_writes_nothing(committed: Inside, hall: None) -> None:
    assert committed(lambda session: open_periods(session, clock.now())) == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_display_is_dark_in_the_colours_of_the_dark_scheme(engine_name: str) -> None:
    always = re.search(r":root\.dark \{(.*?)\}", TOKENS.read_text(encoding="utf-8"), re.DOTALL)
    assert always
    said = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", always[1]))
    dark = tokens("dark")
    assert said == {name: dark[name] for name in said}
    assert {"--paper", "--ink", "--level-1"} <= said.keys()
