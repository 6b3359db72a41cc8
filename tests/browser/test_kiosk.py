"""The kiosk in a real browser: four ways, thanks, silence, and nothing of the last person behind any key."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.app import create_app
from evalsys.evaluation.actions.services import note_service, token_of
from evalsys.evaluation.models import Attribution, Rating
from evalsys.evaluation.rules import NewService
from evalsys.identity.actions import devices
from evalsys.identity.models import Device
from evalsys.kernel import clock, settings
from evalsys.kernel.database import db, transaction
from evalsys.kernel.secrets import receipt_key
from evalsys.organisation.models import Duty, Staff, Window, WindowUnit
from tests.hall import PATIENCE, Hall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SCREEN = {"width": 1080, "height": 1920}
SMALLEST_TARGET = 88  # CSS pixels
HOME = "/kiosk/ZX"
WINDOW = "A08"
DONE = re.compile(r".*/thanks.*")
LEVEL_WORDS = re.compile("满意")

Inside = Callable[[Callable[[Session], object]], object]


@pytest.fixture(scope="module")
def inside(hall: Hall) -> Iterator[Inside]:
    """Run a function of a session in the running hall's own database."""
    app: Flask = create_app(settings.from_environment(hall.environment))

    def run(work: Callable[[Session], object]) -> object:
        with app.app_context(), transaction() as session:
            return work(session)

    yield run
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def secret(inside: Inside) -> str:
    """What a kiosk of the hall keeps after pairing; two people are on duty at A08, one was earlier."""

    def make(session: Session) -> str:
        window, now = window_of(session), clock.now()
        people = session.scalars(select(Staff).order_by(Staff.staff_no)).all()[:3]
        session.query(Duty).filter(Duty.window_id == window.id).update({"withdrawn_at": now})
        for person, start, end in zip(people, (-1, -1, -4), (4, 4, -2), strict=True):
            starts, ends = now + timedelta(minutes=start), now + timedelta(minutes=end)
            duty = Duty(window_id=window.id, staff_id=person.id, starts_at=starts, ends_at=ends)
            duty.kind, duty.source = "regular", "rota"
            session.add(duty)
        new = devices.NewDevice("kiosk", window.hall_id, None, "评价机1")
        _, code = devices.add_device(session, new, None, now)
        return devices.pair_device(session.connection(), code, now)[2]

    return str(inside(make))


def window_of(session: Session) -> Window:
    return session.scalars(select(Window).where(Window.number == WINDOW)).one()


