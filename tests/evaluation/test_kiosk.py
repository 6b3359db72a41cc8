"""The kiosk of the rating zone: four ways to a window, who served, one tap, and nothing left behind."""

import re
from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.evaluation.actions.services import rate_service
from evalsys.evaluation.models import Attribution, Rating, RatingTag, Reasons, Submission
from evalsys.evaluation.queries import counted, services
from evalsys.evaluation.rules import Answer
from evalsys.evaluation.views import paired
from evalsys.evaluation.views.links import visit_of
from evalsys.identity.actions import devices
from evalsys.identity.models import Device
from evalsys.kernel import clock
from evalsys.organisation.models import Hall, ItemAlias, Window, WindowUnit, Zone
from evalsys.scoring.queries.checks import differences
from tests.builders import BuiltWindow, a_clerk, a_token, a_window, an_item, on_duty
from tests.conftest import Inside
from tests.pages import PageClient

NOON_AND_A_HALF = time(12, 30)
HOME = "/kiosk/C"


@pytest.fixture(autouse=True)
def half_past_twelve(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """A fixed hour of the day, so that the morning is over and the afternoon has begun."""
    at = clock.at(clock.today(), NOON_AND_A_HALF)
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


@pytest.fixture
def hall(committed: Inside) -> None:
    """Windows 24, A08, A12 and B12; three matters; nobody on duty."""

    def make(session: Session) -> None:
        here = a_window(session)
        a_window(session, "A08", "POLICE")
        other = a_window(session, "A12")
        a_window(session, "B12")
        an_item(session, here)
        card = an_item(session, here, "社会保障卡申领")
        session.add(ItemAlias(item_id=card, alias="办社保卡"))
        house = an_item(session, other, "公积金提取")
        session.add(ItemAlias(item_id=house, alias="取公积金"))

    committed(make)


def pair(app: Flask, committed: Inside, kind: str = "kiosk", hall: str = "C") -> PageClient:
    """A browser that holds the secret of a device just paired."""

    def make(session: Session) -> str:
        hall_id = session.scalars(select(Hall.id).where(Hall.code == hall)).one()
        new = devices.NewDevice(kind, hall_id, None, "评价机1")
        _, code = devices.add_device(session, new, None, clock.now())
        return devices.pair_device(session.connection(), code, clock.now())[2]

    secret = committed(make)
    client = app.test_client()
    assert isinstance(client, PageClient)
    with app.app_context():
        client.set_cookie(paired.cookie_name(), str(secret))
    return client


@pytest.fixture
def kiosk(app: Flask, hall: None, committed: Inside) -> PageClient:
    return pair(app, committed)


def shifts(committed: Inside, *at_the_window: tuple[str, str, float, float]) -> dict[str, int]:
    """Put people on duty at window 24: number, name, and hours from midnight; their ids by number."""

    def make(session: Session) -> dict[str, int]:
        window = window_24(session)
        midnight = clock.at(clock.today(), time())
        people: dict[str, int] = {}
        for number, name, start, end in at_the_window:
            people.setdefault(number, 0)
            people[number] = people[number] or a_clerk(session, number, name)
            starts, ends = midnight + timedelta(hours=start), midnight + timedelta(hours=end)
            on_duty(session, window, people[number], starts, ends)
        return people

    found = committed(make)
    assert isinstance(found, dict)
    return found


def window_24(session: Session) -> BuiltWindow:
    row = session.execute(
        select(Window.id, Window.hall_id, WindowUnit.unit_id)
        .join(WindowUnit, WindowUnit.window_id == Window.id)
        .where(Window.number == "24")
    ).one()
    return BuiltWindow(*row)


def text_of(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def follow(kiosk: PageClient, step: str, **form: str) -> str:
    """Send a step's form and see the page it leads to."""
    answer = kiosk.post(f"{HOME}/{step}", data=form, follow_redirects=True)
    assert answer.status_code == 200
    return text_of(answer)


def key_on(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found, page
    return found[1]


def to_the_level(kiosk: PageClient, person: str = "unknown", number: str = "24") -> str:
    """Find a window by its number, choose a person; the page of the five levels."""
    follow(kiosk, "number", typed=number)
    return follow(kiosk, "who", person=person)


def rate(kiosk: PageClient, level: int = 4, person: str = "unknown", number: str = "24") -> str:
    """A whole visit up to the tap; the page after it."""
    return follow(kiosk, "level", level=str(level), key=key_on(to_the_level(kiosk, person, number)))


def stored(committed: Inside) -> list[tuple[Rating, Attribution]]:
    def rows(session: Session) -> list[tuple[Rating, Attribution]]:
        found = session.execute(
            select(Rating, Attribution).join(Attribution, Attribution.rating_id == Rating.root)
        ).all()
        session.expunge_all()
        return [(rating, attribution) for rating, attribution in found]

    found = committed(rows)
    assert isinstance(found, list)
    return found


# who may


def test_elsewhere_the_address_explains_itself(client: PageClient, hall: None, committed: Inside) -> None:
    page = client.get(HOME)
    assert page.status_code == 200
    assert "只在大厅评价区登记过的评价机上收评价" in text_of(page)
    for step in ("ticket", "number", "matter", "map", "windows", "who", "level", "reasons"):
        assert client.post(f"{HOME}/{step}", data={"typed": "24", "level": "5"}).status_code == 403
    assert client.get(f"{HOME}/alive").status_code == 403
    assert client.get("/kiosk/NONE").status_code == 404
    assert stored(committed) == []


def test_a_device_of_another_kind_is_no_kiosk(app: Flask, hall: None, committed: Inside) -> None:
    assert "这里收不了评价" in text_of(pair(app, committed, "console").get(HOME))


def test_a_kiosk_of_another_hall_is_none_here(app: Flask, hall: None, committed: Inside) -> None:
    committed(lambda session: session.add(Hall(code="D", name="分中心", address="")))
    client = pair(app, committed, hall="D")
    assert "这里收不了评价" in text_of(client.get(HOME))
    assert "请选择为您办事的窗口" in text_of(client.get("/kiosk/D"))


def test_a_device_revoked_in_use_takes_nothing_more(app: Flask, kiosk: PageClient, committed: Inside) -> None:
    page = to_the_level(kiosk)
    committed(lambda session: session.query(Device).update({"revoked_at": clock.now()}))
    answer = kiosk.post(f"{HOME}/level", data={"level": "1", "key": key_on(page)})
    assert answer.status_code == 403
    assert "本机已停用" in text_of(answer)
    assert kiosk.get(f"{HOME}/alive").status_code == 403
    assert stored(committed) == []


def test_a_sign_of_life_is_noted(
    kiosk: PageClient, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert kiosk.get(f"{HOME}/alive").status_code == 204
    assert committed(lambda session: session.scalars(select(Device.seen_at)).one()) == later


# the four ways


def test_the_first_page_offers_four_equal_ways(kiosk: PageClient) -> None:
    page = text_of(kiosk.get(HOME))
    assert "请选择为您办事的窗口" in page
    ways = re.findall(r'<a href="/kiosk/C/(\w+)"><svg', page)
    assert ways == ["ticket", "number", "matter", "map"]


def test_a_window_is_found_by_its_number(kiosk: PageClient) -> None:
    assert "24号窗口" in follow(kiosk, "number", typed="24")
    assert "A08号窗口" in follow(kiosk, "number", typed="a8")


def test_the_keypad_has_this_halls_letters_and_works_without_script(kiosk: PageClient) -> None:
    page = text_of(kiosk.get(f"{HOME}/number"))
    assert re.findall(r'name="press" value="([A-Z])"', page) == ["A", "B"]
    follow(kiosk, "number", typed="", press="A")
    follow(kiosk, "number", typed="A", press="3")
    page = follow(kiosk, "number", typed="A3", press="back")
    assert 'value="A"' in page


def test_digits_alone_offer_every_window_they_may_mean(kiosk: PageClient) -> None:
    page = follow(kiosk, "number", typed="12")
    assert "是哪个窗口?" in page
    assert re.findall(r'name="window" value="(\w+)"', page) == ["A12", "B12"]
    assert "B12号窗口" in follow(kiosk, "windows", window="B12", way="windows")


def test_an_unknown_number_says_so_once(kiosk: PageClient) -> None:
    assert "没有99号窗口" in follow(kiosk, "number", typed="99")
    assert "没有99号窗口" not in text_of(kiosk.get(f"{HOME}/number"))


@pytest.mark.parametrize("sought", ["shehui", "SHBZK", "baozhang", "bansbk", "shebaoka", "社保"])
def test_a_matter_is_found_by_pinyin_letters_and_other_names(kiosk: PageClient, sought: str) -> None:
    page = follow(kiosk, "matter", typed=sought)
    assert "社会保障卡申领" in page
    assert "公积金提取" not in page


def test_letters_inside_a_syllable_find_nothing(kiosk: PageClient) -> None:
    page = follow(kiosk, "matter", typed="ehui")
    assert "没有找到" in page


def test_a_matter_done_at_one_window_leads_there(kiosk: PageClient) -> None:
    page = follow(kiosk, "matter", typed="qgjj")
    item = re.search(r'name="item" value="(\d+)"', page)
    assert item
    assert "A12号窗口" in follow(kiosk, "matter", typed="qgjj", item=item[1])


def test_a_new_item_is_found_at_once(kiosk: PageClient, committed: Inside) -> None:
    follow(kiosk, "matter", typed="")
    committed(lambda session: an_item(session, window_24(session), "居住证签注"))
    assert "居住证签注" in follow(kiosk, "matter", typed="jzzqz")


def test_the_map_draws_zones_in_their_places(kiosk: PageClient, committed: Inside) -> None:
    def make(session: Session) -> None:
        hall_id = session.scalars(select(Hall.id)).one()
        placed = (("东区", "2"), ("西区", "1"))
        zones = [Zone(hall_id=hall_id, name=name, map_place=at) for name, at in placed]
        session.add_all(zones)
        session.flush()
        windows = session.scalars(select(Window).order_by(Window.number)).all()
        for window, zone in zip(windows, (zones[0], zones[0], zones[1], None), strict=True):
            window.zone_id = zone and zone.id

    committed(make)
    page = text_of(kiosk.get(f"{HOME}/map"))
    assert re.findall(r"<b>([^<]+)</b>\n", page) == ["西区", "东区", "其他窗口"]
    zone = re.findall(r'name="zone" value="(\d+)"', page)[1]
    page = follow(kiosk, "map", zone=zone)
    assert sorted(re.findall(r'name="window" value="(\w+)"', page)) == ["24", "A08"]
    assert "24号窗口" in follow(kiosk, "windows", window="24")


# who served


def test_people_of_now_and_of_earlier_today_are_offered(kiosk: PageClient, committed: Inside) -> None:
    shifts(
        committed,
        ("1001", "王敏", 8, 10),
        ("1002", "李强", 10, 12),
        ("1003", "赵芳", 12, 17),
        ("1004", "孙平", 12, 17),
        ("1001", "王敏", 12, 13),
        ("1005", "周宁", 14, 17),
    )
    page = follow(kiosk, "number", typed="24")
    now, earlier = page.split("今天早些时候")
    assert re.findall(r"<b>(\w+)</b><span>工号", now) == ["赵芳", "孙平", "王敏"]
    assert re.findall(r"<b>(\w+)</b><span>工号", earlier) == ["李强"]
    assert "其他人" in earlier
    assert "不记得,只评窗口" in earlier


def test_of_two_on_duty_the_chosen_one_is_rated(kiosk: PageClient, committed: Inside) -> None:
    people = shifts(committed, ("1001", "王敏", 8, 17), ("1002", "李强", 8, 17))
    page = to_the_level(kiosk, str(people["1002"]))
    assert "李强" in page
    follow(kiosk, "level", level="2", key=key_on(page))
    ((rating, attribution),) = stored(committed)
    assert (rating.entry, rating.channel, rating.evidence) == ("kiosk", "back-to-back", "D")
    assert (attribution.staff_id, attribution.how) == (people["1002"], "chosen")
    assert committed(lambda session: differences(session).differences) == 0


def test_somebody_of_earlier_today_is_rated(kiosk: PageClient, committed: Inside) -> None:
    people = shifts(committed, ("1001", "王敏", 8, 10), ("1002", "李强", 10, 17))
    rate(kiosk, person=str(people["1001"]))
    assert stored(committed)[0][1].staff_id == people["1001"]


@pytest.mark.parametrize(
    ("person", "how"), [("unknown", "gap"), ("other", "conflict"), ("987654", "conflict")]
)
def test_nobody_is_guessed(kiosk: PageClient, committed: Inside, person: str, how: str) -> None:
    shifts(committed, ("1001", "王敏", 8, 17))
    rate(kiosk, person=person)
    ((_, attribution),) = stored(committed)
    assert (attribution.staff_id, attribution.how) == (None, how)
    assert committed(lambda session: differences(session).differences) == 0


def test_with_nobody_on_duty_the_window_is_rated(kiosk: PageClient, committed: Inside) -> None:
    assert "还没有登记当班的人" in follow(kiosk, "number", typed="24")
    rate(kiosk)
    assert stored(committed)[0][1].how == "gap"


# the tap


def test_an_unbound_rating_keeps_day_and_half_day_only(kiosk: PageClient, committed: Inside) -> None:
    page = rate(kiosk, 1)
    tags = re.findall(r'name="tags" value="(\w+)"', page)
    follow(kiosk, "reasons", tags=tags[0])
    ((rating, attribution),) = stored(committed)
    noon = clock.at(clock.today(), time(12))
    assert (rating.received_at, rating.half_day, rating.counts_on) == (None, "pm", clock.today())
    assert attribution.at == noon
    assert committed(lambda session: session.scalars(select(Reasons.at)).one()) == noon


def test_a_double_tap_is_one_rating(kiosk: PageClient, committed: Inside) -> None:
    key = key_on(to_the_level(kiosk))
    for _ in range(2):
        assert "评价已收到" in follow(kiosk, "level", level="5", key=key)
    assert len(stored(committed)) == 1


def test_a_lost_answer_finds_the_same_rating(kiosk: PageClient, committed: Inside) -> None:
    key = key_on(to_the_level(kiosk))
    before = kiosk.get_cookie("evalsys-kiosk", path="/kiosk/C")
    assert before
    follow(kiosk, "level", level="5", key=key)
    kiosk.set_cookie("evalsys-kiosk", before.value, path="/kiosk/C")
    assert "评价已收到" in follow(kiosk, "level", level="5", key=key)
    assert len(stored(committed)) == 1


@pytest.mark.parametrize("level", ["", "0", "6", "x"])
def test_without_a_level_nothing_is_stored(kiosk: PageClient, committed: Inside, level: str) -> None:
    page = follow(kiosk, "level", level=level, key=key_on(to_the_level(kiosk)))
    assert "请先选一项" in page
    assert stored(committed) == []


def test_a_form_of_the_person_before_stores_nothing(kiosk: PageClient, committed: Inside) -> None:
    old = key_on(to_the_level(kiosk))
    kiosk.get(HOME)
    assert "请选择为您办事的窗口" in follow(kiosk, "level", level="1", key=old)
    to_the_level(kiosk, number="A08")
    follow(kiosk, "level", level="1", key=old)
    assert stored(committed) == []


@pytest.mark.parametrize("level", [5, 1])
def test_the_level_is_never_repeated(kiosk: PageClient, level: int) -> None:
    pages = [rate(kiosk, level), follow(kiosk, "reasons", skip="1")]
    for page in pages:
        assert not re.search("非常满意|基本满意|不满意|哪里不好|好在哪里", page)


def test_reasons_are_kept_or_left(kiosk: PageClient, committed: Inside) -> None:
    tags = re.findall(r'name="tags" value="(\w+)"', rate(kiosk, 2))
    assert len(tags) == 8
    assert "谢谢" in follow(kiosk, "reasons", tags=tags[3])
    kiosk.get(HOME)
    rate(kiosk, 2)
    assert "谢谢" in follow(kiosk, "reasons", skip="1")
    kiosk.get(HOME)
    rate(kiosk, 2)
    assert "谢谢" in follow(kiosk, "reasons")

    def kept(session: Session) -> None:
        assert session.scalars(select(RatingTag.tag)).all() == [tags[3]]
        assert sorted(session.scalars(select(Reasons.skip))) == ["given", "skipped"]

    committed(kept)


def test_the_receipt_is_taken_along_as_a_picture_only(
    app: Flask, kiosk: PageClient, committed: Inside
) -> None:
    rate(kiosk, 1)
    page = follow(kiosk, "reasons", skip="1")
    assert "<svg" in page
    assert "/receipt/" not in page
    assert committed(lambda session: session.scalars(select(Submission.receipt_hash)).one())


# a ticket


def a_ticket(app: Flask, committed: Inside) -> tuple[str, str]:
    """A service just ended at window 24: its id and its ticket's address."""
    made = {"window": "C-24", "kind": "case", "project_no": "P1", "service_number": 1}
    ended_at = (clock.now() - timedelta(minutes=1)).isoformat()
    headers = a_token(app, "business-system")
    answer = app.test_client().post("/api/v1/services", json=made | {"ended_at": ended_at}, headers=headers)
    noted = answer.get_json()
    return noted["id"], noted["ticket_url"]


def test_a_scanned_ticket_is_a_short_cut_to_its_service(
    app: Flask, kiosk: PageClient, committed: Inside
) -> None:
    _, address = a_ticket(app, committed)
    page = follow(kiosk, "ticket", ticket=f" {address}\n")
    assert "24号窗口" in page
    follow(kiosk, "level", level="3", key=key_on(page))
    ((rating, _),) = stored(committed)
    assert (rating.entry, rating.evidence) == ("kiosk", "B")
    assert "已经评过" in follow(kiosk, "ticket", ticket=address.rpartition("/")[2])

    def stands(session: Session) -> None:
        assert session.execute(counted.counted_ratings()).one().bound
        assert differences(session).differences == 0

    committed(stands)


def test_after_the_tablet_the_kiosk_counts(app: Flask, kiosk: PageClient, committed: Inside) -> None:
    public_id, address = a_ticket(app, committed)

    def on_the_tablet(session: Session) -> None:
        service_id = services.service_by_public_id(session, public_id)
        assert service_id
        invited = services.invited_to(session, service_id, "tablet")
        assert invited
        rate_service(
            session.connection(), visit_of(invited, "tablet", "tablet"), Answer(5, "key-on-the-tablet"), None
        )

    committed(on_the_tablet)
    page = follow(kiosk, "ticket", ticket=address)
    follow(kiosk, "level", level="1", key=key_on(page))
    assert "谢谢" in follow(kiosk, "reasons", skip="1")

    def stands(session: Session) -> None:
        row = session.execute(counted.counted_ratings()).one()
        assert (row.level, row.entry) == (1, "kiosk")
        assert differences(session).differences == 0

    committed(stands)


def test_a_ticket_rated_in_the_meantime_says_so(app: Flask, kiosk: PageClient, committed: Inside) -> None:
    _, address = a_ticket(app, committed)
    page = follow(kiosk, "ticket", ticket=address)
    app.test_client().post(
        address.removeprefix("http://127.0.0.1:8000"), data={"level": "5", "key": "key-from-the-phone"}
    )
    page = follow(kiosk, "level", level="1", key=key_on(page))
    assert "已经评过" in page
    assert "请选择为您办事的窗口" in page
    assert len(stored(committed)) == 1


@pytest.mark.parametrize("ticket", ["", "x", "https://elsewhere.example/q/ABC"])
def test_what_is_no_ticket_says_so(kiosk: PageClient, ticket: str) -> None:
    assert "没有认出这张小票" in follow(kiosk, "ticket", ticket=ticket)


# nothing is left


def test_home_forgets_the_visitor(kiosk: PageClient) -> None:
    to_the_level(kiosk)
    kiosk.get(HOME)
    assert kiosk.get_cookie("evalsys-kiosk", path="/kiosk/C") is None
    for step in ("who", "level", "reasons", "thanks", "windows"):
        answer = kiosk.get(f"{HOME}/{step}")
        assert (answer.status_code, answer.headers["Location"]) == (303, HOME)
    assert 'value="24"' not in text_of(kiosk.get(f"{HOME}/number"))


def test_addresses_carry_language_and_reach_and_no_choice(kiosk: PageClient) -> None:
    answer = kiosk.post(f"{HOME}/number?low=1&lang=en", data={"typed": "24"})
    assert answer.headers["Location"] == f"{HOME}/who?lang=en&low=1"
    page = text_of(kiosk.get(answer.headers["Location"]))
    assert 'class="low"' in page
    assert f'action="{HOME}/who?lang=en&amp;low=1"' in page
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_forged_choice_is_no_choice(kiosk: PageClient) -> None:
    kiosk.set_cookie("evalsys-kiosk", "eyJ3aW5kb3ciOjF9.xxxx.yyyy", path="/kiosk/C")
    assert kiosk.get(f"{HOME}/who").headers["Location"] == HOME


def test_an_error_page_goes_home_by_itself(kiosk: PageClient) -> None:
    assert kiosk.post(f"{HOME}/number", data={"typed": "1" * 20_000}).headers["Refresh"] == f"10; url={HOME}"
