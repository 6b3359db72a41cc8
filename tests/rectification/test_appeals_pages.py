"""The pages of an appeal: the rated side's, and the reviewers' desk."""

import io
from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.kernel import clock
from evalsys.rectification.models import AppealFile, Case
from evalsys.worktime import queries as worktime
from tests.builders import a_rating, a_unit, a_window, signed_in
from tests.conftest import Inside
from tests.pages import PageClient
from tests.rectification.desks import form_token, posted
from tests.rectification.test_appeals import PNG

MANAGER, FIRST, SECOND = ("window-manager", "TAX"), ("appeal-reviewer", "GOV"), ("appeal-reviewer", "LAW")
SAID = "同一次服务评了两次"
APPEAL = "/appeals/1"


def last_visible(session: Session) -> datetime:
    """The morning of the latest day whose ratings the rated side may see by today, whatever day it is."""
    day = clock.today() - timedelta(days=1)
    while worktime.working_days_after(session, day, 1) > clock.today():
        day -= timedelta(days=1)
    return clock.at(day, time(9, 30))


@pytest.fixture
def case_no(committed: Inside) -> str:
    """A case that the rated side may appeal against now."""

    def rate(session: Session) -> str:
        for unit in ("GOV", "LAW"):
            a_unit(session, unit, unit)
        window, at = a_window(session), last_visible(session)
        a_rating(session, window, 1, at=at, entry="ticket", evidence="B", tags=("111",))
        return session.execute(select(Case.no)).scalar_one()

    return str(committed(rate))


def filed(client: PageClient, no: str, **said: str) -> TestResponse:
    """The form of an appeal as its page sends it, with one picture."""
    address = f"/cases/{no}/appeal"
    page = client.get(address).text
    rating = page.split('name="rating" value="')[1].split('"')[0] if 'name="rating"' in page else "1"
    sent = {"csrf_token": form_token(client, "/account"), "rating": rating, "evidence": SAID, **said}
    return client.post(address, data={"files": (io.BytesIO(PNG), "叫号记录.png"), **sent})


def test_an_appeal_goes_from_the_case_to_its_result(app: Flask, case_no: str) -> None:
    manager = signed_in(app, *MANAGER)
    assert f'href="/cases/{case_no}/appeal"' in manager.get(f"/cases/{case_no}").text
    assert filed(manager, case_no, ground="repeated").status_code == 303
    assert "待复核" in manager.get(f"/cases/{case_no}/appeal").text
    for reviewer, reason in ((FIRST, "叫号记录对得上"), (SECOND, "两条是同一次")):
        client = signed_in(app, *reviewer)
        assert case_no in client.get("/appeals").text
        page = client.get(APPEAL).text
        assert SAID in page
        assert "叫号记录对得上" not in page
        assert " checked" not in page
        assert posted(client, APPEAL, verdict="uphold", reason=reason).status_code == 303
    result = manager.get(f"/cases/{case_no}/appeal").text
    assert "申诉成立" in result
    assert "退出统计" in result
    assert "叫号记录对得上" in result
    assert "撤销" in manager.get(f"/cases/{case_no}").text
    assert "最近有结果的" in signed_in(app, *FIRST).get("/appeals").text


def test_what_is_missing_is_said_and_the_rest_kept(app: Flask, case_no: str) -> None:
    manager = signed_in(app, *MANAGER)
    refused = filed(manager, case_no, files="")
    assert refused.status_code == 422
    assert "请选申诉理由" in refused.text
    assert "至少一份" in refused.text
    assert SAID in refused.text
    wrong = filed(manager, case_no, ground="not-this-window", staff_no="9999")
    assert wrong.status_code == 422
    assert "没有工号为“9999”的人" in wrong.text
    elsewhere = filed(manager, case_no, ground="repeated", rating="1")
    assert elsewhere.status_code == 422


def test_a_second_appeal_is_refused(app: Flask, case_no: str) -> None:
    manager = signed_in(app, *MANAGER)
    assert filed(manager, case_no, ground="repeated").status_code == 303
    again = filed(manager, case_no, ground="false")
    assert again.status_code == 409
    assert "只能申诉一次" in again.text


def test_the_rated_side_sees_no_words_and_no_time(app: Flask, case_no: str) -> None:
    page = signed_in(app, *MANAGER).get(f"/cases/{case_no}/appeal").text
    assert "上午" in page
    assert "给的样表有错" in page
    assert "09:30" not in page


def test_false_asks_for_a_tick(app: Flask, case_no: str) -> None:
    filed(signed_in(app, *MANAGER), case_no, ground="false")
    client = signed_in(app, *FIRST)
    refused = posted(client, APPEAL, verdict="uphold", reason="没有此事")
    assert refused.status_code == 422
    assert "认定虚假前请核对" in refused.text
    assert "没有此事" in refused.text
    ticked = posted(client, APPEAL, verdict="uphold", reason="没有此事", checked="y")
    assert ticked.status_code == 303


def test_evidence_is_for_reviewers_who_are_not_involved(app: Flask, case_no: str, committed: Inside) -> None:
    filed(signed_in(app, *MANAGER), case_no, ground="repeated")
    sha256 = committed(lambda session: session.execute(select(AppealFile.sha256)).scalar_one())
    address = f"{APPEAL}/files/{sha256}"
    with signed_in(app, *FIRST).get(address) as shown:
        assert shown.status_code == 200
    involved = signed_in(app, "appeal-reviewer", "TAX")
    assert involved.get(address).status_code == 403
    page = involved.get(APPEAL).text
    assert "被评价的是您所在单位" in page
    assert SAID not in page
    assert posted(involved, APPEAL, verdict="uphold", reason="成立").status_code == 403
    assert signed_in(app, *MANAGER).get(address).status_code == 403


def test_another_unit_finds_no_appeal(app: Flask, case_no: str) -> None:
    assert signed_in(app, "window-manager", "GOV").get(f"/cases/{case_no}/appeal").status_code == 404
