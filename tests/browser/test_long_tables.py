"""Rankings of hundreds of lines: laid out line by line, and still one table to eyes and screen readers."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from evalsys.kernel import clock
from tests.hall import PHONE, Hall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WAIT = 1500  # milliseconds: then all lines are laid out
WIDTHS = (900, 1366, 1920)
# How far the edges of the cells of one column lie apart, and the cells whose words stand out of them.
ASKEW = """() => [...document.querySelectorAll(".table-lines")].map(table => {
  const edges = [...table.rows]
    .filter(row => row.cells.length > 1 && row.cells[0].checkVisibility({contentVisibilityAuto: true}))
    .map(row => [...row.cells].map(cell => cell.getBoundingClientRect().x));
  return Math.max(...edges.map(row => Math.max(...row.map((x, i) => Math.abs(x - edges[0][i])))));
})"""
STANDING_OUT = """() => [...document.querySelectorAll(".table-lines :is(th, td)")]
  .filter(cell => cell.checkVisibility({contentVisibilityAuto: true}))
  .filter(cell => cell.scrollWidth > cell.clientWidth + 1)
  .map(cell => cell.textContent)"""
LAID_OUT = """() => [...document.querySelectorAll(".table-lines tbody tr")]
  .map(row => row.firstElementChild.checkVisibility({contentVisibilityAuto: true}))"""


def roles_of(page: Page) -> list[str]:
    """The roles a screen reader meets on a page, from the browser's own accessibility tree."""
    nodes: list[dict[str, Any]] = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")[
        "nodes"
    ]
    return [node["role"]["value"] for node in nodes if not node["ignored"]]


def assert_in_line(page: Page) -> None:
    page.wait_for_timeout(WAIT)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)
        assert max(page.evaluate(ASKEW)) < 1, width
        assert page.evaluate(STANDING_OUT) == [], width


@pytest.mark.parametrize("subject", ["windows", "staff", "departments"])
def test_every_line_keeps_to_the_columns_of_the_header(
    signed_in: Callable[[str], Page], subject: str
) -> None:
    page = signed_in("leadership")
    for language in ("zh", "en"):
        page.goto(f"/rankings/{subject}?lang={language}")
        assert page.locator(".columns-unshrunk").count() == 0
        assert_in_line(page)


def test_a_table_without_shrunk_scores_has_a_column_less(
    hall: Hall, browser: Browser, signed_in: Callable[[str], Page]
) -> None:
    phone = browser.new_context(**PHONE).new_page()
    phone.goto(hall.scanned("A08"))
    phone.locator("button[name=level][value='5']").tap()
    phone.wait_for_url("**/receipt/**")
    phone.context.close()
    page = signed_in("leadership")
    today = clock.today()
    page.goto(f"/rankings/windows?from={today}&to={today}")
    assert page.locator(".columns-unshrunk").count() == 1
    assert_in_line(page)


@pytest.mark.parametrize("width", [390, 1366])
def test_lines_near_what_is_looked_at_come_first(signed_in: Callable[[str], Page], width: int) -> None:
    page = signed_in("leadership")
    page.set_viewport_size({"width": width, "height": 768})
    cdp = page.context.new_cdp_session(page)
    cdp.send("Animation.enable")
    cdp.send("Animation.setPlaybackRate", {"playbackRate": 0})
    page.goto("/rankings/windows")
    page.wait_for_timeout(200)
    at_first = page.evaluate(LAID_OUT)
    cdp.send("Animation.setPlaybackRate", {"playbackRate": 1})
    page.wait_for_timeout(WAIT)
    assert len(at_first) > 200
    assert sum(at_first) < len(at_first) / 3
    assert all(page.evaluate(LAID_OUT))


def test_a_long_table_is_a_whole_table_to_a_screen_reader(signed_in: Callable[[str], Page]) -> None:
    page = signed_in("leadership")
    page.goto("/rankings/windows")
    page.wait_for_timeout(WAIT)
    roles = roles_of(page)
    lines = page.locator(".table-lines tr").count()
    assert roles.count("table") == page.locator(".table-lines").count() == 2
    assert roles.count("row") == lines > 400
    assert roles.count("columnheader") == page.locator(".table-lines thead th").count()
    assert roles.count("rowheader") == page.locator(".table-lines :is(tbody, tfoot) th").count()
    assert roles.count("cell") == page.locator(".table-lines td").count()
