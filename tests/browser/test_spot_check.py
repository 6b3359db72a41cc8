"""A draw and a drawn rating in a real browser, no page with a fault of accessibility."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from tests.assurance.sealed_sites import MORNING, rated, sealed_all
from tests.browser.desks import desk_of
from tests.browser.test_accessibility import faults_of
from tests.builders import a_clerk, a_window, around, on_duty
from tests.conftest import Inside
from tests.server import served_here

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.parametrize("engine_name", ["sqlite"]),
]


@pytest.fixture
def address(app: Flask, committed: Inside) -> Iterator[str]:
    """A site with one sealed day, served on a free port."""

    def make(session: Session) -> None:
        window = a_window(session)
        on_duty(session, window, a_clerk(session), *around(MORNING))
        for level in (5, 5, 4, 1, 5):
            rated(session, window, level, at=MORNING)
        sealed_all(session, MORNING + timedelta(days=1))

    committed(make)
    with served_here(app) as address:
        yield address


@pytest.fixture
def auditor(app: Flask, browser: Browser, address: str) -> Iterator[Page]:
    """A desk at which the auditor is signed in already."""
    with desk_of("auditor", app, browser, address) as page:
        yield page


def test_the_auditor_draws_and_looks_at_a_whole_chain(auditor: Page) -> None:
    auditor.goto("/admin/spot-checks")
    auditor.get_by_label("封存的日子").fill("2026-03-02")
    auditor.get_by_label("抽几条").fill("3")
    auditor.get_by_role("button", name="抽", exact=True).click()
    auditor.get_by_role("heading", name="抽查2026-03-02").wait_for()
    assert auditor.locator("main tbody tr").count() == 3
    faults = faults_of(auditor)
    auditor.locator("main tbody a").first.click()
    auditor.get_by_text("和封存时一样").first.wait_for()
    faults += faults_of(auditor)
    auditor.get_by_role("link", name="回到抽中的评价").click()
    auditor.get_by_role("link", name="回到抽查").click()
    assert auditor.locator("main tbody tr").count() == 1
    faults += faults_of(auditor)
    auditor.goto("/admin/journal")
    faults += faults_of(auditor)
    assert faults == []
