"""The second journey: a business system asks, the tablet shows, one tap, and the sums move."""

import csv
import io
import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.hall import DESK, PATIENCE, PHONE, Hall
from tests.journeys.counters import at_counter

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WINDOW = "A15"
TABLET = {"width": 800, "height": 1280}
READY = 450  # milliseconds: a new screen takes no tap that was meant for the one before
WITHIN = 1.0  # seconds from the prompt to the screen
SLACK = 1.0  # seconds a machine shared with other tests may add


def row(leader: Page) -> dict[str, str] | None:
    """The window's row in the ranking's file; a window that nobody has rated yet has none."""
    answer = leader.request.get("/rankings/windows.csv")
    rows = csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig")))
    return next((each for each in rows if each["code"].endswith(f"-{WINDOW}")), None)


def channels(leader: Page) -> list[int]:
    found = row(leader) or {}
    return [int(found.get(f"channels.{name}.n", 0)) for name in ("face-to-face", "on-the-go")]


def test_from_the_prompt_to_the_ranking(
    hall: Hall, browser: Browser, signed_in: Callable[[str], Page]
) -> None:
    leader = signed_in("leadership")
    before = channels(leader)
    tablets = browser.new_context(base_url=hall.address, viewport=TABLET, has_touch=True, locale="zh-CN")
    desks = browser.new_context(base_url=hall.address, locale="zh-CN", **DESK)
    tablet, console = tablets.new_page(), desks.new_page()
    for page in (tablet, console):
        page.set_default_timeout(PATIENCE)
    with at_counter(hall, WINDOW) as counter:
        for page, kind in ((tablet, "tablet"), (console, "console")):
            page.goto("/counter/pair")
            page.fill("#code", counter.code(kind))
            page.get_by_role("button", name="配对").click()
        state = console.locator(".console-state")

        service = str(counter.notes()["id"])
        asked = time.monotonic()
        counter.call("PUT", f"services/{service}/prompt")
        tablet.locator(".choice").first.wait_for()
        assert time.monotonic() - asked < WITHIN + SLACK
        expect(state).to_have_text("已发起")
        tablet.wait_for_timeout(READY)
        tablet.locator("button[value='2']").tap()
        expect(state).to_have_text("已评价")
        assert counter.state(service) == "rated"
        assert channels(leader) == [before[0] + 1, before[1]]

        tablet.locator(".counter-code").wait_for()
        counter.asks()
        tablet.locator(".choice").first.wait_for()
        tablet.wait_for_timeout(READY)
        tablet.get_by_role("button", name="离开后再评").tap()
        expect(state).to_have_text("未评,不必再请")
        phones = browser.new_context(base_url=hall.address, locale="zh-CN", **PHONE)
        phone = phones.new_page()
        phone.goto(counter.read_code(tablet))
        phone.locator("button[value='1']").tap()
        phone.wait_for_url("**/receipt/**")
        expect(state).to_have_text("未评,不必再请")
        assert channels(leader) == [before[0] + 1, before[1] + 1]
        phones.close()
    tablets.close()
    desks.close()
    assert json.loads(hall.run("verify").splitlines()[-1])["differences"] == 0
