"""The proof behind a receipt, checked by the browser itself; and the page as it is without scripts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from evalsys.evaluation.models import Rating
from evalsys.kernel import secrets
from tests.assurance.sealed_sites import MORNING, sealed_all
from tests.assurance.tampering import laid_open
from tests.browser.test_accessibility import faults_of
from tests.builders import a_rating, a_window
from tests.conftest import Inside
from tests.hall import PATIENCE, PHONE
from tests.server import served_here

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.parametrize("engine_name", ["sqlite"]),
]

CODE = "7K3M9QXD4TWZ"


@pytest.fixture
def address(app: Flask, committed: Inside) -> Iterator[str]:
    """A site with a sealed rating, served on a free port."""

    def make(session: Session) -> None:
        window, receipt = a_window(session), secrets.digest(secrets.spelled(CODE))
        a_rating(session, window, 2, at=MORNING, receipt_hash=receipt)
        for _ in range(6):
            a_rating(session, window, at=MORNING)
        sealed_all(session, MORNING + timedelta(days=1))

    committed(make)
    with served_here(app) as address:
        yield address


def test_the_page_checks_the_proof_itself_and_sees_a_change(
    browser: Browser, address: str, committed: Inside
) -> None:
    phone = browser.new_page(**PHONE)
    phone.set_default_timeout(PATIENCE)
    phone.goto(f"{address}/receipt/{CODE}")
    phone.get_by_role("link", name="看封存证明").click()
    expect(phone.get_by_role("status")).to_contain_text("本页刚才核对过", timeout=PATIENCE)
    phone.locator("details").first.evaluate("element => element.open = true")
    assert faults_of(phone) == []

    def change(session: Session) -> None:
        laid_open(session)
        session.execute(update(Rating).where(Rating.level == 2).values(level=5))

    committed(change)
    phone.reload()
    expect(phone.get_by_role("status")).to_contain_text("核对不上", timeout=PATIENCE)
    phone.goto(f"{address}/seals")
    assert faults_of(phone) == []
    phone.close()


def test_the_proof_is_whole_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, **PHONE)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/receipt/{CODE}/proof")
    assert "评价:不满意" in page.inner_text("main")
    assert page.locator("#check").is_hidden()
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载证明文件").click()
    assert coming.value.suggested_filename == "evalsys-proof.json"
    context.close()
