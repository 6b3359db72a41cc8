"""What an order or a report says helps the dispatcher: whose it may be, and what is the same again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.desk.actions.intake import take_order
from evalsys.desk.actions.reports import take_report
from evalsys.desk.rules import NewOrder, Source
from evalsys.desk.rules.reports import NewReport, ReportType
from tests.builders import a_unit, a_window, signed_in
from tests.conftest import Inside
from tests.rectification.desks import DISPATCHER, SUPERVISOR, posted
from tests.rectification.people import MONDAY, somebody

LIFT = NewOrder(Source.PHONE, "property", "小区电梯坏了三天没有人修", MONDAY)


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def numbers(committed: Inside) -> list[str]:
    """An order about a lift, the same lift again on another platform, and one about noise."""

    def make(session: Session) -> list[str]:
        a_unit(session, "TAX")
        a_unit(session, "CALL", "回访中心")
        again = replace(LIFT, source=Source.LETTER, text="电梯坏了三天没有人修,请处理")
        orders = (LIFT, again, NewOrder(Source.PHONE, "noise", "夜里施工", MONDAY))
        taker = somebody(session, "dispatcher", "GOV")
        return [take_order(session.connection(), one, taker, now=MONDAY).no for one in orders]

    made = committed(make)
    assert isinstance(made, list)
    return made


@pytest.mark.parametrize(
    ("about", "what", "said"),
    [
        ("category", "物业管理", "责任目录:类别“物业管理”归该单位"),
        ("word", "电梯", "责任目录:提到“电梯”的归该单位"),
    ],
)
def test_category_and_words_of_an_order_suggest_its_owner(
    app: Flask, numbers: list[str], about: str, what: str, said: str
) -> None:
    posted(
        signed_in(app, *SUPERVISOR),
        "/cases/guidance/directory",
        about=about,
        what=what,
        unit="CALL",
        reason="三定方案",
    )
    dispatcher = signed_in(app, *DISPATCHER)
    assert said in dispatcher.get(f"/cases/dispatch?no={numbers[0]}").text
    assert said not in dispatcher.get(f"/cases/dispatch?no={numbers[2]}").text


def test_the_same_matter_on_another_platform_is_found(app: Flask, numbers: list[str]) -> None:
    page = signed_in(app, *DISPATCHER).get(f"/cases/dispatch?no={numbers[0]}").text
    found = page.partition("说的话相近")[0].rpartition("<li")[2]
    assert numbers[1] in found
    assert page.count("说的话相近") == 1, "the noise is another matter"


def test_words_of_a_report_suggest_its_owner(app: Flask, committed: Inside) -> None:
    def make(session: Session) -> None:
        hall = a_window(session).hall_id
        a_unit(session, "CALL", "回访中心")
        new = NewReport(ReportType.NO, "产权证办不下来", hall, "a-key-of-the-page")
        take_report(session.connection(), new, None, MONDAY)

    committed(make)
    supervisor = signed_in(app, *SUPERVISOR)
    sent = {"about": "word", "what": "产权证", "unit": "CALL", "reason": "三定方案"}
    posted(supervisor, "/cases/guidance/directory", **sent)
    helper = signed_in(app, "helper", "GOV")
    no = helper.get("/desk/C/waiting").text.partition('id="report-')[2].partition('"')[0]
    posted(helper, f"/desk/C/waiting/{no}", profile="not-done-5")
    assert "提到“产权证”的归该单位" in signed_in(app, *DISPATCHER).get(f"/cases/dispatch?no={no}").text
