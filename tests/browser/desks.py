"""A browser in which somebody is signed in already, at a site served by this process."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser, Page

from tests.builders import signed_in
from tests.hall import DESK, PATIENCE


@contextmanager
def desk_of(role: str, app: Flask, browser: Browser, address: str, unit: str = "TAX") -> Iterator[Page]:
    """A page of somebody with a role in a unit."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = signed_in(app, role, unit).get_cookie(name)
    assert cookie is not None
    context = browser.new_context(base_url=address, locale="zh-CN", **DESK)
    context.add_cookies([{"name": name, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()