@pytest.fixture
def context(hall: Hall, browser: Browser, secret: str) -> Iterator[BrowserContext]:
    """A paired kiosk's browser, with a clock that the test moves."""
    context = browser.new_context(base_url=hall.address, viewport=SCREEN, has_touch=True, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": "evalsys-device", "value": secret, "url": hall.address}])
    yield context
    context.close()


@pytest.fixture
def kiosk(context: BrowserContext) -> Page:
    page = context.new_page()
    page.clock.install()
    page.goto(HOME)
    return page


def check(page: Page, step: str = "", *, low: bool = False) -> None:
    """Nothing axe finds, nothing too small, nothing sideways; lowered, everything within the lower half."""
    page.wait_for_url(re.compile(f"{HOME}/{step}" if step else HOME))
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREEN["width"]
    targets = page.locator("a:visible, button:visible, label.choice:visible, input[type=text]:visible")
    for target in targets.all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= SMALLEST_TARGET, target.inner_text()
        assert not low or box["y"] >= SCREEN["height"] / 2 - 1, target.inner_text()


def tap_way(page: Page, words: str) -> None:
    page.get_by_role("link", name=words).tap()


def rate(page: Page, level: int = 2) -> None:
    """From the page of who served to the thanks."""
    page.get_by_role("button", name="不记得,只评窗口").tap()
    page.locator(f"button[name=level][value='{level}']").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("评价已收到")
    page.get_by_role("button", name="不填原因").tap()
    page.wait_for_url(DONE)


def to_who(page: Page) -> None:
    tap_way(page, "输入窗口号")
    for sign in WINDOW:
        page.locator(f"button[name=press][value='{sign}']").tap()
    page.get_by_role("button", name="确定").tap()
    page.wait_for_url("**/who*")


def how_many(inside: Inside) -> int:
    n = inside(lambda session: session.scalar(select(func.count()).where(Rating.entry == "kiosk")))
    assert isinstance(n, int)
    return n


def newest(inside: Inside, before: set[int]) -> tuple[str, str]:
    """Evidence and attribution of the one kiosk rating that is new."""

    def read(session: Session) -> list[tuple[str, str]]:
        rows = session.execute(
            select(Rating.evidence, Attribution.how)
            .join(Attribution, Attribution.rating_id == Rating.root)
            .where(Rating.entry == "kiosk", Rating.id.not_in(before))
        )
        return [(evidence, how) for evidence, how in rows]

    found = inside(read)
    assert isinstance(found, list)
    assert len(found) == 1
    return found[0]


@pytest.fixture
def before(inside: Inside) -> set[int]:
    """The kiosk ratings there were."""
    found = inside(lambda session: set(session.scalars(select(Rating.id).where(Rating.entry == "kiosk"))))
    assert isinstance(found, set)
    return found


def test_by_the_windows_number(kiosk: Page, inside: Inside, before: set[int]) -> None:
    check(kiosk)
    to_who(kiosk)
    check(kiosk, "who")
    rate(kiosk)
    assert newest(inside, before) == ("D", "gap")


def test_by_the_matter_in_first_letters(kiosk: Page, inside: Inside, before: set[int]) -> None:
    tap_way(kiosk, "按办的事找")
    check(kiosk, "matter")
    for sign in "sbk":
        kiosk.locator(f"button[name=press][value='{sign}']").tap()
    kiosk.clock.run_for(1000)
    expect(kiosk.locator("#results")).to_contain_text("社会保障卡申领")
    kiosk.locator("#results button", has_text="社会保障卡申领").tap()
    check(kiosk, "windows")
    kiosk.locator("button[name=window]").first.tap()
    rate(kiosk)
    assert newest(inside, before) == ("D", "gap")


def test_by_the_map(kiosk: Page, inside: Inside, before: set[int]) -> None:
    tap_way(kiosk, "看大厅图")
    check(kiosk, "map")
    kiosk.locator("button[name=zone]").first.tap()
    kiosk.wait_for_selector(".tiles")
    check(kiosk, "map")
    kiosk.locator(f"button[name=window][value='{WINDOW}']").tap()
    rate(kiosk)
    assert newest(inside, before) == ("D", "gap")


@pytest.mark.parametrize("at_once", [True, False])
def test_by_a_scanned_ticket(
    kiosk: Page, hall: Hall, inside: Inside, before: set[int], at_once: bool
) -> None:
    def make(session: Session) -> str:
        window = window_of(session)
        unit = session.scalars(select(WindowUnit.unit_id).where(WindowUnit.window_id == window.id)).one()
        ended_at = clock.now() - timedelta(minutes=1)
        noted = note_service(session.connection(), NewService(window.id, window.hall_id, unit, ended_at))
        return token_of(receipt_key(session), noted.public_id, "ticket")

    token = inside(make)
    if not at_once:
        tap_way(kiosk, "扫排队小票")
        check(kiosk, "ticket")
    kiosk.keyboard.type(f"{hall.address}/t/{token}")
    kiosk.keyboard.press("Enter")
    kiosk.wait_for_url("**/level*")
    kiosk.locator("button[name=level]").first.tap()
    kiosk.get_by_role("button", name="不填原因").tap()
    kiosk.wait_for_url(DONE)
    assert newest(inside, before)[0] == "B"


def test_of_two_on_duty_one_is_chosen(kiosk: Page, inside: Inside, before: set[int]) -> None:
    to_who(kiosk)
    assert kiosk.locator("button[name=person]").count() == 5
    kiosk.locator("button[name=person]").nth(1).tap()
    check(kiosk, "level")
    kiosk.locator("button[name=level]").nth(3).tap()
    check(kiosk, "reasons")
    assert not LEVEL_WORDS.search(kiosk.inner_text("body"))
    kiosk.locator("label.choice").first.tap()
    kiosk.get_by_role("button", name="提交").tap()
    kiosk.wait_for_url(DONE)
    check(kiosk, "thanks")
    assert not LEVEL_WORDS.search(kiosk.inner_text("body"))
    assert newest(inside, before) == ("D", "chosen")


def test_the_five_levels_look_the_same(kiosk: Page) -> None:
    to_who(kiosk)
    kiosk.get_by_role("button", name="其他人").tap()
    kiosk.wait_for_url("**/level*")
    looks = kiosk.evaluate(
        """() => [...document.querySelectorAll('button[name=level]')].map(button => {
            const style = getComputedStyle(button), box = button.getBoundingClientRect();
            return [style.color, style.backgroundColor, style.borderColor, style.fontWeight,
                    style.fontSize, Math.round(box.width), Math.round(box.height)].join(' ');
        })"""
    )
    assert len(looks) == 5
    assert len(set(looks)) == 1
    assert float(kiosk.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 30


def test_lowered_everything_is_within_reach_and_stays_so(kiosk: Page) -> None:
    kiosk.get_by_role("link", name="下移").tap()
    kiosk.wait_for_url("**low=1*")
    check(kiosk, low=True)
    for words, step in (("扫排队小票", "ticket"), ("输入窗口号", "number"), ("按办的事找", "matter")):
        tap_way(kiosk, words)
        check(kiosk, step, low=True)
        kiosk.get_by_role("link", name="重新开始").tap()
        kiosk.wait_for_selector(".four")
    to_who(kiosk)
    check(kiosk, "who", low=True)
    kiosk.get_by_role("button", name="不记得,只评窗口").tap()
    kiosk.wait_for_url("**/level*low=1*")
    check(kiosk, "level", low=True)


def test_thanks_disappear_after_fifteen_seconds(kiosk: Page) -> None:
    to_who(kiosk)
    rate(kiosk)
    assert "15秒后消失" in kiosk.inner_text("main")
    kiosk.clock.run_for(6000)
    assert "9秒后消失" in kiosk.inner_text("main")
    kiosk.clock.run_for(9500)
    kiosk.wait_for_selector(".four")


def test_after_a_minute_of_silence_it_asks_and_then_clears(kiosk: Page) -> None:
    to_who(kiosk)
    kiosk.clock.run_for(58_000)
    expect(kiosk.locator("#still")).to_be_hidden()
    kiosk.clock.run_for(3000)
    expect(kiosk.locator("#still")).to_be_visible()
    check(kiosk, "who")
    kiosk.get_by_role("button", name="我还在").tap()
    expect(kiosk.locator("#still")).to_be_hidden()
    assert "/who" in kiosk.url
    kiosk.clock.run_for(61_000)
    expect(kiosk.locator("#still")).to_be_visible()
    assert "已选的评价已保存" not in kiosk.inner_text("body")
    kiosk.clock.run_for(20_500)
    kiosk.wait_for_selector(".four")


def test_silence_after_the_tap_says_that_it_is_saved(kiosk: Page, inside: Inside) -> None:
    n = how_many(inside)
    to_who(kiosk)
    kiosk.get_by_role("button", name="不记得,只评窗口").tap()
    kiosk.locator("button[name=level]").first.tap()
    kiosk.wait_for_url("**/reasons*")
    kiosk.clock.run_for(61_000)
    expect(kiosk.locator("#still")).to_contain_text("已选的评价已保存。")
    kiosk.clock.run_for(20_500)
    kiosk.wait_for_selector(".four")
    assert how_many(inside) == n + 1


def test_language_and_reach_of_the_last_person_are_cleared_too(kiosk: Page) -> None:
    kiosk.goto(f"{HOME}?lang=en&low=1")
    kiosk.clock.run_for(82_000)
    kiosk.wait_for_url(f"**{HOME}")


@pytest.mark.parametrize("script", [True, False])
def test_the_back_button_finds_nothing_of_the_last_person(
    context: BrowserContext, browser: Browser, hall: Hall, secret: str, script: bool
) -> None:
    if not script:
        context = browser.new_context(base_url=hall.address, viewport=SCREEN, java_script_enabled=False)
        context.add_cookies([{"name": "evalsys-device", "value": secret, "url": hall.address}])
    page = context.new_page()
    page.goto(HOME)
    page.get_by_role("link", name="输入窗口号").click()
    page.fill("#typed", WINDOW)
    page.get_by_role("button", name="确定").click()
    page.get_by_role("button", name="不记得,只评窗口").click()
    page.locator("button[name=level]").last.click()
    page.locator("label.choice").first.click()
    page.get_by_role("button", name="提交").click()
    page.wait_for_url(DONE)
    page.get_by_role("link", name="完成").click()
    page.wait_for_selector(".four")
    for _ in range(12):
        page.go_back(wait_until="load")
        if page.url == "about:blank":
            break
        page.wait_for_load_state()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            re.compile("请选择为您办事的窗口|输入窗口号|今天办的是什么事")
        )
        body = page.inner_text("body")
        assert WINDOW not in body
        assert "评价已收到" not in body
        if page.locator("#typed").count():
            assert page.input_value("#typed") == ""
    if not script:
        context.close()


def test_a_form_left_half_filled_is_empty_for_the_next(kiosk: Page) -> None:
    tap_way(kiosk, "按办的事找")
    kiosk.fill("#typed", "libie")
    kiosk.get_by_role("link", name="重新开始").tap()
    kiosk.wait_for_selector(".four")
    tap_way(kiosk, "按办的事找")
    kiosk.wait_for_selector("#typed")
    assert kiosk.input_value("#typed") == ""
    assert kiosk.evaluate("history.length") <= 2


def cut_the_network(kiosk: Page) -> None:
    """Half a minute without it. The clock leaps: an answer still on its way would come after the leap."""
    kiosk.wait_for_load_state("networkidle")
    kiosk.context.set_offline(True)
    kiosk.clock.run_for(31_000)


def test_without_the_network_the_screen_says_so(kiosk: Page, context: BrowserContext) -> None:
    expect(kiosk.locator("#offline")).to_be_hidden()
    cut_the_network(kiosk)
    expect(kiosk.locator("#offline")).to_be_visible()
    context.set_offline(False)
    kiosk.clock.run_for(31_000)
    expect(kiosk.locator("#offline")).to_be_hidden()


def test_without_the_network_what_was_chosen_is_covered(kiosk: Page, context: BrowserContext) -> None:
    to_who(kiosk)
    cut_the_network(kiosk)
    expect(kiosk.locator("#offline")).to_be_visible()
    kiosk.clock.run_for(51_000)
    expect(kiosk.locator(".controls")).to_be_hidden()
    assert WINDOW not in kiosk.inner_text("body")
    context.set_offline(False)
    kiosk.clock.run_for(31_000)
    kiosk.wait_for_selector(".four")


def test_elsewhere_the_address_explains_itself(browser: Browser, hall: Hall) -> None:
    page = browser.new_page(base_url=hall.address, viewport={"width": 390, "height": 844})
    page.goto(HOME)
    assert page.inner_text("h1") == "这里收不了评价"
    found = Axe().run(page).response["violations"]
    assert [fault["id"] for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_a_kiosk_revoked_in_use_explains_itself_by_itself(kiosk: Page, inside: Inside) -> None:
    """Comes last: the hall's only kiosk goes out of use."""
    inside(
        lambda session: (
            session.query(Device).filter(Device.kind == "kiosk").update({"revoked_at": clock.now()})
        )
    )
    kiosk.clock.run_for(31_000)
    expect(kiosk.get_by_role("heading", level=1)).to_have_text("本机已停用")
