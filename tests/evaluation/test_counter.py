"""The tablet on the counter: one question for each service, one tap, and nothing of it left."""

import re
from datetime import timedelta
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Rating
from evalsys.evaluation.queries import counted
from evalsys.evaluation.rules import LEVELS, PROMPT_LASTS
from evalsys.identity.actions import devices
from evalsys.identity.queries.devices import device_by_public_id
from evalsys.kernel import clock
from evalsys.scoring.queries.checks import differences
from tests.conftest import Inside
from tests.evaluation.counters import Machine, System, a_counter, a_device, a_system, paired, states
from tests.pages import PageClient

QUESTION = "请您对本次服务作出评价"
KEY = "key-of-the-first-tap"


@pytest.fixture
def counter(committed: Inside) -> None:
    committed(a_counter)


@pytest.fixture
def tablet(app: Flask, counter: None) -> Machine:
    return paired(app, "tablet")


@pytest.fixture
def system(app: Flask, counter: None) -> System:
    return a_system(app)


def count(committed: Inside) -> int:
    return cast(int, committed(lambda session: session.scalar(select(func.count()).select_from(Rating))))


def test_a_waiting_tablet_shows_the_windows_own_code(tablet: Machine) -> None:
    page = tablet.shows()
    assert "24" in page
    assert "税务局" in page
    assert "<svg" in page
    assert QUESTION not in page


def test_a_prompt_shows_five_equal_levels_and_an_equal_way_out(tablet: Machine, system: System) -> None:
    system.asks()
    page = tablet.shows()
    assert f"<h1>{QUESTION}" in page
    buttons = re.findall(r'<button class="choice"[^>]*>', page)
    assert len(buttons) == 6
    assert [level.value for level in LEVELS] == [
        int(v) for v in re.findall(r'name="level" value="(\d)"', page)
    ]
    assert "离开后再评(扫码带走)" in page
    assert not re.search(r"checked|autofocus|aria-pressed", page)


def test_a_tap_rates_face_to_face_and_the_screen_says_nothing_of_it(
    tablet: Machine, system: System, committed: Inside
) -> None:
    service = system.asks()
    tapped = tablet.post("rate", service, level="2", key=KEY)
    assert tapped.status_code == 303
    thanks = tablet.client.get(tapped.headers["Location"]).get_data(as_text=True)
    for level in LEVELS:
        assert level.words not in thanks
    assert QUESTION not in tablet.shows()
    assert system.state(service) == "rated"

    def stands(session: Session) -> None:
        row = session.execute(counted.counted_ratings()).one()
        assert (row.level, row.channel, row.entry, row.bound) == (2, "face-to-face", "tablet", True)
        assert states(session) == ["rated"]
        assert differences(session).differences == 0

    committed(stands)


def test_a_lost_thanks_sent_again_counts_once(tablet: Machine, system: System, committed: Inside) -> None:
    service = system.asks()
    for _ in range(3):
        assert tablet.post("rate", service, level="1", key=KEY).status_code == 303
    assert count(committed) == 1


def test_another_tap_of_the_same_question_is_refused(
    tablet: Machine, system: System, committed: Inside
) -> None:
    service = system.asks()
    tablet.post("rate", service, level="1", key=KEY)
    second = tablet.post("rate", service, level="5", key="key-of-another-tap")
    assert second.status_code == 410
    assert "已经评过" in second.get_data(as_text=True)
    assert count(committed) == 1
    assert system.state(service) == "rated"


def test_one_service_is_prompted_once(tablet: Machine, system: System) -> None:
    service = system.asks()
    assert system.prompts(service) == 202
    tablet.post("leave", service)
    assert system.prompts(service) == 409
    assert system.state(service) == "unrated"
    assert QUESTION not in tablet.shows()


def test_nobody_answering_ends_unrated_and_late_taps_are_told_so(
    tablet: Machine, system: System, committed: Inside
) -> None:
    service = system.asks()
    tablet.post("leave", service)
    late = tablet.post("rate", service, level="1", key=KEY)
    assert late.status_code == 410
    assert "没有提交" in late.get_data(as_text=True)
    assert count(committed) == 0


