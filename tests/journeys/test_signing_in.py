"""Who gets in, how far they see, and that leaving is leaving."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.hall import PATIENCE, Hall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def departments(page: Page) -> set[str]:
    """The departments in a ranking of windows, as its file says it."""
    answer = page.request.get("/rankings/windows.csv")
    assert answer.ok
    return {row["department"] for row in csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig")))}


def test_leadership_sees_the_hall_and_a_manager_the_own_unit(signed_in: Callable[[str], Page]) -> None:
    leader, manager = signed_in("leadership"), signed_in("window-manager")
    assert "/rankings/windows" in leader.url
    assert "/console" in manager.url
    everything, own = departments(leader), departments(manager)
    assert len(everything) == 7
    assert len(own) == 1
    assert own < everything


def test_another_units_code_in_the_address_shows_nothing_more(signed_in: Callable[[str], Page]) -> None:
    leader, manager = signed_in("leadership"), signed_in("window-manager")
    foreign = next(iter(departments(leader) - departments(manager)))
    rows = list(
        csv.DictReader(
            io.StringIO(leader.request.get("/rankings/departments.csv").body().decode("utf-8-sig"))
        )
    )
    code = next(row["code"] for row in rows if row["name"] == foreign)
    answer = manager.request.get(f"/rankings/windows.csv?department={code}")
    assert foreign not in answer.body().decode("utf-8-sig")


def test_a_clerk_is_told_what_is_not_for_clerks(signed_in: Callable[[str], Page]) -> None:
    clerk = signed_in("clerk")
    answer = clerk.goto("/admin/accounts")
    assert answer is not None
    assert answer.status == 403
    assert clerk.inner_text("h1") == "您的账号不能看这一页"
    clerk.get_by_text("回到首页").click()
    clerk.wait_for_url("**/console**")


def test_signing_out_ends_it_also_for_the_back_button(signed_in: Callable[[str], Page]) -> None:
    leader = signed_in("leadership")
    leader.locator(".account summary").click()
    leader.get_by_role("button", name="退出登录").click()
    leader.wait_for_url("**/sign-in**")
    leader.go_back()
    leader.reload()
    leader.wait_for_url("**/sign-in**")


def test_a_guarded_page_asks_first_and_then_leads_on(hall: Hall, browser: Browser) -> None:
    context = browser.new_context(base_url=hall.address, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/rankings/departments?from=2026-01-01")
    name, password = hall.accounts["auditor"]
    page.fill("[name=name]", name)
    page.fill("[name=password]", "not the password")
    page.locator("main form button").click()
    page.get_by_text("账号或密码不对。").first.wait_for()
    assert page.title().startswith("错误:")
    assert page.input_value("[name=name]") == name
    page.fill("[name=password]", password)
    page.locator("main form button").click()
    page.wait_for_url("**/rankings/departments?from=2026-01-01")
    context.close()


def rows_of(hall: Hall) -> tuple[int, int, int]:
    """What is stored of ratings, and how much of it differs; days are sealed meanwhile."""
    told = json.loads(hall.run("verify").splitlines()[-1])
    return told["ratings"], told["rows"], told["differences"]


def test_staff_who_scan_a_code_test_it_and_store_nothing(
    hall: Hall, signed_in: Callable[[str], Page]
) -> None:
    steward = signed_in("data-steward")
    before = rows_of(hall)
    steward.goto(hall.scanned("A10"))
    assert "巡码" in steward.inner_text("main")
    assert steward.locator("button[name=level]").count() == 0
    assert rows_of(hall) == before
