"""The desks' pages."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel import clock
from evalsys.rectification.models import Case
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_unit, a_window, signed_in
from tests.rectification.desks import (
    CALLER,
    DISPATCHER,
    HANDED_IN,
    HEAD,
    OWNER,
    SUPERVISOR,
    Sent,
    cases_standing,
    moved,
    posted,
    sent_from,
)

Committed = Callable[[Callable[[Session], object]], object]


def test_a_bad_rating_waits_for_the_supervisor(app: Flask, committed: Committed) -> None:
    def rate(session: Session) -> None:
        a_unit(session, "GOV", "督查科")
        a_rating(session, a_window(session), 1, entry="ticket", evidence="B")

    committed(rate)
    page = signed_in(app, "supervisor", "GOV").get("/cases")
    assert page.status_code == 200
    assert "-0001" in page.text
    assert "待研判" in page.text
    assert "现在没有等您办的单子" in signed_in(app, "callback-officer", "GOV").get("/cases").text


@pytest.fixture
def case_no(app: Flask, committed: Committed) -> str:
    """A case of a bad rating that came from a service."""

    def rate(session: Session) -> str:
        a_unit(session, "GOV", "督查科")
        a_rating(session, a_window(session), 1, entry="ticket", evidence="B")
        return session.execute(select(Case.no)).scalar_one()

    return str(committed(rate))


def test_a_case_goes_round_by_its_pages(app: Flask, case_no: str) -> None:
    owner, head, supervisor = ("owner", "TAX"), ("head", "TAX"), ("supervisor", "GOV")
    way: list[tuple[tuple[str, str], str, Sent]] = [
        (supervisor, "TRIAGED", {"class": "at-once"}),
        (("dispatcher", "GOV"), "DISPATCHED", {"owner": "TAX", "reason": "窗口归该单位"}),
        (owner, "ACCEPTED", {}),
        (
            owner,
            "CONTACTED",
            {
                "how": "phone",
                "when": f"{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%dT%H:%M}",
                "summary": "已致歉",
            },
        ),
        (owner, "RECTIFYING", {}),
        (
            owner,
            "SUBMITTED",
            {"finding": "true", "cause": "process", "measures": "已改流程", "reply": "已经改好"},
        ),
        (head, "ACCEPTANCE", {}),
        (supervisor, "CALLBACK", {"true": "yes", "reasonable": "yes", "complete": "yes"}),
        (
            ("callback-officer", "GOV"),
            "CLOSED",
            {"reached": "yes", "solved": "yes", "satisfied": "satisfied", "pressed": "no"},
        ),
    ]
    for who, target, sent in way:
        answer = moved(app, who, case_no, target, sent)
        assert answer.status_code == 303, answer.text
    assert "办结" in signed_in(app, "supervisor", "GOV").get(f"/cases/{case_no}").text


def test_what_is_missing_is_said_beside_the_field_and_the_rest_is_kept(app: Flask, case_no: str) -> None:
    moved(app, ("supervisor", "GOV"), case_no, "TRIAGED", {"class": "at-once"})
    refused = moved(app, ("dispatcher", "GOV"), case_no, "DISPATCHED", {"reason": "窗口归该单位"})
    assert refused.status_code == 422
    assert "请填写“承办单位”" in refused.text
    assert "窗口归该单位" in refused.text


def test_only_open_moves_are_offered(app: Flask, case_no: str) -> None:
    page = signed_in(app, "dispatcher", "GOV").get(f"/cases/{case_no}").text
    assert "TRIAGED-version" not in page


def standing(app: Flask, committed: Committed, *states: State | None) -> list[str]:
    """The numbers of cases walked to some states."""
    made = committed(lambda session: cases_standing(session, *states))
    assert isinstance(made, list)
    return made


def test_a_queue_says_what_is_left_and_what_it_is_about(app: Flask, committed: Committed) -> None:
    standing(app, committed, State.TRIAGED)
    page = signed_in(app, *DISPATCHER).get("/cases").text
    assert "已超期" in page
    assert "▲" in page
    assert "开具完税证明" in page
    assert "24号窗口" in page


def test_filters_stay_until_they_are_changed(app: Flask, committed: Committed) -> None:
    standing(app, committed, State.TRIAGED)
    client = signed_in(app, *DISPATCHER)
    assert "现在没有等您办的单子" in client.get("/cases?mine=1&kind=order").text
    assert client.get("/cases").headers["Location"].endswith("/cases?kind=order&mine=1")
    assert "-0001" in client.get("/cases?mine=1&kind=").text


def test_the_list_of_all_holds_what_is_closed(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, State.CLOSED)
    client = signed_in(app, *SUPERVISOR)
    assert no not in client.get("/cases?mine=0").text
    assert no in client.get("/cases/all?state=CLOSED").text


def test_a_return_is_asked_for_and_decided(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, State.TRIAGED)
    moved(app, DISPATCHER, no, "DISPATCHED", {"owner": "TAX", "reason": "窗口归该单位"})
    moved(app, OWNER, no, "RETURN_REQUESTED", {"reason": "不归我们", "right_owner": "CALL"})
    assert "上一承办单位退单时认为应由该单位办" in signed_in(app, *DISPATCHER).get(f"/cases/{no}").text
    again = moved(app, DISPATCHER, no, "DISPATCHED", {"owner": "CALL", "reason": "按职责"})
    assert again.status_code == 303
    moved(app, ("owner", "CALL"), no, "RETURN_REQUESTED", {"reason": "也不归我们", "right_owner": "TAX"})
    # Two units refuse: the dispatcher has done their part, the supervisor rules.
    assert "DISPATCHED-version" not in signed_in(app, *DISPATCHER).get(f"/cases/{no}").text
    assert no not in signed_in(app, *DISPATCHER).get("/cases?mine=1").text
    assert "待裁定" in signed_in(app, *SUPERVISOR).get("/cases?mine=1").text
    assert "裁定:" in signed_in(app, *SUPERVISOR).get(f"/cases/{no}").text
    assert moved(app, SUPERVISOR, no, "ACCEPTED", {"reason": "由该单位办"}).status_code == 303


def test_an_extension_is_asked_for_and_granted(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, None)
    moved(app, SUPERVISOR, no, "TRIAGED", {"class": "within-term"})
    moved(app, DISPATCHER, no, "DISPATCHED", {"owner": "TAX", "reason": "窗口归该单位"})
    way: list[tuple[str, Sent]] = [
        ("ACCEPTED", {}),
        (
            "CONTACTED",
            {
                "how": "phone",
                "when": f"{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%dT%H:%M}",
                "summary": "已致歉",
            },
        ),
        ("RECTIFYING", {}),
    ]
    for target, sent in way:
        assert moved(app, OWNER, no, target, sent).status_code == 303
    asked = moved(app, OWNER, no, "EXTENSION_REQUESTED", {"days": "30", "reason": "要改系统"})
    assert asked.status_code == 422
    assert "要改系统" in asked.text
    asked = moved(app, OWNER, no, "EXTENSION_REQUESTED", {"days": "5", "reason": "要改系统"})
    assert asked.status_code == 303
    granted = moved(app, SUPERVISOR, no, "RECTIFYING", {"granted": "yes", "reason": "情况属实"})
    assert granted.status_code == 303
    page = signed_in(app, *OWNER).get(f"/cases/{no}").text
    assert "已延期5个工作日" in page
    assert "EXTENSION_REQUESTED-version" not in page
    assert "只能申请延期一次" in page


def test_two_people_at_once_are_told_who_was_first(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, State.TRIAGED)
    moved(app, DISPATCHER, no, "DISPATCHED", {"owner": "TAX", "reason": "窗口归该单位"})
    owner = signed_in(app, *OWNER)
    page = owner.get(f"/cases/{no}").text
    version = re.search(r'name="RETURN_REQUESTED-version"[^>]*value="(\d+)"', page)
    assert version is not None
    posted(owner, f"/cases/{no}/notes", note="先看一下")
    sent = {"reason": "不归我们", "right_owner": "GOV"}
    refused = sent_from(owner, no, "RETURN_REQUESTED", version[1], sent)
    assert refused.status_code == 409
    assert "已有人办过一步" in refused.text
    assert "税务局" in refused.text
    assert "不归我们" in refused.text


def test_ones_own_step_is_taken_back(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, None)
    moved(app, SUPERVISOR, no, "TRIAGED", {"class": "explain"})
    client = signed_in(app, *SUPERVISOR)
    assert "撤回" in client.get(f"/cases/{no}").text
    assert "还有" not in signed_in(app, *DISPATCHER).get(f"/cases/{no}").text.split("可以撤回")[0][-30:]
    assert posted(client, f"/cases/{no}/undo").status_code == 303
    assert "待研判" in client.get(f"/cases/{no}").text


def test_the_head_sees_what_the_reply_may_lack(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, State.RECTIFYING)
    moved(app, OWNER, no, "SUBMITTED", dict(HANDED_IN) | {"reply": "请打13812345678找王经理"})
    page = signed_in(app, *HEAD).get(f"/cases/{no}").text
    assert "答复里的电话、证件号或邮箱已隐去" in page
    assert "没有证明材料" in page
    assert " checked" not in page
    assert "完整性提示" not in signed_in(app, *OWNER).get(f"/cases/{no}").text


def test_the_call_back_has_its_script_and_nothing_is_chosen(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, State.CALLBACK)
    page = signed_in(app, *CALLER).get(f"/cases/{no}").text
    assert "有没有人找过您" in page
    assert " checked" not in page
    assert moved(app, CALLER, no, "CLOSED", {"reached": "yes"}).status_code == 422


def test_tries_notes_helpers_and_links_are_kept_in_the_story(app: Flask, committed: Committed) -> None:
    one, other = standing(app, committed, State.ACCEPTED, State.ACCEPTED)
    owner = signed_in(app, *OWNER)
    assert posted(owner, f"/cases/{one}/tries", how="phone", outcome="无人接听").status_code == 303
    assert posted(owner, f"/cases/{one}/tries", outcome="无人接听").status_code == 422
    posted(owner, f"/cases/{one}/notes", note="等群众回电")
    posted(owner, f"/cases/{one}/assistants", unit="CALL", reason="帮忙打电话")
    posted(owner, f"/cases/{one}/same", same_as=other)
    page = owner.get(f"/cases/{one}").text
    for words in ("无人接听", "等群众回电", "帮忙打电话", "回访中心", f"与{other}反映同一件事"):
        assert words in page


def test_a_template_begins_a_reply_and_sends_nothing(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, State.RECTIFYING)
    supervisor = signed_in(app, *SUPERVISOR)
    posted(supervisor, "/cases/guidance/templates", name="致歉", text="您好,向您致歉")
    owner = signed_in(app, *OWNER)
    page = owner.get(f"/cases/{no}").text
    address = re.search(r'href="(\?to=SUBMITTED&amp;reply=\d+)"', page)
    assert address is not None
    filled = owner.get(f"/cases/{no}{address[1].replace('&amp;', '&')}").text
    assert "您好,向您致歉</textarea>" in filled
    assert "整改中" in owner.get(f"/cases/{no}").text


def test_what_the_case_itself_forbids_is_not_offered_and_says_why(app: Flask, committed: Committed) -> None:
    (no,) = standing(app, committed, State.TRIAGED)
    page = signed_in(app, *SUPERVISOR).get(f"/cases/{no}").text
    assert "DISPATCHED-version" in page
    assert "CLOSED-version" not in page
    assert "只有“无法核实”的可以直接办结" in page
