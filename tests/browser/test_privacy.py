"""With a phone: what one left is shown, and taken back; the pages are for everybody."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.desks import desk_of
from tests.browser.test_accessibility import faults_of
from tests.hall import PATIENCE, PHONE
from tests.privacy.leavings import SAYS, a_citizen, a_code, rated
from tests.server import served_here

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.parametrize("engine_name", ["sqlite"]),
]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """A site, served on a free port."""
    with served_here(app) as address:
        yield address


def test_what_one_wrote_is_shown_and_taken_back(browser: Browser, app: Flask, address: str) -> None:
    receipt = rated(a_citizen(app), a_code(app))
    phone = browser.new_page(**PHONE)
    phone.set_default_timeout(PATIENCE)
    phone.goto(f"{address}/receipt/{receipt}")
    phone.get_by_role("link", name="我留下了什么").click()
    expect(phone.locator("main")).to_contain_text(SAYS)
    assert faults_of(phone) == []
    phone.get_by_role("link", name="删除我写的话和联系方式").click()
    expect(phone.locator("main")).to_contain_text("删除后不能恢复")
    assert faults_of(phone) == []
    phone.get_by_role("button", name="确认删除").click()
    expect(phone.get_by_role("status")).to_contain_text("已删除。评价照样计入。")
    expect(phone.locator("main")).not_to_contain_text(SAYS)
    phone.get_by_role("link", name="隐私说明").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("隐私说明")
    assert faults_of(phone) == []


def test_words_are_proposed_to_be_hidden_and_hidden_by_another(
    browser: Browser, app: Flask, address: str
) -> None:
    rated(a_citizen(app), a_code(app))
    with desk_of("supervisor", app, browser, address, "GOV") as desk:
        desk.goto("/comments")
        desk.locator("main a[href^='/redactions/ratings/']").click()
        expect(desk.locator("blockquote")).to_have_text(SAYS)
        faults = faults_of(desk)
        desk.locator("textarea[name=reason]").fill("写了本人的电话和证件号")
        desk.get_by_role("button", name="提出隐去").click()
        expect(desk.locator("main")).to_contain_text("由另一位同事决定")
        faults += faults_of(desk)
    with desk_of("auditor", app, browser, address, "CALL") as desk:
        desk.goto("/redactions")
        faults += faults_of(desk)
        desk.locator("main a[href^='/redactions/']").first.click()
        expect(desk.locator("blockquote")).to_have_text(SAYS)
        faults += faults_of(desk)
        desk.locator("input[name=verdict][value=agree]").check()
        desk.get_by_role("button", name="提交决定").click()
        expect(desk.locator("main")).not_to_contain_text(SAYS)
        faults += faults_of(desk)
    assert faults == []
