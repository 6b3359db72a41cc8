"""From a signal to a decision of two people, in a real browser, no page with a fault of accessibility."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from evalsys.assurance.actions.signals import find_signals
from tests.assurance.test_signals_job import NIGHT, one_phone
from tests.browser.test_accessibility import faults_of
from tests.builders import PASSWORD, an_account
from tests.conftest import Inside
from tests.hall import DESK, PATIENCE
from tests.server import served_here

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.parametrize("engine_name", ["sqlite"]),
]


@pytest.fixture
def address(app: Flask, committed: Inside) -> Iterator[str]:
    """A site on which one telephone rated many windows, served on a free port."""

    def make(session: Session) -> None:
        one_phone(session)
        find_signals(session, NIGHT)
        for role in ("supervisor", "auditor"):
            an_account(session, role, "GOV")

    committed(make)
    with served_here(app) as address:
        yield address


def sat_down(browser: Browser, address: str, role: str) -> Page:
    """A desk at which somebody of one role has signed in."""
    page = browser.new_context(base_url=address, locale="zh-CN", **DESK).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/sign-in")
    page.fill("[name=name]", f"{role}.GOV")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").click()
    return page


def test_one_proposes_from_a_signal_and_another_decides(browser: Browser, address: str) -> None:
    supervisor = sat_down(browser, address, "supervisor")
    supervisor.goto("/signals")
    faults = faults_of(supervisor)
    supervisor.locator("main table a").first.click()
    faults += faults_of(supervisor)
    supervisor.get_by_label("暂缓计入").check()
    supervisor.get_by_label("理由").select_option("checking")
    supervisor.locator("[name=words]").fill("正在核对叫号记录")
    supervisor.get_by_role("button", name="提出").click()
    supervisor.get_by_text("由另一位同事决定").wait_for()
    faults += faults_of(supervisor)
    waiting = supervisor.url
    supervisor.locator("main li a").first.click()
    faults += faults_of(supervisor)

    auditor = sat_down(browser, address, "auditor")
    auditor.goto(waiting)
    auditor.get_by_label("同意", exact=True).check()
    auditor.get_by_role("button", name="提交决定").click()
    auditor.get_by_text("已同意").wait_for()
    auditor.goto("/standing")
    assert auditor.locator("main tbody tr").count() == 12
    faults += faults_of(auditor)
    auditor.goto("/left-out")
    auditor.get_by_text("没有计入的评价").first.wait_for()
    faults += faults_of(auditor)
    for page in (supervisor, auditor):
        page.context.close()
    assert faults == []
