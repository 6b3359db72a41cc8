"""Displays and bulletins as a browser shows them, and what a display does without its network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from evalsys.dashboards.actions.boards import put_up_board
from evalsys.dashboards.actions.bulletins import Step, draft_bulletin, take_step
from evalsys.dashboards.actions.opened import open_periods
from evalsys.dashboards.queries import bulletins
from evalsys.dashboards.queries.month import Of
from evalsys.identity.queries import accounts
from evalsys.kernel import clock
from evalsys.kernel.access import Actor
from evalsys.kernel.periods import DAY, MONTHS, closing_of
from evalsys.kernel.settings import Settings
from evalsys.scoring import actions as scoring
from tests.browser.test_accessibility import faults_of
from tests.builders import PASSWORD, a_window
from tests.conftest import Inside
from tests.dashboards.offices import an_account
from tests.hall import COMMANDS, DESK, PATIENCE
from tests.scoring.halls import summed
from tests.server import clean_environment, free_port, serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.parametrize("engine_name", ["sqlite"]),
]


@dataclass(frozen=True)
class Site:
    """A running site: the address of its display and the id of its published bulletin."""

    address: str
    board: str
    bulletin: str


def fill(session: Session, settings: Settings) -> tuple[str, str]:
    """A month in two departments, a display, and a bulletin passed by two people."""
    last_month = closing_of(MONTHS, closing_of(MONTHS, clock.today()).starts - DAY)
    day = last_month.starts + timedelta(days=2)
    for nth in range(12):
        window = a_window(session, str(30 + nth), "SOC" if nth % 2 else "TAX")
        summed(session, window, 180 + nth, 8, 2, 1, 1, day=day)
    scoring.release_periods(session, clock.now())
    open_periods(session, clock.now())
    who: list[Actor] = []
    for role in ("supervisor", "leadership"):
        an_account(session, role, window.unit_id)
        actor = accounts.actor_named(session, role)
        assert actor is not None
        who.append(actor)
    public_id = draft_bulletin(session, Of("all", "", last_month), settings, who[0], clock.now())
    for act, by in (("approve", who[1]), ("publish", who[0])):
        issue = bulletins.issue(session, public_id)
        assert issue is not None
        take_step(session, issue, Step(act), by, clock.now())
    return put_up_board(session, "东墙", "", who[0], clock.now()), public_id


@pytest.fixture
def site(app: Flask, committed: Inside, site_settings: Settings, tmp_path: Path) -> Iterator[Site]:
    made: list[tuple[str, str]] = []
    committed(lambda session: made.append(fill(session, site_settings)))
    ((token, public_id),) = made
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = clean_environment() | {
        "EVALSYS_INSTANCE": str(tmp_path),
        "EVALSYS_SECRET_KEY": site_settings.secret_key,
        "EVALSYS_BASE_URL": address,
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    with serving(COMMANDS, tmp_path, environment, port):
        yield Site(address, f"/board/{token}", public_id)


@pytest.fixture
def screen(browser: Browser, site: Site) -> Iterator[Callable[[], Page]]:
    context = browser.new_context(base_url=site.address, locale="zh-CN", **DESK)
    context.set_default_timeout(PATIENCE)
    yield context.new_page
    context.close()


# What is smaller is not read at five metres: 24 px on a wall 1.2 m wide are letters 15 mm high.
SMALLEST = """Math.min(...[...document.querySelectorAll("#board *")]
    .filter(element => element.innerText && element.offsetHeight > 2)
    .map(element => parseFloat(getComputedStyle(element).fontSize)))"""


def test_a_display_fits_its_wall_and_keeps_its_picture_when_the_network_goes(
    screen: Callable[[], Page], site: Site
) -> None:
    page = screen()
    page.clock.install()
    page.goto(site.board)
    assert faults_of(page) == []
    for wide, high in ((1920, 1080), (3840, 2160)):
        page.set_viewport_size({"width": wide, "height": high})
        assert page.evaluate("document.documentElement.scrollHeight") <= high
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
        assert page.evaluate(SMALLEST) >= 24 * high / 1080 - 0.5
    shown = page.locator("#updated").inner_text()
    page.route("**/board/*", lambda route: route.abort())
    page.clock.fast_forward(25_000)
    expect(page.locator("#offline")).to_be_visible(timeout=30_000)
    expect(page.locator("#offline")).to_contain_text(shown)
    expect(page.locator("h1")).to_be_visible()
    page.unroute("**/board/*")
    page.clock.fast_forward(25_000)
    expect(page.locator("#offline")).to_be_hidden(timeout=30_000)


def test_axe_finds_nothing_on_bulletins(screen: Callable[[], Page], site: Site) -> None:
    page = screen()
    page.goto(f"/bulletins/{site.bulletin}")
    faults = faults_of(page)
    page.goto("/sign-in")
    page.fill("[name=name]", "supervisor")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").click()
    page.goto("/admin/bulletins")
    assert faults + faults_of(page) == []
