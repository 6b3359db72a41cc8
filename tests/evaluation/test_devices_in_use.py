"""From the pairing slip to the counter and back to the devices page, which then says how the tablet is."""

import re

import pytest
from flask import Flask

from evalsys.evaluation.actions.rows import half_day
from evalsys.kernel import clock
from tests.builders import signed_in
from tests.conftest import Inside
from tests.evaluation.counters import a_counter, a_system


@pytest.fixture
def hall(committed: Inside) -> None:
    committed(a_counter)


def test_a_slip_pairs_a_tablet_and_the_page_knows_its_last_half_day(app: Flask, hall: None) -> None:
    steward, tablet = signed_in(app, "data-steward"), app.test_client()
    token = re.search(r'csrf_token" value="([^"]+)"', steward.get("/admin/devices").get_data(as_text=True))
    assert token
    sheet = steward.post("/admin/devices/tablets", data={"csrf_token": token[1], "hall": "C"})
    code = re.search(r'slip-code">([^<]+)<', sheet.get_data(as_text=True))
    assert code
    home = tablet.post("/counter/pair", data={"code": code[1]}).headers["Location"]
    assert "在线" in steward.get("/admin/devices/1").get_data(as_text=True)
    service = a_system(app).asks()
    key = re.search(r'name="key" value="([^"]+)"', tablet.get(home).get_data(as_text=True))
    assert key
    tablet.post(f"{home}/rate", data={"service": service, "level": "1", "key": key[1]})
    day = clock.today()
    said = f"{day.month}月{day.day}日{'上午' if half_day(clock.now()) == 'am' else '下午'}"
    page = steward.get("/admin/devices/1").get_data(as_text=True)
    assert said in page
    assert "不满意" not in page
