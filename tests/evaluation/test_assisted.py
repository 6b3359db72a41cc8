"""A helper lends the device, the citizen chooses: shown apart, and never by the rated unit."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Attribution, Rating, RatingTrace
from evalsys.identity.models import Account, AccountRole
from evalsys.kernel import clock
from evalsys.scoring.models import DailySum
from evalsys.scoring.queries.checks import differences
from tests.builders import a_clerk, a_window, on_duty, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

RATE = "/help/C-24/rate"


@pytest.fixture
def clerk(committed: Inside) -> int:
    """A window where somebody is on duty now; the clerk's id."""

    def make(session: Session) -> int:
        window, now = a_window(session), clock.now()
        staff_id = a_clerk(session)
        on_duty(session, window, staff_id, now - timedelta(minutes=1), now + timedelta(hours=1))
        a_window(session, "31", "SOC")
        return staff_id

    return committed(make)


@pytest.fixture
def helper(app: Flask, clerk: int) -> PageClient:
    return signed_in(app, "helper", "GUIDE")


def fields(client: PageClient, address: str) -> dict[str, str]:
    page = client.get(address).get_data(as_text=True)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))


def tap(client: PageClient, address: str, **said: Any) -> Any:
    return client.post(address, data=fields(client, address) | said)


def how_many(committed: Inside) -> int:
    return committed(lambda session: session.scalar(select(func.count()).select_from(Rating)))


def test_window_person_level_and_the_rating_is_assisted(
    helper: PageClient, clerk: int, committed: Inside
) -> None:
    assert "由本人选择,帮忙的人不代选" in helper.get("/help").get_data(as_text=True)
    found = helper.get("/help?window=24")
    assert found.headers["Location"] == "/help/C-24"
    page = helper.get("/help/C-24").get_data(as_text=True)
    way = re.search(r'href="(/help/C-24/rate\?person=\d+)"[^>]*>王敏', page)
    assert way
    answer = tap(helper, way[1], level="2")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/help/thanks")
    thanks = helper.get("/help/thanks").get_data(as_text=True)
    assert "不满意" not in thanks

    def stands(session: Session) -> None:
        rating = session.scalars(select(Rating)).one()
        assert (rating.entry, rating.channel, rating.evidence, rating.origin) == (
            "kiosk",
            "back-to-back",
            "C",
            "assisted",
        )
        assert session.execute(select(Attribution.staff_id, Attribution.how)).one() == (clerk, "chosen")
        assert session.scalar(select(RatingTrace.device_hash)) is None
        cell = session.scalars(select(DailySum)).one()
        assert (cell.n2, cell.assisted, cell.staff_id) == (1, 1, clerk)
        assert differences(session).differences == 0

    committed(stands)


def test_a_double_tap_is_one_rating_and_another_level_is_refused(
    helper: PageClient, committed: Inside
) -> None:
    kept = fields(helper, RATE)
    for _ in range(2):
        assert helper.post(RATE, data=kept | {"level": "5"}).status_code == 303
    assert helper.post(RATE, data=kept | {"level": "1"}).status_code == 409
    assert how_many(committed) == 1


@pytest.mark.parametrize("person", ["unknown", "", "999999", "x"])
def test_who_is_not_sure_is_nobody(helper: PageClient, committed: Inside, person: str) -> None:
    assert tap(helper, f"{RATE}?person={person}", level="5").status_code == 303
    assert committed(lambda session: session.scalar(select(Attribution.staff_id))) is None


@pytest.mark.parametrize("said", [{}, {"level": "0"}, {"level": "6"}, {"level": "5", "key": "short"}])
def test_without_a_level_nothing_is_stored(
    helper: PageClient, committed: Inside, said: dict[str, str]
) -> None:
    answer = tap(helper, RATE, **said)
    assert answer.status_code == 422
    assert "错误:" in answer.get_data(as_text=True)
    assert how_many(committed) == 0


def test_the_language_and_the_large_letters_stay_all_the_way(helper: PageClient) -> None:
    ways = "lang=en&size=large"
    assert helper.get(f"/help?window=24&{ways}").headers["Location"] == f"/help/C-24?{ways}"
    page = helper.get(f"/help/C-24?{ways}").get_data(as_text=True)
    assert f'/help/C-24/rate?person=unknown&amp;{ways.replace("&", "&amp;")}"' in page
    assert 'class="large"' in page
    assert tap(helper, f"{RATE}?{ways}", level="4").headers["Location"] == f"/help/thanks?{ways}"


def test_the_five_levels_are_equal_and_none_is_chosen(helper: PageClient) -> None:
    page = helper.get(RATE).get_data(as_text=True)
    assert re.findall(r'<button class="level" name="level" value="(\d)"', page) == ["5", "4", "3", "2", "1"]
    assert "checked" not in page
    assert "<script" not in page


def test_a_page_handed_over_loads_nothing(helper: PageClient) -> None:
    for address in ("/help", "/help/C-24", RATE, "/help/thanks"):
        policy = helper.get(address).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_nobody_helps_at_the_own_unit(app: Flask, clerk: int, committed: Inside) -> None:
    own = signed_in(app, "helper", "TAX")
    assert own.get("/help/C-24").status_code == 403
    kept = fields(own, "/help/C-31/rate")
    assert own.post(RATE, data=kept | {"level": "5"}).status_code == 403
    assert how_many(committed) == 0
    assert own.post("/help/C-31/rate", data=kept | {"level": "5"}).status_code == 303


def test_only_helpers_help_and_never_from_the_clerks_side(app: Flask, clerk: int, committed: Inside) -> None:
    for role in ("clerk", "window-manager", "supervisor", "callback-officer", "leadership"):
        assert signed_in(app, role).get("/help").status_code == 403
    client = signed_in(app, "helper", "GUIDE")

    def both(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.name == "helper.GUIDE")).one()
        session.add(AccountRole(account_id=account.id, role="clerk"))

    kept = fields(client, RATE)
    committed(both)
    assert client.post(RATE, data=kept | {"level": "5"}).status_code == 403
    assert how_many(committed) == 0


def test_an_unknown_window_is_asked_again(helper: PageClient) -> None:
    answer = helper.get("/help?window=99")
    assert answer.status_code == 422
    assert 'value="99"' in answer.get_data(as_text=True)
    assert helper.get("/help/C-99").status_code == 404


def test_the_rankings_say_how_many_were_assisted(app: Flask, helper: PageClient) -> None:
    tap(helper, RATE, level="5")
    page = signed_in(app, "leadership", "DC").get("/rankings/windows").get_data(as_text=True)
    assert "其中导办协助1条" in page
