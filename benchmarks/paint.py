"""P8: what leadership waits for: the first paint of the ranking page, in a browser without script."""

from collections.abc import Callable
from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.pairs import Figure, timed_in_turn
from benchmarks.sites import Site
from tests.hall import DESK, chromium

NAME = "first paint of that page in chromium without script"
REACH = 100.0  # milliseconds
ROUNDS = 15
REST = 300  # milliseconds, until what follows the paint is done
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
ANSWERED = "performance.getEntriesByType('navigation')[0].responseEnd"


def figure(site: Site, path: str, port: int, hello: int) -> Figure:
    """Milliseconds from asking for the page until its first words are seen, beside one word by itself."""
    with chromium() as browser:
        page = _signed_in(browser, f"http://127.0.0.1:{port}", *site.accounts["leadership"])
        answered: list[float] = []
        ours, bare, ratio = timed_in_turn(
            _painted(page, port, path, answered),
            # In a window of its own: going from one site to the other costs a browser more than any page.
            _painted(browser.new_page(**DESK), hello, "/", []),
            ROUNDS,
        )
    return Figure(
        "P8",
        f"{NAME}, {site.engine}",
        f"{ours:.0f} ms, the answer whole after {median(answered):.0f} ms",
        f"the word hello by itself: {bare:.0f} ms",
        f"{ratio:.2f}",
        f"≤ {REACH:.0f} ms",
        ours <= REACH,
        note=f"The answer is there after {median(answered):.0f} ms, and a page of one word takes the browser "
        f"{bare:.0f} ms on this machine, without a graphics card; the rest is its reading of the page and "
        "laying out of the first screen.",
    )


def _signed_in(browser: Browser, address: str, name: str, password: str) -> Page:
    page = browser.new_context(locale="zh-CN", java_script_enabled=False, **DESK).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", password)
    with page.expect_navigation():
        page.locator("main form button").click()
    return page


def _painted(page: Page, port: int, path: str, answered: list[float]) -> Callable[[], float]:
    """Opens a page and tells when it painted; notes when its answer was there."""
    address = f"http://127.0.0.1:{port}"
    page.goto(f"{address}{path}")

    def look() -> float:
        # From a small page of the same site, as from a menu: to leave a long one takes time of its own.
        page.goto(f"{address}/healthz")
        page.wait_for_timeout(REST)
        page.goto(f"{address}{path}")
        page.wait_for_timeout(REST)
        answered.append(float(page.evaluate(ANSWERED)))
        return float(page.evaluate(PAINTED))

    return look