def test_a_question_nobody_saw_is_over_when_the_tablet_wakes(
    tablet: Machine, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = system.asks()
    later = clock.now() + PROMPT_LASTS + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert QUESTION not in tablet.shows()
    assert system.state(service) == "unrated"


def test_the_next_customers_prompt_takes_the_place_of_the_last(tablet: Machine, system: System) -> None:
    first, second = system.asks("k1"), system.asks("k2")
    assert second in tablet.shows()
    assert (system.state(first), system.state(second)) == ("unrated", "sent")


def test_thirty_prompts_in_a_minute_are_thirty_ratings(
    tablet: Machine, system: System, committed: Inside
) -> None:
    for number in range(30):
        service = system.asks(f"k{number}")
        assert service in tablet.shows()
        tablet.post("rate", service, level=str(1 + number % 5), key=f"key-of-tap-number-{number}")
    assert count(committed) == 30
    assert committed(states) == ["rated"] * 30
    assert committed(lambda session: differences(session).differences) == 0


def test_the_code_taken_along_rates_this_service_once(
    app: Flask, tablet: Machine, system: System, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(
        "evalsys.evaluation.views.counter.qr.svg", lambda address: drawn.append(address) or "<svg></svg>"
    )
    service = system.asks()
    assert tablet.post("take-away", service).status_code == 200
    assert system.state(service) == "unrated"
    path = drawn[0].removeprefix("http://127.0.0.1:8000")
    assert path.startswith("/t/")
    phone = app.test_client()
    assert phone.post(path, data={"level": "1", "key": "key-on-the-way-home"}).status_code == 303
    assert phone.post(path, data={"level": "5", "key": "key-of-somebody-x"}).status_code == 410

    def stands(session: Session) -> None:
        row = session.execute(counted.counted_ratings()).one()
        assert (row.level, row.channel, row.entry) == (1, "on-the-go", "ticket")

    committed(stands)


def test_after_some_minutes_nobody_can_show_the_code_again(
    tablet: Machine, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = system.asks()
    tablet.post("take-away", service)
    later = clock.now() + timedelta(minutes=4)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert tablet.post("take-away", service).status_code == 303


def test_elsewhere_the_address_explains_itself(
    tablet: Machine, client: PageClient, system: System, committed: Inside
) -> None:
    service = system.asks()
    page = client.get(tablet.home)
    assert page.status_code == 403
    assert "配对" in page.get_data(as_text=True)
    answer = client.post(f"{tablet.home}/rate", data={"service": service, "level": "5", "key": KEY})
    assert answer.status_code == 403
    assert count(committed) == 0


def test_a_tablet_rates_only_what_was_sent_to_it(app: Flask, tablet: Machine, system: System) -> None:
    service = system.notes("k1")["id"]
    assert tablet.post("rate", service, level="5", key=KEY).status_code == 404
    other = paired(app, "tablet")
    service = system.asks("k2")
    assert tablet.post("rate", service, level="5", key=KEY).status_code == 404
    assert other.client.get(tablet.home).status_code == 403


def test_a_tablet_revoked_in_use_says_so(tablet: Machine, system: System, committed: Inside) -> None:
    service = system.asks()

    def revoke(session: Session) -> None:
        found = device_by_public_id(session, tablet.public_id)
        assert found
        devices.revoke_device(session, found.id, None, clock.now())  # type: ignore[arg-type]

    committed(revoke)
    page = tablet.client.get(tablet.home)
    assert page.status_code == 410
    assert "停用" in page.get_data(as_text=True)
    assert tablet.post("rate", service, level="5", key=KEY).status_code == 410
    assert count(committed) == 0


def test_a_form_of_another_site_is_refused(tablet: Machine, system: System, committed: Inside) -> None:
    service = system.asks()
    answer = tablet.client.post(
        f"{tablet.home}/rate",
        data={"service": service, "level": "5", "key": KEY},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert count(committed) == 0


def test_a_tap_without_a_level_is_not_a_rating(tablet: Machine, system: System, committed: Inside) -> None:
    service = system.asks()
    for level in ("", "0", "6"):
        assert tablet.post("rate", service, level=level, key=KEY).status_code == 422
    assert count(committed) == 0


def test_a_script_that_shows_the_screen_already_is_answered_shortly(tablet: Machine, system: System) -> None:
    service = system.asks()
    asked = {"X-Requested-With": "block"}
    block = tablet.client.get(tablet.home, headers=asked)
    assert "<html" not in block.get_data(as_text=True)
    again = tablet.client.get(tablet.home, headers=asked | {"X-Screen": f"prompt {service}"})
    assert again.status_code == 204
    assert again.headers["X-Serial"] == block.headers["X-Serial"] != "0"


def test_a_look_is_a_sign_of_life(
    tablet: Machine, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen_at(session: Session) -> object:
        found = device_by_public_id(session, tablet.public_id)
        assert found
        return found.seen_at

    later = clock.now() + timedelta(seconds=60)
    monkeypatch.setattr(clock, "now", lambda: later)
    tablet.shows()
    assert committed(seen_at) == later


# Pairing


def test_a_pairing_code_works_once(app: Flask, counter: None, client: PageClient) -> None:
    public_id, code = a_device(app, "tablet")
    first = client.post("/counter/pair", data={"code": code})
    assert first.headers["Location"] == f"/counter/{public_id}"
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith("evalsys-device=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="):
        assert part in cookie
    second = app.test_client().post("/counter/pair", data={"code": code})
    assert second.status_code == 422
    assert "Set-Cookie" not in second.headers


def test_a_code_in_an_address_pairs_nothing(app: Flask, counter: None, client: PageClient) -> None:
    _, code = a_device(app, "tablet")
    page = client.get(f"/counter/pair?code={code}")
    assert code not in page.get_data(as_text=True)
    assert "Set-Cookie" not in page.headers


def test_each_kind_of_device_begins_at_its_own_page(app: Flask, counter: None) -> None:
    for kind, begins in (("kiosk", "/kiosk/C"), ("console", "/console/prompt")):
        _, code = a_device(app, kind)
        answer = app.test_client().post("/counter/pair", data={"code": code})
        assert answer.headers["Location"] == begins
