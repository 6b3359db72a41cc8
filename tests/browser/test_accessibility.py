"""axe finds nothing on any page, at three widths, and no page scrolls sideways."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from werkzeug.routing import MapAdapter

from evalsys.app import create_app
from evalsys.kernel import clock
from evalsys.kernel.settings import Settings
from tests.hall import PATIENCE, PHONE, Hall

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

WIDTHS = {320: 568, 768: 1024, 1920: 1080}
ROLES = [
    *("leadership", "window-manager", "clerk", "data-steward", "system-admin", "helper"),
    *("supervisor", "dispatcher", "owner", "head", "callback-officer", "appeal-reviewer", "auditor"),
]
WINDOW = "A13"
CLOSED = "A14"
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
# Where a walk begins beside the home page and days to come: among them the steps of a helper, which a form
# leads to.
MORE = ["/cases/about-us", "/reports"]
MORE += ["/help", f"/help/ZX-{WINDOW}", f"/help/ZX-{WINDOW}/rate?person=unknown", "/help/thanks"]
# Pages of citizens, and those that stand behind a form; each is looked at in a test of its own.
BEHIND_A_FORM = {"/admin/organisation/import/<key>", "/admin/organisation/windows/<code>/reopen"}
BEHIND_A_FORM |= {"/orders/import/<key>"}
OF_A_CASE = ("messages", "contact", "confirm", "follow-up")
UNLINKED = {
    *("/", "/q/<code>", "/receipt", "/receipt/<receipt>", "/sign-in"),
    # Asked of who has set up a second step, which nobody of the demo has; walked in a test of their own.
    *("/sign-in/code", "/second-step"),
    *(f"/receipt/<receipt>/{page}" for page in OF_A_CASE),
    # Reached from a receipt once its day is sealed.
    *("/receipt/<receipt>/proof", "/seals", "/seals/verify_receipt.py"),
    *BEHIND_A_FORM,
    # Of citizens, with a test of their own; the last are reached once there are words to hide.
    *("/privacy", "/receipt/<receipt>/mine", "/receipt/<receipt>/erasure", "/redactions/<int:proposal_id>"),
    "/redactions/ratings/<int:root>",
    # Reached once there is a hit, a proposal, a decision; walked in a test of their own.
    *("/signals/<int:hit_id>", "/standing/<int:proposal_id>", "/standing/ratings/<int:root>"),
    # Reached once something was drawn; walked in a test of their own.
    *("/admin/spot-checks/<day>/<int:count>", "/admin/spot-checks/<day>/<int:count>/<int:nth>"),
    # The demo has neither appeals nor reports; these are reached by a form, a code or a choice among cases.
    *("/appeals/<int:appeal_id>", "/cases/<no>/appeal", "/cases/together", "/cases/figures/<name>"),
    # A display is seen by its address only; a young site has no bulletins. Both have tests of their own.
    *("/board/<token>", "/bulletins/<public_id>", "/admin/bulletins/<public_id>"),
    *("/desk/<hall>", "/desk/<hall>/waiting", "/desk/report/<receipt>", "/reports"),
    "/desk/<hall>/drafts/<int:draft_id>",
}

WCAG = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# The rating form keeps the stricter contrast of 7:1.
STRICT = WCAG | {"rules": {"target-size": {"enabled": True}, "color-contrast-enhanced": {"enabled": True}}}


# Of hundreds of lines made alike, the first and every tenth: all of them would take axe minutes.
THIN_OUT = """() => document.querySelectorAll("tbody").forEach(body =>
  [...body.rows].forEach((row, place) => { if (place > 19 && place % 10) row.remove() }))"""
# Far lines of long tables are laid out a second after the near ones.
AT_REST = "() => Promise.all(document.getAnimations().map(one => one.finished)).then(() => true)"


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> MapAdapter:
    """Which route an address belongs to."""
    settings = Settings(
        instance=tmp_path_factory.mktemp("routes"), secret_key="of no use to anybody, anywhere"
    )
    return create_app(settings).url_map.bind("127.0.0.1")


def rotas_to_come() -> list[str]:
    """Rotas of the next ten days, some of which are working days."""
    return [f"/console/rota?day={clock.today() + timedelta(days=ahead)}" for ahead in range(1, 11)]


def pages_reached(page: Page, addresses: MapAdapter, known: set[str]) -> Iterator[tuple[str, str]]:
    """Walk from the home page along every link, one page for each route not yet known: (route, address)."""
    waiting = deque(["/", "/password", *MORE, *rotas_to_come()])
    aimed_at = set(known)
    while waiting:
        answer = page.request.get(waiting.popleft(), max_redirects=5)
        route = route_of(urlsplit(answer.url).path, addresses)
        if answer.status == 403 or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        assert answer.ok, f"{answer.url}: {answer.status} {answer.text()}"
        if route not in known:
            known.add(route)
            yield route, answer.url
        for link in LINK.findall(answer.text()):
            target = link.replace("&amp;", "&")
            aim = route_of(urlsplit(target).path, addresses)
            if aim and aim not in aimed_at:
                aimed_at.add(aim)
                waiting.append(target)


def route_of(path: str, addresses: MapAdapter) -> str:
    if not addresses.test(path, "GET"):
        return ""
    rule, _ = addresses.match(path, "GET", return_rule=True)
    return rule.rule


def faults_of(page: Page, options: dict[str, object] = WCAG) -> list[str]:
    """What axe finds on the page shown, and whether it scrolls sideways, at each width."""
    faults = []
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(50)
        found = Axe().run(page, options=options)
        faults += [
            f"{width} px {page.url}: {violation['id']} — {node['target']} {node['html'][:120]}"
            for violation in found.response["violations"]
            for node in violation["nodes"][:3]
        ]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{width} px {page.url}: scrolls sideways")
    return faults


def test_axe_finds_nothing_on_any_staff_page(
    signed_in: Callable[[str], Page], addresses: MapAdapter, hall: Hall
) -> None:
    known: set[str] = set()
    faults = []
    for role in ROLES:
        page = signed_in(role)
        for _, address in list(pages_reached(page, addresses, known)):
            page.goto(address)
            if page.locator("[data-figure]").count():
                page.wait_for_load_state("networkidle")
            page.evaluate(THIN_OUT)
            page.evaluate(AT_REST)
            faults += faults_of(page)
    assert faults == []
    assert html_routes(addresses) - known - UNLINKED == set(), "pages that no link leads to"


def test_an_address_wider_than_a_phone_breaks(signed_in: Callable[[str], Page]) -> None:
    page = signed_in("data-steward")
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto("/admin/codes/1")
    page.locator(".facts a").evaluate("address => { address.textContent += 'W'.repeat(40) }")
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_axe_finds_nothing_on_staff_pages_behind_a_form(
    signed_in: Callable[[str], Page], tmp_path: Path
) -> None:
    page = signed_in("data-steward")
    (tmp_path / "窗口.csv").write_text("大厅,编号,部门,类型\nZX,E01,水务局,专窗\n", encoding="utf-8")
    page.goto("/admin/organisation/import")
    page.set_input_files("input[type=file]", tmp_path / "窗口.csv")
    page.get_by_role("button", name="试导入").click()
    page.get_by_text("要改").first.wait_for()
    faults = faults_of(page)

    page.goto(f"/admin/organisation/windows/ZX-{CLOSED}/close")
    page.fill("main input[name=day]", "2026-01-01")
    page.locator("main form button").click()
    page.goto(f"/admin/organisation/windows/ZX-{CLOSED}/reopen")
    faults += faults_of(page)
    assert faults == []


def html_routes(addresses: MapAdapter) -> set[str]:
    """The routes a browser shows as pages."""
    # Devices and one-time links have tests of their own.
    files = re.compile(
        r"^/(api|static|counter|kiosk|s|t)/|^/console/prompt|\.(xlsx|csv|json)$|/files/|\.<any|/figure$|/trend$|/sheets$|/healthz$|/readyz$|/metrics$"
    )
    rules = addresses.map.iter_rules()
    return {rule.rule for rule in rules if "GET" in (rule.methods or ()) and not files.search(rule.rule)}


@pytest.fixture
def phone(browser: Browser, hall: Hall) -> Iterator[Page]:
    context = browser.new_context(base_url=hall.address, locale="zh-CN", **PHONE)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_axe_finds_nothing_on_the_citizens_pages(phone: Page, hall: Hall) -> None:
    code = hall.scanned(WINDOW)
    faults = []
    for query in ("", "?lang=en", "?size=large"):
        phone.goto(code + query)
        faults += faults_of(phone, STRICT)
    for level in ("5", "1"):
        phone.goto(code)
        phone.locator(f"button[name=level][value='{level}']").tap()
        phone.wait_for_url("**/receipt/**")
        faults += faults_of(phone)
        for details in phone.locator("details").all():
            details.evaluate("element => element.open = true")
        faults += faults_of(phone)
    receipt = phone.url.partition("?")[0]
    for question in OF_A_CASE:
        phone.goto(f"{receipt}/{question}")
        faults += faults_of(phone, STRICT)
    phone.goto(receipt)
    phone.locator("textarea[name=text]").fill("长" * 151)
    phone.get_by_role("button", name="提交").tap()
    phone.get_by_text("最多150个字").first.wait_for()
    faults += faults_of(phone)
    assert faults == []


@pytest.mark.parametrize(
    "address",
    [
        "/sign-in",
        "/receipt",
        "/receipt/AAAA-BBBB-CCCC",
        "/seals",
        "/q/00000000000",
        "/q/AAAAAAAAAAA?lang=en",
        "/nowhere",
    ],
)
def test_axe_finds_nothing_where_nothing_is(phone: Page, address: str) -> None:
    phone.goto(address)
    assert faults_of(phone) == []


def test_axe_finds_nothing_on_a_refused_form(phone: Page) -> None:
    phone.goto("/sign-in")
    phone.fill("[name=name]", "nobody")
    phone.fill("[name=password]", "nothing at all")
    phone.locator("main form button").tap()
    phone.get_by_text("账号或密码不对。").first.wait_for()
    assert faults_of(phone) == []


def test_axe_finds_a_planted_fault(phone: Page, tmp_path: Path) -> None:
    phone.goto("/sign-in")
    phone.evaluate("document.querySelector('label').remove()")
    assert any("label" in fault for fault in faults_of(phone))
