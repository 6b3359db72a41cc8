"""The page behind the code on a window, as a phone meets it."""

import gzip
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.hall import PATIENCE, PHONE, Hall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WINDOW = "A08"
LEVELS = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
LARGEST_PAGE = 14 * 1024  # bytes, gzipped
WECHAT_ON_A_SMALL_PHONE = {"width": 320, "height": 460}  # 320×568 less WeChat's own bars
SMALLEST_TARGET = 60  # CSS pixels


@pytest.fixture(scope="module")
def address(hall: Hall) -> str:
    """What a phone reads from the printed code of one window."""
    return hall.scanned(WINDOW)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone with nothing remembered."""
    context = browser.new_context(**PHONE)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def tap(page: Page, level: int) -> None:
    """Tap a level and wait for the receipt."""
    page.locator(f"button[name=level][value='{level}']").tap()
    page.wait_for_url("**/receipt/**")


def buttons(page: Page) -> Locator:
    return page.locator("button[name=level]")


def test_the_printed_code_leads_to_its_window(phone: Page, address: str) -> None:
    phone.goto(address)
    assert f"{WINDOW}号窗口" in phone.inner_text("header")
    assert phone.inner_text("h1") == "请您对本次服务作出评价"


def test_the_page_is_one_request_of_at_most_14_kb(phone: Page, address: str) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(address, wait_until="networkidle")
    assert [url for url in asked if not url.startswith("data:")] == [address]
    with urllib.request.urlopen(address) as answer:
        assert len(gzip.compress(answer.read())) <= LARGEST_PAGE
        assert "Set-Cookie" not in answer.headers
    assert phone.context.cookies() == []
    assert phone.locator("script").count() == 0


def test_all_five_levels_stand_on_a_small_screen_without_scrolling(phone: Page, address: str) -> None:
    phone.set_viewport_size(WECHAT_ON_A_SMALL_PHONE)
    phone.goto(address)
    boxes = [button.bounding_box() for button in buttons(phone).all()]
    assert len(boxes) == 5
    for box in boxes:
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= WECHAT_ON_A_SMALL_PHONE["height"]
        assert min(box["width"], box["height"]) >= SMALLEST_TARGET
        assert box["x"] + box["width"] <= WECHAT_ON_A_SMALL_PHONE["width"]


@pytest.mark.parametrize("query", ["", "?lang=en", "?size=large"])
def test_the_five_levels_look_the_same_and_none_is_chosen(phone: Page, address: str, query: str) -> None:
    phone.goto(address + query)
    looks = phone.evaluate(
        """() => [...document.querySelectorAll('button[name=level]')].map(button => {
            const style = getComputedStyle(button), box = button.getBoundingClientRect();
            return [style.color, style.backgroundColor, style.borderColor, style.fontWeight,
                    style.fontSize, Math.round(box.width), Math.round(box.height)].join(' ');
        })"""
    )
    assert len(looks) == 5
    assert len(set(looks)) == 1
    assert phone.locator("[autofocus], :checked, [aria-pressed=true], [aria-checked=true]").count() == 0
    assert [button.get_attribute("value") for button in buttons(phone).all()] == ["5", "4", "3", "2", "1"]
    if not query.startswith("?lang"):
        assert [button.inner_text().split()[0] for button in buttons(phone).all()] == LEVELS


@pytest.mark.parametrize("query", ["", "?lang=en", "?size=large"])
@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_scrolls_sideways(phone: Page, address: str, width: int, query: str) -> None:
    phone.set_viewport_size({"width": width, "height": 640})
    phone.goto(address + query)
    assert phone.evaluate("document.documentElement.scrollWidth") <= width


def test_words_are_large_by_default(phone: Page, address: str) -> None:
    phone.goto(address)
    assert float(phone.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 18
    phone.goto(address + "?size=large")
    assert float(phone.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 30


def test_one_tap_rates_without_script_and_without_cookies(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, **PHONE)
    phone = context.new_page()
    phone.goto(address)
    tap(phone, 5)
    assert "评价已收到" in phone.inner_text("h1")
    assert "您选的是“非常满意”。" in phone.inner_text("main")
    assert context.cookies() == []
    context.close()


def test_going_back_and_tapping_again_changes_nothing(phone: Page, address: str) -> None:
    phone.goto(address)
    tap(phone, 3)
    receipt = phone.url
    phone.go_back()
    tap(phone, 3)
    assert phone.url == receipt


def test_an_undecided_page_in_english_says_so(phone: Page, address: str) -> None:
    phone.goto(address + "?lang=en")
    assert phone.get_attribute("html", "lang") == "en"
    tap(phone, 1)
    assert phone.get_attribute("html", "lang") == "en"
