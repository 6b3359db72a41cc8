"""The main journey: a code on a window, a phone, and a moment later the leadership's ranking."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.hall import PATIENCE, PHONE, Hall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WINDOW = "A09"
WORDS = "材料清单和窗口说的不一样,跑了两趟"
LEVELS = ["levels.5", "levels.4", "levels.3", "levels.2", "levels.1"]


def ranking(leader: Page, subject: str) -> list[dict[str, str]]:
    """A ranking of the last 90 days as its file says it."""
    answer = leader.request.get(f"/rankings/{subject}.csv")
    assert answer.ok
    return list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))


def split(rows: list[dict[str, str]]) -> Counter[str]:
    """How often each level stands in some rows."""
    return Counter({level: sum(int(row[level]) for row in rows) for level in LEVELS})


def of_window(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["code"].endswith(f"-{WINDOW}")]


def test_a_scanned_rating_stands_in_every_ranking_a_moment_later(
    hall: Hall, browser: Browser, signed_in: Callable[[str], Page]
) -> None:
    leader = signed_in("leadership")
    before = {subject: ranking(leader, subject) for subject in ("windows", "staff", "departments")}

    context = browser.new_context(locale="zh-CN", **PHONE)
    context.set_default_timeout(PATIENCE)
    phone = context.new_page()
    phone.goto(hall.scanned(WINDOW))
    phone.locator("button[name=level][value='1']").tap()
    phone.wait_for_url("**/receipt/**")
    receipt = phone.locator(".code").inner_text()
    assert_moved(leader, before, Counter({"levels.1": 1}))

    give_reasons(phone)
    assert_words_are_read(leader)

    phone.get_by_text("选错了?今天24点前可以改。").tap()
    phone.locator("button[name=level][value='4']").tap()
    phone.get_by_text("您选的是“满意”。").wait_for()
    assert_moved(leader, before, Counter({"levels.4": 1}))
    assert_shown(leader)

    phone.goto(f"{hall.address}/receipt")
    phone.locator("main input").first.fill(receipt.lower())
    phone.locator("main button").tap()
    phone.get_by_text("改之前是“非常不满意”。").wait_for()
    context.close()

    assert json.loads(hall.run("verify").splitlines()[-1])["differences"] == 0


def assert_moved(leader: Page, before: dict[str, list[dict[str, str]]], by: Counter[str]) -> None:
    """Windows, staff and departments have each grown by the same ratings; the window itself as well."""
    for subject, rows in before.items():
        grown = split(ranking(leader, subject))
        grown.subtract(split(rows))
        assert +grown == by, subject
    own = split(of_window(ranking(leader, "windows")))
    own.subtract(split(of_window(before["windows"])))
    assert +own == by


def give_reasons(phone: Page) -> None:
    """Two of the eight reasons, words, and that it was not done."""
    tags = phone.locator("input[name=tags]")
    assert tags.count() == 8
    tags.nth(0).check()
    tags.nth(3).check()
    phone.locator("textarea[name=text]").fill(WORDS)
    phone.get_by_label("还没办成").check()
    with phone.expect_navigation():
        phone.get_by_role("button", name="提交").tap()
    assert phone.locator("h1").inner_text() == "评价已收到"


def assert_words_are_read(leader: Page) -> None:
    """What the citizen wrote stands on the page of comments."""
    leader.goto(f"/comments?window=ZX-{WINDOW}&level=1&words=1")
    leader.get_by_text(WORDS).wait_for()


def assert_shown(leader: Page) -> None:
    """The page says the number the file says."""
    leader.goto("/rankings/windows")
    row = leader.locator("table").first.locator("tbody tr", has=leader.locator("th", has_text=WINDOW))
    (said,) = of_window(ranking(leader, "windows"))
    assert row.count() == 1, row.all_inner_texts()
    # Not as it is seen: far lines are laid out a second later.
    assert said["n"] in (row.text_content() or "").split()
