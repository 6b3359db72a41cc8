"""A refusal at a window makes a draft; the desk makes a report of it, or drops it with a reason."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from evalsys.desk.models import NotDoneReport, RefusalDraft
from evalsys.kernel.models import JournalEntry
from evalsys.rectification.models import Case
from tests.builders import a_unit, a_window, an_item, signed_in
from tests.conftest import Inside
from tests.evaluation.counters import paired
from tests.pages import PageClient
from tests.rectification.desks import posted
from tests.rectification.people import MONDAY

NOTED = {"window": "C-24", "words": "要的证明系统里查不到", "item": "", "key": "a-key-of-the-console"}
REFUSAL = "/console/prompt/refusal"


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture(autouse=True)
def item(committed: Inside) -> str:
    found: list[int] = []

    def make(session: Session) -> None:
        found.append(an_item(session, a_window(session)))
        a_unit(session, "GOV", "督查科")

    committed(make)
    return str(found[0])


@pytest.fixture
def helper(app: Flask) -> PageClient:
    return signed_in(app, "helper", "GOV")


def rows(committed: Inside, statement: Select[Any]) -> list[tuple[Any, ...]]:
    """What a statement finds, in a transaction of its own: the pages' requests are none of the test's."""
    found = committed(lambda session: [tuple(row) for row in session.execute(statement)])
    assert isinstance(found, list)
    return found


def a_draft(app: Flask, committed: Inside, **other: str) -> str:
    """Note a refusal as a clerk does; the address of its draft at the desk."""
    clerk = signed_in(app, "clerk", "TAX")
    answer = posted(clerk, REFUSAL, **(NOTED | other))
    assert answer.status_code == 200, answer.text
    latest = select(RefusalDraft.id).order_by(RefusalDraft.id.desc()).limit(1)
    return f"/desk/C/drafts/{committed(lambda session: session.execute(latest).scalar_one())}"


def test_a_clerk_notes_what_was_not_done_and_the_desk_sees_it(
    app: Flask, committed: Inside, helper: PageClient, item: str
) -> None:
    clerk = signed_in(app, "clerk", "TAX")
    assert REFUSAL in clerk.get("/console/prompt?window=C-24").text
    assert "开具完税证明" in clerk.get(f"{REFUSAL}?window=C-24").text
    where = a_draft(app, committed, item=item)
    assert where in helper.get("/desk/C/waiting").text
    page = helper.get(where).text
    assert "要的证明系统里查不到" in page
    assert "开具完税证明" in page
    assert rows(committed, select(Case.id)) == []


def test_a_paired_console_notes_it_in_nobody_s_name(app: Flask, committed: Inside) -> None:
    console = paired(app, "console").client
    assert REFUSAL in console.get("/console/prompt").text
    for _ in range(2):
        assert "<h1>已记下</h1>" in console.post(REFUSAL, data=NOTED).text
    assert rows(committed, select(RefusalDraft.noted_by)) == [(None,)], "a double tap is one draft"


def test_without_words_nothing_is_noted(app: Flask, committed: Inside) -> None:
    clerk = signed_in(app, "clerk", "TAX")
    assert posted(clerk, REFUSAL, **(NOTED | {"words": " "})).status_code == 422
    long = posted(clerk, REFUSAL, **(NOTED | {"words": "长" * 201}))
    assert (long.status_code, "现在201个" in long.text, "长长" in long.text) == (422, True, True)
    assert clerk.post(REFUSAL, data=NOTED).status_code == 422, "a page of somebody signed in has a token"
    assert posted(clerk, REFUSAL, **(NOTED | {"window": "C-99"})).status_code == 404
    assert rows(committed, select(RefusalDraft.id)) == []


def test_the_desk_makes_a_report_of_a_draft(app: Flask, committed: Inside, helper: PageClient) -> None:
    where = a_draft(app, committed)
    window = re.search(r'<option selected value="(\d+)"', helper.get(where).text)
    assert window is not None, "the window is filled in"
    sent = {"type": "no", "text": NOTED["words"], "window": window[1], "key": "a-key-of-the-desk-page"}
    assert posted(helper, where, **(sent | {"type": ""})).status_code == 422
    assert posted(helper, where, **sent).status_code == 303
    given = re.search(r"请把查询号给本人[::]([-\w]+)", helper.get("/desk/C/waiting").text)
    assert given is not None
    assert helper.get(where).status_code == 404
    # The answer was lost on its way and the form is sent again: the receipt is given again.
    assert posted(helper, where, **sent).status_code == 303
    assert given[0] in helper.get("/desk/C/waiting").text
    assert posted(helper, where, **(sent | {"key": "a-key-of-another-page"})).status_code == 409
    case = select(Case.kind, Case.state, Case.window_id)
    assert rows(committed, case) == [("not-done", "NEW", int(window[1]))]
    settled = (
        select(RefusalDraft.dropped_because, NotDoneReport.text)
        .join(NotDoneReport, NotDoneReport.case_id == RefusalDraft.case_id)
        .join(Case, Case.id == NotDoneReport.case_id)
    )
    assert rows(committed, settled) == [(None, NOTED["words"])]


def test_a_draft_is_dropped_for_a_reason_only(app: Flask, committed: Inside, helper: PageClient) -> None:
    where = a_draft(app, committed)
    assert posted(helper, f"{where}/drop", reason=" ").status_code == 422
    assert posted(helper, f"{where}/drop", reason="x" * 201).status_code == 422
    assert posted(helper, f"{where}/drop", reason="13812341234说当场补齐材料办好了").status_code == 303
    assert where not in helper.get("/desk/C/waiting").text
    assert posted(helper, f"{where}/drop", reason="再来一次").status_code == 404
    outcome = select(RefusalDraft.dropped_because, RefusalDraft.case_id)
    assert rows(committed, outcome) == [("[已隐去]说当场补齐材料办好了", None)]
    journalled = select(JournalEntry.reason).where(JournalEntry.verb == "drop-refusal")
    assert rows(committed, journalled) == [("[已隐去]说当场补齐材料办好了",)]
    assert rows(committed, select(Case.id)) == []


def test_nobody_drops_what_their_own_unit_refused(app: Flask, committed: Inside) -> None:
    where = a_draft(app, committed)
    answer = posted(signed_in(app, "helper", "TAX"), f"{where}/drop", reason="当场补齐材料办好了")
    assert (answer.status_code, "请交给其他单位的同事" in answer.text) == (403, True)
    assert rows(committed, select(RefusalDraft.settled_at)) == [(None,)]
    assert rows(committed, select(JournalEntry.id).where(JournalEntry.verb == "drop-refusal")) == []


def test_drafts_are_the_desk_s_and_not_the_rated_side_s(app: Flask, committed: Inside) -> None:
    where = a_draft(app, committed)
    assert signed_in(app, "clerk", "TAX").get(where).status_code == 403
    assert signed_in(app, "owner", "TAX").get(where).status_code == 403
