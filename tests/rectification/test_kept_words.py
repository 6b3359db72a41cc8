"""What somebody wrote is given back when a step is refused, and can be sent again."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.kernel.models import JournalEntry
from evalsys.rectification.rules.states import State
from tests.builders import signed_in
from tests.rectification.desks import (
    DISPATCHER,
    HANDED_IN,
    OWNER,
    cases_standing,
    form_token,
    moved,
    posted,
    sent_from,
)

Committed = Callable[[Callable[[Session], object]], object]

TO_TAX = {"owner": "TAX", "reason": "窗口归该单位"}


def standing(committed: Committed, *states: State | None) -> list[str]:
    made = committed(lambda session: cases_standing(session, *states))
    assert isinstance(made, list)
    return made


def version_on(page: str, target: str) -> str:
    found = re.search(rf'name="{target}-version"[^>]*value="(\w+)"', page)
    assert found is not None
    return found[1]


def on_the_desk(token: str, version: str, reason: str = "窗口归该单位") -> dict[str, str]:
    return {
        "DISPATCHED-version": version,
        "DISPATCHED-csrf_token": token,
        "DISPATCHED-owner": "TAX",
        "DISPATCHED-reason": reason,
    }


def readings(committed: Committed) -> object:
    marks = select(func.count()).select_from(JournalEntry).where(JournalEntry.verb == "read-ratings")
    return committed(lambda session: session.execute(marks).scalar_one())


def test_after_a_change_the_form_can_be_sent_again(app: Flask, committed: Committed) -> None:
    (no,) = standing(committed, State.TRIAGED)
    client = signed_in(app, *DISPATCHER)
    version = version_on(client.get(f"/cases/{no}").text, "DISPATCHED")
    posted(client, f"/cases/{no}/notes", note="先问问")
    refused = sent_from(client, no, "DISPATCHED", version, TO_TAX)
    assert refused.status_code == 409
    again = sent_from(client, no, "DISPATCHED", version_on(refused.text, "DISPATCHED"), TO_TAX)
    assert again.status_code == 303


def test_after_a_change_the_desk_can_send_again(app: Flask, committed: Committed) -> None:
    (no,) = standing(committed, State.TRIAGED)
    client = signed_in(app, *DISPATCHER)
    token, page = form_token(client, "/account"), client.get(f"/cases/dispatch?no={no}").text
    posted(client, f"/cases/{no}/notes", note="先问问")
    address = f"/cases/dispatch/{no}/DISPATCHED"
    refused = client.post(address, data=on_the_desk(token, version_on(page, "DISPATCHED")))
    assert refused.status_code == 409
    again = client.post(address, data=on_the_desk(token, version_on(refused.text, "DISPATCHED")))
    assert again.status_code == 303


@pytest.mark.parametrize("place", ["page", "desk"])
def test_a_step_that_is_not_open_any_more_gives_the_words_back(
    app: Flask, committed: Committed, place: str
) -> None:
    (no,) = standing(committed, State.TRIAGED)
    client = signed_in(app, *DISPATCHER)
    version = version_on(client.get(f"/cases/{no}").text, "DISPATCHED")
    moved(app, DISPATCHER, no, "DISPATCHED", TO_TAX)
    if place == "page":
        refused = sent_from(client, no, "DISPATCHED", version, {"owner": "CALL", "reason": "我看该归回访"})
    else:
        sent = on_the_desk(form_token(client, "/account"), version, "我看该归回访") | {
            "DISPATCHED-owner": "CALL"
        }
        refused = client.post(f"/cases/dispatch/{no}/DISPATCHED", data=sent)
    assert refused.status_code == 409
    assert "这一步已经不能办" in refused.text
    assert "我看该归回访" in refused.text
    assert "回访中心" in refused.text


@pytest.mark.parametrize("version", ["x", "", "9" * 5000])
def test_a_version_that_is_none_is_refused_with_a_sentence(
    app: Flask, committed: Committed, version: str
) -> None:
    (no,) = standing(committed, State.TRIAGED)
    client = signed_in(app, *DISPATCHER)
    refused = sent_from(client, no, "DISPATCHED", version, TO_TAX)
    assert refused.status_code == 422
    assert "这一页不完整" in refused.text
    assert "窗口归该单位" in refused.text
    sent = on_the_desk(form_token(client, "/account"), version, "按职责归该单位")
    refused = client.post(f"/cases/dispatch/{no}/DISPATCHED", data=sent)
    assert refused.status_code == 422
    assert "按职责归该单位" in refused.text


def test_a_file_that_is_not_taken_keeps_the_input(app: Flask, committed: Committed) -> None:
    (no,) = standing(committed, State.RECTIFYING)
    client = signed_in(app, *OWNER)
    version = version_on(client.get(f"/cases/{no}").text, "SUBMITTED")
    token = form_token(client, "/account")
    sent: dict[str, object] = {f"SUBMITTED-{name}": said for name, said in HANDED_IN.items()}
    sent |= {"SUBMITTED-version": version, "SUBMITTED-csrf_token": token, "csrf_token": token}
    sent["SUBMITTED-files"] = (io.BytesIO(b"MZ"), "a.exe")
    refused = client.post(f"/cases/{no}/steps/SUBMITTED", data=sent)
    assert refused.status_code == 422
    assert "这个文件打不开" in refused.text
    assert "已改流程" in refused.text


def test_a_refused_page_with_the_raters_words_leaves_its_mark(app: Flask, committed: Committed) -> None:
    (no,) = standing(committed, State.TRIAGED)
    client = signed_in(app, *DISPATCHER)
    version = version_on(client.get(f"/cases/{no}").text, "DISPATCHED")
    before = readings(committed)
    assert isinstance(before, int)
    assert sent_from(client, no, "DISPATCHED", version, {}).status_code == 422
    assert readings(committed) == before + 1
    sent = on_the_desk(form_token(client, "/account"), "1")
    assert client.post(f"/cases/dispatch/{no}/DISPATCHED", data=sent).status_code == 409
    assert readings(committed) == before + 2


def test_a_note_that_is_refused_stands_in_its_form_again(app: Flask, committed: Committed) -> None:
    (no,) = standing(committed, State.ACCEPTED)
    owner = signed_in(app, *OWNER)
    refused = posted(owner, f"/cases/{no}/tries", outcome="响了六声没人接")
    assert refused.status_code == 422
    assert 'value="响了六声没人接"' in refused.text
    assert "请选怎样联系的" in refused.text
    long = posted(owner, f"/cases/{no}/notes", note="长" * 501)
    assert long.status_code == 422
    assert f"{'长' * 501}</textarea>" in long.text
    helped = posted(owner, f"/cases/{no}/assistants", reason="帮忙找档案")
    assert helped.status_code == 422
    assert 'value="帮忙找档案"' in helped.text
    linked = posted(owner, f"/cases/{no}/same", same_as="没有这一件")
    assert linked.status_code >= 400
    assert 'value="没有这一件"' in linked.text


def test_a_step_together_that_no_case_can_make_goes_back_to_the_choice(
    app: Flask, committed: Committed
) -> None:
    (no,) = standing(committed, State.TRIAGED)
    client = signed_in(app, *DISPATCHER)
    moved(app, DISPATCHER, no, "DISPATCHED", TO_TAX)
    sent = {"DISPATCHED-owner": "CALL", "DISPATCHED-reason": "一起派的理由"}
    refused = posted(client, "/cases/together", to="DISPATCHED", no=[no], seen=["2"], **sent)
    assert refused.status_code == 409
    assert "现在都不能办这一步" in refused.text
    assert "一起派的理由" in refused.text
