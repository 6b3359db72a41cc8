"""The dispatcher's desk: what waits, whose it may be and why, what is perhaps the same."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.organisation.models import Item
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.models import Case
from evalsys.rectification.rules.alike import ALIKE, likeness
from evalsys.rectification.rules.states import State
from tests.builders import signed_in
from tests.rectification.desks import CALLER, DISPATCHER, SUPERVISOR, cases_standing, form_token, posted
from tests.rectification.people import somebody

Committed = Callable[[Callable[[Session], object]], object]


@pytest.fixture
def numbers(committed: Committed) -> list[str]:
    """Two cases of one item and tag at one window, both to be dispatched."""
    made = committed(lambda session: cases_standing(session, State.TRIAGED, State.TRIAGED))
    assert isinstance(made, list)
    return made


def test_every_step_has_a_key(app: Flask, numbers: list[str]) -> None:
    page = signed_in(app, *DISPATCHER).get("/cases/dispatch").text
    for key in ("j", "1", "d", "Enter", "?"):
        assert f'data-key="{key}"' in page
    assert "js/desk" in page


def test_an_owner_is_suggested_with_the_reason_and_not_chosen(app: Flask, numbers: list[str]) -> None:
    client = signed_in(app, *DISPATCHER)
    page = client.get("/cases/dispatch").text
    assert "反映的窗口属于该单位" in page
    assert '<option selected value="TAX">' not in page
    address = re.search(r'data-key="1" href="([^"]+)"', page)
    assert address is not None
    taken = client.get("/cases/dispatch" + address[1].replace("&amp;", "&")).text
    assert '<option selected value="TAX">' in taken
    assert "反映的窗口属于该单位</textarea>" in taken


def test_the_directory_comes_before_the_window(app: Flask, committed: Committed, numbers: list[str]) -> None:
    supervisor = signed_in(app, *SUPERVISOR)
    item = str(committed(lambda session: session.execute(select(Item.task_code)).scalar_one()))
    added = posted(
        supervisor, "/cases/guidance/directory", about="item", what=item, unit="CALL", reason="三定方案"
    )
    assert added.status_code == 303
    page = signed_in(app, *DISPATCHER).get("/cases/dispatch").text
    first = re.search(r'data-key="1"[^>]*>([^<]+)<', page)
    assert first is not None
    assert first[1] == "回访中心"
    assert "责任目录:事项“开具完税证明”归该单位" in page
    posted(supervisor, "/cases/guidance/directory/out", about="item", what=item, unit="CALL")
    assert "回访中心</a>" not in signed_in(app, *DISPATCHER).get("/cases/dispatch").text


def test_the_next_case_follows_a_dispatch(app: Flask, numbers: list[str]) -> None:
    client = signed_in(app, *DISPATCHER)
    first, second = numbers
    token = form_token(client, f"/cases/dispatch?no={first}")
    version = re.search(
        r'name="DISPATCHED-version"[^>]*value="(\d+)"', client.get(f"/cases/dispatch?no={first}").text
    )
    assert version is not None
    sent = {"DISPATCHED-version": version[1], "DISPATCHED-csrf_token": token, "following": second}
    missing = client.post(f"/cases/dispatch/{first}/DISPATCHED", data=sent)
    assert missing.status_code == 422
    sent |= {"DISPATCHED-owner": "TAX", "DISPATCHED-reason": "窗口归该单位"}
    done = client.post(f"/cases/dispatch/{first}/DISPATCHED", data=sent)
    assert done.headers["Location"] == f"/cases/dispatch?no={second}"


def test_duplicates_are_found_and_linked(app: Flask, numbers: list[str]) -> None:
    first, second = numbers
    client = signed_in(app, *DISPATCHER)
    page = client.get(f"/cases/dispatch?no={second}").text
    assert "同一窗口、同一原因;同一事项" in page
    linked = posted(client, f"/cases/{second}/same", same_as=first, back="desk")
    assert linked.headers["Location"] == f"/cases/dispatch?no={second}"
    assert "已关联" in client.get(f"/cases/dispatch?no={second}").text
    assert posted(client, f"/cases/{second}/same", same_as=second).status_code == 409


def test_like_words_are_alike_and_others_are_not() -> None:
    assert likeness("排队排了两个小时没人管", "我排队排了两个小时,没人管我") >= ALIKE
    assert likeness("排队排了两个小时没人管", "材料交了又要我补") < ALIKE
    assert likeness("", "材料") == 0


def test_an_empty_desk_says_so(app: Flask, committed: Committed) -> None:
    committed(cases_standing)
    assert "都派完了" in signed_in(app, *DISPATCHER).get("/cases/dispatch").text


def test_a_case_to_be_done_again_stands_there_with_what_was_found(app: Flask, committed: Committed) -> None:
    def give_back(session: Session) -> None:
        cases_standing(session, State.CALLBACK)
        case_id = session.execute(select(Case.id)).scalar_one()
        unhappy = {"solved": "no", "satisfied": "dissatisfied", "pressed": "no", "reason": "还是一样"}
        caller = somebody(session, *CALLER)
        move_case(session.connection(), case_id, State.REDO, caller, unhappy, now=clock.now())

    committed(give_back)
    page = signed_in(app, *DISPATCHER).get("/cases/dispatch").text
    assert "核查结论" in page
    assert "属实" in page


def test_a_directory_line_needs_its_unit(app: Flask, numbers: list[str]) -> None:
    refused = posted(signed_in(app, *SUPERVISOR), "/cases/guidance/directory", about="word", what="停车")
    assert refused.status_code == 422
    assert "请选单位" in refused.text
