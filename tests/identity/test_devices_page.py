"""The devices page: a map that says how every device is, and pairing slips whose codes are shown once."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from evalsys.identity.actions.devices import note_rated, note_seen, pair_device
from evalsys.identity.models import Device
from evalsys.identity.rules import DEAD_AFTER, CannotPair, device_state
from evalsys.kernel import clock
from evalsys.kernel.models import JournalEntry
from tests.builders import a_window, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

URL = "/admin/devices"


@pytest.fixture
def hall(committed: Inside) -> None:
    """Two windows of one department, one of another."""

    def make(session: Session) -> None:
        for number, unit in (("24", "TAX"), ("25", "TAX"), ("31", "SOC")):
            a_window(session, number, unit)

    committed(make)


@pytest.fixture
def steward(app: Flask, hall: None) -> PageClient:
    return signed_in(app, "data-steward")


def token_of(client: PageClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(URL).get_data(as_text=True))
    assert found
    return found[1]


def post(client: PageClient, address: str, **form: object) -> tuple[int, str]:
    answer = client.post(URL + address, data={"csrf_token": token_of(client), "hall": "C", **form})
    return answer.status_code, answer.get_data(as_text=True)


def slips(page: str) -> dict[str, str]:
    """The codes of a sheet by the place they are for."""
    return dict(re.findall(r'slip-place"><strong>(.*?)</strong>.*?slip-code">(.*?)<', page, re.S))


def devices(committed: Inside) -> list[tuple[str, str]]:
    return committed(
        lambda s: [tuple(row) for row in s.execute(select(Device.kind, Device.name).order_by(Device.name))]
    )


def test_a_whole_hall_gets_its_tablets_in_one_go(steward: PageClient, committed: Inside) -> None:
    status, page = post(steward, "/tablets")
    codes = slips(page)
    assert status == 200
    assert list(codes) == ["24号窗口 柜台平板", "25号窗口 柜台平板", "31号窗口 柜台平板"]
    assert len(set(codes.values())) == 3
    assert devices(committed) == [("tablet", "24"), ("tablet", "25"), ("tablet", "31")]
    assert post(steward, "/tablets")[0] == 422
    assert committed(lambda s: s.scalar(select(func.count()).where(JournalEntry.verb == "add-device"))) == 3


def test_a_code_on_a_slip_pairs_once_and_stands_nowhere_else(steward: PageClient, committed: Inside) -> None:
    _, page = post(steward, "/tablets")
    code = slips(page)["24号窗口 柜台平板"]
    assert code not in steward.get(URL).get_data(as_text=True)
    kind, _, _ = committed(lambda s: pair_device(s.connection(), code, clock.now()))
    assert kind == "tablet"
    assert "http://127.0.0.1:8000/counter/pair" in page
    with pytest.raises(CannotPair):
        committed(lambda s: pair_device(s.connection(), code, clock.now()))


def test_all_that_wait_get_new_slips_and_the_old_codes_die(steward: PageClient, committed: Inside) -> None:
    _, first = post(steward, "/tablets")
    old = slips(first)
    committed(lambda s: pair_device(s.connection(), old["24号窗口 柜台平板"], clock.now()))
    status, page = post(steward, "/slips")
    assert status == 200
    assert list(slips(page)) == ["25号窗口 柜台平板", "31号窗口 柜台平板"]
    with pytest.raises(CannotPair):
        committed(lambda s: pair_device(s.connection(), old["25号窗口 柜台平板"], clock.now()))


def test_a_kiosk_has_a_name_and_no_window(steward: PageClient, committed: Inside) -> None:
    assert post(steward, "/add", kind="kiosk", name=" ")[0] == 422
    assert post(steward, "/add", kind="fax", window="24")[0] == 422
    assert post(steward, "/add", kind="console", window="99")[0] == 422
    status, page = post(steward, "/add", kind="kiosk", name="B区评价机1")
    assert (status, list(slips(page))) == (200, ["B区评价机1"])
    assert post(steward, "/add", kind="console", window="24")[0] == 200
    assert devices(committed) == [("console", "24"), ("kiosk", "B区评价机1")]
    assert "B区评价机1" in steward.get(URL).get_data(as_text=True)


@pytest.mark.parametrize(
    ("paired", "seen", "revoked", "said"),
    [
        (None, None, None, "unpaired"),
        (0, 0, None, "online"),
        (0, DEAD_AFTER.total_seconds() - 1, None, "online"),
        (0, DEAD_AFTER.total_seconds(), None, "dead"),
        (0, 0, 0, "revoked"),
    ],
)
def test_a_device_is_dead_without_a_sign_of_life(
    paired: float | None, seen: float | None, revoked: float | None, said: str
) -> None:
    now = clock.now()
    at = [None if ago is None else now - timedelta(seconds=ago) for ago in (paired, seen, revoked)]
    assert device_state(*at, now) == said


def test_the_page_says_each_state_in_words(steward: PageClient, committed: Inside) -> None:
    _, page = post(steward, "/tablets")
    codes = list(slips(page).values())

    def live(session: Session) -> None:
        for code in codes[:2]:
            pair_device(session.connection(), code, clock.now())
        late = clock.now() - DEAD_AFTER
        session.execute(update(Device).where(Device.name == "25").values(seen_at=late))
        note_seen(session.connection(), 1, "2026.11", clock.now() + timedelta(minutes=1))

    committed(live)
    page = steward.get(URL).get_data(as_text=True)
    told = re.findall(r"号窗口 柜台平板</a></th>\s*<td[^>]*>.*?</span> (\S+?)</span>", page, re.S)
    assert told == ["失联", "未配对", "在线"]
    assert "2026.11" in page
    assert steward.get(URL + "?state=dead").get_data(as_text=True).count("号窗口 柜台平板</a>") == 1


def test_revoking_is_for_good(steward: PageClient, committed: Inside) -> None:
    post(steward, "/tablets")
    assert post(steward, "/1/revoke")[0] == 302
    assert "已停用" in steward.get(URL + "/1").get_data(as_text=True)
    assert post(steward, "/1/renew")[0] == 422
    assert post(steward, "/99/revoke")[0] == 404
    # Its window can have another one.
    assert list(slips(post(steward, "/tablets")[1])) == ["24号窗口 柜台平板"]
    assert (
        committed(lambda s: s.scalar(select(func.count()).where(JournalEntry.verb == "revoke-device"))) == 1
    )


def test_a_manager_sees_the_own_windows_and_changes_nothing(app: Flask, steward: PageClient) -> None:
    post(steward, "/tablets")
    post(steward, "/add", kind="kiosk", name="B区评价机1")
    manager = signed_in(app, "window-manager", "SOC")
    page = manager.get(URL).get_data(as_text=True)
    assert "31号窗口" in page
    for hidden in ("24号窗口", "评价机1", "并打印", "最后一条评价"):
        assert hidden not in page
    assert manager.get(URL + "/1").status_code == 404
    assert manager.get(URL + "/3").status_code == 200
    token = re.search(r'csrf_token" value="([^"]+)"', page)
    assert token
    answer = manager.post(URL + "/tablets", data={"csrf_token": token[1], "hall": "C"})
    assert answer.status_code == 403


def test_the_last_rating_is_kept_by_the_half_day_and_shown_to_those_who_keep_the_devices(
    app: Flask, steward: PageClient, committed: Inside
) -> None:
    post(steward, "/tablets")
    for day, half in ((date(2026, 3, 2), "am"), (date(2026, 3, 2), "pm"), (date(2026, 3, 1), "pm")):
        committed(lambda s, at=(day, half): note_rated(s.connection(), 1, *at))
    assert "3月2日下午" in steward.get(URL).get_data(as_text=True)
    for role in ("window-manager", "supervisor"):
        assert "3月2日下午" not in signed_in(app, role).get(URL + "/1").get_data(as_text=True)


def test_without_windows_the_page_says_what_to_do_first(app: Flask) -> None:
    page = signed_in(app, "system-admin").get(URL)
    assert "先导入大厅" in page.get_data(as_text=True)
