"""The bad-review loop as its people walk it: from the tap to the rater's own word, and back again."""

import csv
import io
import time
from collections.abc import Callable, Iterator

import PIL.Image
import pytest
from playwright.sync_api import Browser, Page

from evalsys.kernel import clock
from evalsys.rectification.rules.states import State
from tests.hall import PATIENCE, PHONE, Hall
from tests.journeys.desks import Desks, at_desks, fill

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WORDS, REPLY = "说好今天能取,跑了两趟都没有", "取件通知改为办好再发,请您凭短信来取"
SEEN_WITHIN = 30.0  # seconds


@pytest.fixture(scope="module")
def desks(hall: Hall, browser: Browser) -> Iterator[Desks]:
    with at_desks(hall, browser) as desks:
        yield desks


@pytest.fixture
def phone(hall: Hall, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=hall.address, locale="zh-CN", **PHONE)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_a_bad_rating_is_put_right_and_its_rater_has_the_last_word(
    hall: Hall, desks: Desks, phone: Page
) -> None:
    receipt = rate(phone, hall.scanned("B60"))
    leave_a_number(phone)
    no = desks.case_of(receipt)
    desks.move("supervisor", no, "TRIAGED", **{"class": "at-once"})
    desks.move("dispatcher", no, "DISPATCHED", owner="BD", reason="窗口归该单位管理")
    desks.move("owner-BD", no, "ACCEPTED")
    now = f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}"
    desks.move("owner-BD", no, "CONTACTED", how="phone", when=now, summary="已致歉并约好取件")
    desks.move("owner-BD", no, "RECTIFYING")
    handed_in = {"finding": "true", "cause": "process", "measures": "办好再发通知", "reply": REPLY}
    desks.move("owner-BD", no, "SUBMITTED", **handed_in)
    desks.move("head-BD", no, "ACCEPTANCE")
    phone.goto(f"/receipt/{receipt}")
    assert REPLY not in phone.locator("main").inner_text()
    desks.move("supervisor", no, "CALLBACK", true="yes", reasonable="yes", complete="yes")
    heard = {"reached": "yes", "solved": "yes", "satisfied": "satisfied", "pressed": "no"}
    desks.move("callback-officer", no, "CLOSED", **heard)

    phone.reload()
    page = phone.locator("main").inner_text()
    assert "已办结" in page
    assert REPLY in page
    phone.locator("input[name=solved][value=no]").check()
    with phone.expect_navigation():
        phone.locator("form[action*='/confirm'] button").tap()
    assert "没有解决,重新办理" in phone.locator("main").inner_text()
    assert no in to_dispatch(desks)


def rate(phone: Page, address: str) -> str:
    """Tap the worst level and say why; the receipt's code."""
    phone.goto(address)
    phone.locator("button[name=level][value='1']").tap()
    phone.wait_for_url("**/receipt/**")
    receipt = phone.locator(".code").inner_text()
    phone.locator("input[name=tags]").first.check()
    phone.locator("textarea[name=text]").fill(WORDS)
    with phone.expect_navigation():
        phone.get_by_role("button", name="提交").tap()
    phone.goto(f"/receipt/{receipt}")
    phone.get_by_text("已收到,正在看是哪里的问题").first.wait_for()
    return receipt


def leave_a_number(phone: Page) -> None:
    """Leave a telephone number on the receipt, which shows it masked."""
    phone.get_by_role("link", name="要我们联系您吗").tap()
    phone.locator("input[name=phone]").fill("19900001234")
    with phone.expect_navigation():
        phone.get_by_role("button", name="加密保存").tap()
    phone.get_by_text("199****1234").first.wait_for()


def to_dispatch(desks: Desks) -> str:
    dispatcher = desks.of("dispatcher")
    dispatcher.goto("/cases?mine=1&state=REDO&department=BD")
    return dispatcher.locator("main").inner_text()


