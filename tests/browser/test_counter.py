"""The counter in a real browser: the tablet, its taps and its silence, and the clerk's console."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.hall import DESK, PATIENCE, Hall
from tests.journeys.counters import Counter, at_counter

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TABLET = {"width": 800, "height": 1280}
SMALLEST_TARGET = 60  # CSS pixels
READY = 450  # milliseconds: a new screen takes no tap that was meant for the one before
QUESTION = "请您对本次服务作出评价"
WINDOW = "A11"


@pytest.fixture(scope="module")
def counter(hall: Hall) -> Iterator[Counter]:
    """A window with a business system, a tablet and a console to be paired."""
    with at_counter(hall, WINDOW) as counter:
        yield counter


@pytest.fixture
def context(hall: Hall, browser: Browser) -> Iterator[BrowserContext]:
    """A browser with a clock that the test moves."""
    context = browser.new_context(base_url=hall.address, viewport=TABLET, has_touch=True, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def tablet(context: BrowserContext, counter: Counter) -> Page:
    """A tablet paired by the code on its slip, at its idle screen."""
    page = context.new_page()
    page.clock.install()  # before the page's own timers begin, so that it moves all of them
    page.goto("/counter/pair")
    page.fill("#code", counter.code("tablet"))
    page.get_by_role("button", name="配对").tap()
    expect(page.locator(".counter-code")).to_be_visible()
    return page


def ask(page: Page, counter: Counter) -> str:
    """A prompt on the screen; the id of its service."""
    service = counter.asks()
    expect(page.locator("h1")).to_contain_text(QUESTION)
    page.wait_for_timeout(READY)
    return service


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found]


def targets(page: Page) -> list[dict[str, float]]:
    shown = page.locator("#content button:visible, #content a:visible, #content input:visible").all()
    boxes = [target.bounding_box() for target in shown]
    return [{"width": box["width"], "height": box["height"]} for box in boxes if box]


def test_six_equal_targets_without_scrolling(tablet: Page, counter: Counter) -> None:
    ask(tablet, counter)
    boxes = targets(tablet)
    assert len(boxes) == 6
    assert len({(round(box["width"]), round(box["height"])) for box in boxes}) == 1
    assert min(boxes[0].values()) >= SMALLEST_TARGET
    assert tablet.evaluate("document.documentElement.scrollHeight") <= TABLET["height"]
    looks = tablet.evaluate(
        """() => [...document.querySelectorAll('.choice')].map(button => {
            const style = getComputedStyle(button);
            return [style.color, style.backgroundColor, style.borderColor, style.fontWeight,
                    style.fontSize].join();
        })"""
    )
    assert len(set(looks)) == 1


def test_after_a_tap_one_thanks_and_then_the_windows_code(tablet: Page, counter: Counter) -> None:
    service = ask(tablet, counter)
    tablet.locator("button[value='2']").tap()
    expect(tablet.locator("h1")).to_contain_text("谢谢")
    assert "满意" not in tablet.inner_text("body")
    expect(tablet.locator("h1")).to_contain_text(WINDOW, timeout=4000)
    assert counter.state(service) == "rated"
    assert service not in tablet.content()
    tablet.go_back()
    assert "满意" not in tablet.inner_text("body")


def test_a_screen_that_nothing_changes_stays(tablet: Page, counter: Counter) -> None:
    """A tablet looks for itself every 20 seconds and is then told that its screen is the right one."""
    told = []
    tablet.on("response", lambda answer: told.append(answer.status))
    for _ in range(3):
        with tablet.expect_response(lambda answer: answer.status == 204 and "version=" in answer.url):
            tablet.clock.run_for(20_100)
    expect(tablet.locator(".counter-code")).to_be_visible()
    ask(tablet, counter)
    with tablet.expect_response(lambda answer: answer.status == 204 and "version=" in answer.url):
        tablet.clock.run_for(20_100)
    expect(tablet.locator("h1")).to_contain_text(QUESTION)
    assert set(told) <= {200, 204}


def test_a_double_tap_on_what_stood_there_before_rates_nothing(tablet: Page, counter: Counter) -> None:
    service = ask(tablet, counter)
    tablet.clock.run_for(47_000)
    button = tablet.get_by_role("button", name="继续").bounding_box()
    assert button
    for _ in range(2):
        tablet.touchscreen.tap(button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    tablet.wait_for_timeout(600)  # real time, in which a level would have been sent
    assert counter.state(service) == "sent"


def test_silence_asks_and_then_clears(tablet: Page, counter: Counter) -> None:
    service = ask(tablet, counter)
    tablet.clock.run_for(44_000)
    still = tablet.get_by_role("alertdialog")
    expect(still).to_be_hidden()
    tablet.clock.run_for(3_000)
    expect(still).to_be_visible()
    expect(still).to_contain_text(re.compile(r"还在吗\?(2\d|30)秒后清屏"))
    assert faults(tablet) == []
    still.get_by_role("button", name="继续").tap()
    expect(still).to_be_hidden()
    expect(tablet.locator("h1")).to_contain_text(QUESTION)
    assert counter.state(service) == "sent"
    tablet.clock.run_for(46_000)
    expect(still).to_be_visible()
    tablet.clock.run_for(31_000)
    expect(tablet.locator("h1")).to_contain_text(WINDOW)
    assert counter.state(service) == "unrated"


def test_the_code_to_take_along_stays_until_it_is_scanned(tablet: Page, counter: Counter) -> None:
    service = ask(tablet, counter)
    tablet.get_by_role("button", name="离开后再评").tap()
    expect(tablet.locator("h1")).to_contain_text("扫码带走")
    assert counter.read_code(tablet).startswith("/t/")
    tablet.wait_for_timeout(2000)
    expect(tablet.locator("h1")).to_contain_text("扫码带走")
    assert counter.state(service) == "unrated"
    tablet.get_by_text("扫好了").tap()
    expect(tablet.locator("h1")).to_contain_text(WINDOW)


def test_it_works_by_plain_forms_too(hall: Hall, browser: Browser, counter: Counter) -> None:
    context = browser.new_context(base_url=hall.address, viewport=TABLET, java_script_enabled=False)
    page = context.new_page()
    page.goto("/counter/pair")
    page.fill("#code", counter.code("tablet"))
    page.locator("main button").click()
    service = counter.asks()
    page.reload()
    page.locator("button[value='5']").click()
    assert "谢谢" in page.inner_text("h1")
    assert counter.state(service) == "rated"
    context.close()


def test_a_tablet_without_network_names_the_window_code(
    context: BrowserContext, tablet: Page, counter: Counter
) -> None:
    service = ask(tablet, counter)
    context.set_offline(offline=True)
    tablet.locator("button[value='4']").tap()
    tablet.wait_for_timeout(9000)
    expect(tablet.locator("#offline")).to_be_visible()
    assert counter.state(service) == "sent"
    context.set_offline(offline=False)
    expect(tablet.locator("h1")).to_contain_text("谢谢")
    assert counter.state(service) == "rated"
    expect(tablet.locator("#offline")).to_be_hidden()


def test_a_tablet_revoked_in_use_says_so_within_a_moment(tablet: Page, counter: Counter) -> None:
    ask(tablet, counter)
    counter.revoke()
    expect(tablet.locator("h1")).to_contain_text("停用", timeout=2500)
    assert tablet.locator(".choice").count() == 0


def test_a_link_fills_the_pairing_code_in_and_forgets_it(context: BrowserContext, counter: Counter) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    code = counter.code("tablet")
    page.goto(f"/counter/pair#{code}")
    assert page.input_value("#code") == code
    page.wait_for_function("location.hash === ''")
    assert not any(code in address for address in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(
    tablet: Page, counter: Counter, scheme: str, signed_in: Callable[[str], Page]
) -> None:
    tablet.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert faults(tablet) == []
    ask(tablet, counter)
    assert faults(tablet) == []
    tablet.get_by_role("button", name="离开后再评").tap()
    expect(tablet.locator("h1")).to_contain_text("扫码带走")
    assert faults(tablet) == []
    tablet.goto("/counter/pair")
    assert faults(tablet) == []
    assert all(min(box.values()) >= SMALLEST_TARGET for box in targets(tablet) if box["height"] > 40)


def test_a_console_follows_without_reloading(
    hall: Hall, browser: Browser, tablet: Page, counter: Counter
) -> None:
    desk = browser.new_context(base_url=hall.address, locale="zh-CN", **DESK)
    desk.set_default_timeout(PATIENCE)
    console = desk.new_page()
    console.goto("/counter/pair")
    console.fill("#code", counter.code("console"))
    console.get_by_role("button", name="配对").click()
    state = console.locator(".console-state")
    console.get_by_role("button", name=re.compile("请")).click()
    expect(state).to_have_text("已发起")
    expect(tablet.locator("h1")).to_contain_text(QUESTION)
    assert faults(console) == []
    tablet.wait_for_timeout(READY)
    tablet.locator("button[value='1']").tap()
    expect(state).to_have_text("已评价", timeout=3000)
    assert "满意" not in console.content()
    console.get_by_text("接班", exact=True).click()
    person = console.locator(".console-people button").first
    name = person.inner_text().split()[0]
    assert faults(console) == []
    assert all(min(box.values()) >= SMALLEST_TARGET for box in targets(console))
    person.click()
    expect(console.locator(".console-seat")).to_contain_text(f"现在当班:{name}")
    desk.close()
