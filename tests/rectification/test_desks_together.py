"""One move for several cases: what will happen is said before, and each is a step of its own."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.rectification.models import Case, CaseStep
from evalsys.rectification.rules.states import State
from tests.builders import signed_in
from tests.pages import PageClient
from tests.rectification.desks import DISPATCHER, cases_standing, form_token, posted

Committed = Callable[[Callable[[Session], object]], object]


@pytest.fixture
def numbers(committed: Committed) -> list[str]:
    """Two cases to dispatch, and one that nobody has classed."""
    made = committed(lambda session: cases_standing(session, State.TRIAGED, State.TRIAGED, None))
    assert isinstance(made, list)
    return made


def sent(client: PageClient, numbers: list[str], seen: list[str], **more: str) -> dict[str, object]:
    return {
        "csrf_token": form_token(client, "/account"),
        "to": "DISPATCHED",
        "no": numbers,
        "seen": seen,
        **more,
    }


def state_of(committed: Committed, no: str) -> object:
    return committed(lambda session: session.execute(select(Case.state).where(Case.no == no)).scalar_one())


def test_each_line_says_what_will_happen_and_nothing_does(
    app: Flask, committed: Committed, numbers: list[str]
) -> None:
    client = signed_in(app, *DISPATCHER)
    ticked = "&".join(f"no={no}" for no in numbers)
    assert "2件可办" in client.get(f"/cases/together?{ticked}").text
    more = {"DISPATCHED-owner": "TAX", "DISPATCHED-reason": "窗口归该单位"}
    page = client.post("/cases/together", data=sent(client, numbers, ["2", "2", "1"], **more)).text
    assert "确认办理2件" in page
    assert "现在是“待研判”" in page
    assert [state_of(committed, no) for no in numbers] == ["TRIAGED", "TRIAGED", "NEW"]


def test_what_is_confirmed_is_done_one_step_each(
    app: Flask, committed: Committed, numbers: list[str]
) -> None:
    client = signed_in(app, *DISPATCHER)
    more = {"DISPATCHED-owner": "TAX", "DISPATCHED-reason": "窗口归该单位", "confirm": "1"}
    done = client.post("/cases/together", data=sent(client, numbers, ["2", "2", "1"], **more))
    assert done.status_code == 303
    assert [state_of(committed, no) for no in numbers] == ["DISPATCHED", "DISPATCHED", "NEW"]
    steps = select(func.count()).select_from(CaseStep).where(CaseStep.to_state == "DISPATCHED")
    assert committed(lambda session: session.execute(steps).scalar_one()) == 2
    assert numbers[2] in client.get("/cases?mine=0").text


def test_a_case_that_moved_meanwhile_is_left_out_and_named(
    app: Flask, committed: Committed, numbers: list[str]
) -> None:
    client = signed_in(app, *DISPATCHER)
    posted(client, f"/cases/{numbers[0]}/notes", note="先问问")
    more = {"DISPATCHED-owner": "TAX", "DISPATCHED-reason": "窗口归该单位", "confirm": "1"}
    client.post("/cases/together", data=sent(client, numbers[:2], ["2", "2"], **more))
    assert [state_of(committed, no) for no in numbers[:2]] == ["TRIAGED", "DISPATCHED"]
    assert "已有人办过一步" in client.get("/cases?mine=0").text


def test_what_is_missing_is_said_beside_its_field(app: Flask, numbers: list[str]) -> None:
    client = signed_in(app, *DISPATCHER)
    refused = client.post("/cases/together", data=sent(client, numbers[:2], ["2", "2"]))
    assert refused.status_code == 422
    assert "请填写“承办单位”" in refused.text


def test_judgements_are_not_made_together(app: Flask, committed: Committed) -> None:
    made = committed(lambda session: cases_standing(session, State.ACCEPTANCE, State.ACCEPTANCE))
    assert isinstance(made, list)
    page = signed_in(app, "supervisor", "GOV").get("/cases/together?" + "&".join(f"no={no}" for no in made))
    assert "没有可以一起办的" in page.text