def test_a_case_finds_its_unit_and_is_given_more_time(desks: Desks, phone: Page) -> None:
    receipt = "R4T2B6D8C3F5"
    desks.rated("B61", receipt)
    no = desks.case_of(receipt)
    dispatched = {"owner": desks.unit("GJ"), "reason": "评价提到贷款"}
    desks.moved(no, "GJ", [(State.TRIAGED, {"class": "at-once"}), (State.DISPATCHED, dispatched)])
    desks.move("owner-GJ", no, "RETURN_REQUESTED", reason="登记不归我们", right_owner="BD")
    desks.move("dispatcher", no, "DISPATCHED", owner="BD", reason="同意,改派登记窗口的单位")
    contact = {"how": "phone", "when": clock.now(), "summary": "已说明"}
    desks.moved(no, "BD", [(State.ACCEPTED, {}), (State.CONTACTED, contact), (State.RECTIFYING, {})])
    desks.move("owner-BD", no, "EXTENSION_REQUESTED", days="3", reason="等系统升级")
    desks.move("supervisor", no, "RECTIFYING", granted="yes", reason="情况属实")
    story = desks.of("supervisor").locator("main").inner_text()
    assert "申请退单" in story
    assert "登记不归我们" in story
    phone.goto(f"/receipt/{receipt}")
    citizen = phone.locator("main").text_content() or ""
    assert "自然资源和规划局(不动产登记)正在整改" in citizen
    assert "同意延长办理时间" in citizen
    assert "等系统升级" not in citizen


def test_an_appeal_two_reviewers_uphold_leaves_the_ranking(desks: Desks) -> None:
    before = worst_of(desks, "A31")
    desks.rated("A31", "P2K4M6N8Q3R5", at=desks.appealable_morning())
    until(lambda: worst_of(desks, "A31") == before + 1)
    no = desks.case_of("P2K4M6N8Q3R5")
    manager = desks.of("window-manager")
    manager.goto("/cases/about-us")
    manager.get_by_role("link", name=no).click()
    manager.get_by_role("link", name="申诉", exact=True).click()
    form = manager.locator("form[action$='/appeal']")
    fill(form.locator("[name=ground]"), "repeated")
    fill(form.locator("[name=evidence]"), "叫号记录显示同一次服务评了两次")
    form.locator("[name=files]").set_input_files(
        {"name": "叫号记录.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    with manager.expect_navigation():
        form.locator("button").click()
    assert "待复核" in manager.locator("main").inner_text()
    for reviewer in ("appeal-reviewer", "appeal-reviewer-DC"):
        assert worst_of(desks, "A31") == before + 1
        review(desks.of(reviewer), no)
    manager.reload()
    assert "申诉成立" in manager.locator("main").inner_text()
    assert worst_of(desks, "A31") == before


def review(page: Page, no: str) -> None:
    """Uphold an appeal."""
    page.goto("/appeals")
    page.get_by_role("link", name=no).first.click()
    form = page.locator("form:has([name=verdict])")
    fill(form.locator("[name=verdict]"), "uphold")
    fill(form.locator("[name=reason]"), "与叫号记录一致")
    with page.expect_navigation():
        form.locator("button").click()


def a_picture() -> bytes:
    drawn = io.BytesIO()
    PIL.Image.new("RGB", (40, 30), "white").save(drawn, "PNG")
    return drawn.getvalue()


def worst_of(desks: Desks, window: str) -> int:
    """How many ratings of the worst level a window's line of the ranking counts; none without a line."""
    answer = desks.of("leadership").request.get("/rankings/windows.csv")
    assert answer.ok
    rows = csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig")))
    return sum(int(row["levels.1"]) for row in rows if row["code"].endswith(f"-{window}"))


def until(holds: Callable[[], bool]) -> None:
    """Wait for a state of the hall."""
    patience_ends = time.monotonic() + SEEN_WITHIN
    while not holds():
        assert time.monotonic() < patience_ends
        time.sleep(0.2)
