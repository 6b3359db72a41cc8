"""The second step of a sign-in in a real browser: set up, asked for, asked for again."""

from collections.abc import Iterator

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

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
def desk(app: Flask, browser: Browser) -> Iterator[Page]:
    """A browser nobody is signed in with, at a site served on a free port."""
    with served_here(app) as address:
        context = browser.new_context(base_url=address, locale="zh-CN", **DESK)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield page
        context.close()


def sign_in(desk: Page, name: str) -> None:
    desk.goto("/sign-in")
    desk.get_by_label("账号").fill(name)
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()


def test_a_code_is_set_up_and_asked_for_at_the_next_sign_in(desk: Page, committed: Inside) -> None:
    name = str(committed(lambda session: an_account(session, "supervisor")))
    sign_in(desk, name)
    desk.goto("/account/second-step")
    faults = faults_of(desk)
    secret = desk.locator("main code").inner_text().replace(" ", "")
    desk.get_by_label("动态码").fill(pyotp.TOTP(secret).now())
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="完成设置").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("动态码已设置好")
    recovery = desk.locator("main code").first.inner_text()
    faults += faults_of(desk)

    desk.context.clear_cookies()
    sign_in(desk, name)
    desk.wait_for_url("**/sign-in/code")
    faults += faults_of(desk)
    desk.get_by_label("动态码").fill("000000")
    desk.get_by_role("button", name="确定").click()
    desk.get_by_role("alert").wait_for()
    faults += faults_of(desk)
    desk.get_by_label("动态码").fill(recovery)
    desk.get_by_role("button", name="确定").click()
    desk.wait_for_url(lambda address: not address.endswith("/sign-in/code"))
    desk.goto("/second-step?next=/account")
    faults += faults_of(desk)
    assert faults == []
