"""By a receipt whoever left something sees all of it, takes it along, and takes it back."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from evalsys.assurance.queries import seal_checks
from evalsys.desk.models import NotDoneReport
from evalsys.evaluation.models import RatingText
from evalsys.kernel import clock
from evalsys.kernel.database import transaction
from evalsys.kernel.models import JournalEntry
from evalsys.rectification.models import Case, CaseMessage, Contact
from evalsys.scoring.queries.checks import differences
from tests.assurance.sealed_sites import sealed_all
from tests.privacy.leavings import NAMES, PHONES, SAYS, Left, a_citizen, end_all_cases, leave_everything
from tests.rectification.people import MONDAY

# What is of one engine's making is tested on both; the pages are the same.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def left(app: Flask) -> Left:
    return leave_everything(app)


def faults_of_seals() -> list[str]:
    with transaction() as session:
        assert differences(session).differences == 0
        return [str(fault) for fault in seal_checks.faults(session, None, lambda days: days)]


@ON_SQLITE
def test_everything_left_is_shown_and_given_out(app: Flask, left: Left) -> None:
    client = a_citizen(app)
    receipt = client.get(f"/receipt/{left.rating}").text
    assert f"/receipt/{left.rating}/mine" in receipt
    page = client.get(f"/receipt/{left.rating}/mine").text
    for shown in ("非常不满意", SAYS, f"也可以打{PHONES[2]}", "欧** 139****4321", "还没办成"):
        assert shown in page
    answer = client.get(f"/receipt/{left.rating}/mine.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    held = json.loads(answer.text)
    assert [row["level"] for row in held["ratings"]] == [1]
    assert held["case"]["contact"]["masked"] == "欧** 139****4321"
    assert held["device_mark_until_48_hours_after"]
    # Whoever holds a receipt need not be who left the number; salts and hashes are nobody's words.
    for hidden in (PHONES[1], NAMES[0], "salt", "hash", "staff"):
        assert hidden not in answer.text
    assert client.get("/receipt/AAAA-AAAA-AAAA/mine").status_code == 404
    assert client.get("/receipt/AAAA-AAAA-AAAA/mine.json").status_code == 404
    assert client.post("/receipt/AAAA-AAAA-AAAA/erasure").status_code == 404


def test_what_is_taken_back_is_gone_and_the_rating_stays_counted_and_sealed(app: Flask, left: Left) -> None:
    client = a_citizen(app)
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False), app.app_context():
        with transaction() as session:
            sealed_all(session, clock.now())
            assert session.execute(select(Contact.sealed).where(Contact.root.is_not(None))).scalar_one()
        assert "这件还在办" in client.get(f"/receipt/{left.rating}/erasure").text
        done = client.post(f"/receipt/{left.rating}/erasure", follow_redirects=True).text
        assert "已删除。评价照样计入。" in done
        assert "已隐去" in done
        for gone in (*PHONES[:3], "欧**", SAYS):
            assert gone not in done
        with transaction() as session:
            assert session.execute(select(RatingText.text)).scalars().all() == ["已隐去"]
            kept = session.execute(select(Contact.sealed, Contact.masked).where(Contact.root.is_not(None)))
            assert kept.one() == (None, "")
            assert session.execute(select(CaseMessage.text)).scalars().all() == ["已隐去"]
            # Of somebody else's contacts nothing went.
            assert len(session.execute(select(Contact.id).where(Contact.sealed.is_not(None))).all()) == 2
        assert faults_of_seals() == []
    # What was taken back is sealed as well, on the day it was.
    with time_machine.travel(MONDAY + timedelta(days=2), tick=False), app.app_context():
        with transaction() as session:
            sealed_all(session, clock.now())
        assert faults_of_seals() == []


@ON_SQLITE
def test_taking_back_twice_changes_nothing_more_and_names_nobody(app: Flask, left: Left) -> None:
    client = a_citizen(app)
    for _again in range(2):
        assert client.post(f"/receipt/{left.rating}/erasure").status_code == 303
    assert "没有可以删除的" in client.get(f"/receipt/{left.rating}/erasure").text
    with app.app_context(), transaction() as session:
        entries = session.execute(select(JournalEntry).where(JournalEntry.verb == "erase")).scalars().all()
        assert [(entry.object, entry.reason) for entry in entries] == [("by receipt of a rating", None)]
        assert left.rating not in entries[0].details


@ON_SQLITE
def test_an_open_case_goes_on_without_the_person(app: Flask, left: Left) -> None:
    client = a_citizen(app)
    client.post(f"/receipt/{left.rating}/erasure")
    page = client.get(f"/receipt/{left.rating}").text
    assert "处理情况" in page
    assert SAYS not in page
    assert "已隐去" not in page
    with app.app_context(), transaction() as session:
        ended = select(Case.closed_at).where(Case.kind != "pattern", Case.closed_at.is_not(None))
        assert session.execute(ended).all() == []


def test_a_report_is_taken_back_by_its_own_receipt(app: Flask, left: Left) -> None:
    client = a_citizen(app)
    assert f"/receipt/{left.report}/mine" in client.get(f"/desk/report/{left.report}").text.replace("-", "")
    page = client.get(f"/receipt/{left.report}/mine").text
    assert f"{PHONES[3]}打不通" in page
    assert "慕** 136****6789" in page
    assert "这件还在办" in client.get(f"/receipt/{left.report}/erasure").text
    done = client.post(f"/receipt/{left.report}/erasure", follow_redirects=True).text
    assert "已删除。这件照样办理。" in done
    assert PHONES[3] not in done
    with app.app_context(), transaction() as session:
        assert session.execute(select(NotDoneReport.text, NotDoneReport.matter)).one() == ("已隐去", "")
        assert session.execute(select(Case.is_reachable).where(Case.kind == "not-done")).scalar_one() is False
        # The rater's words stand: it was another receipt.
        assert session.execute(select(RatingText.text)).scalar_one() == SAYS


@ON_SQLITE
def test_what_ended_long_ago_can_still_be_taken_back(app: Flask, left: Left) -> None:
    end_all_cases(app, MONDAY)
    with time_machine.travel(MONDAY + timedelta(days=60), tick=False):
        client = a_citizen(app)
        assert "这件还在办" not in client.get(f"/receipt/{left.rating}/erasure").text
        client.post(f"/receipt/{left.rating}/erasure")
        with app.app_context(), transaction() as session:
            assert session.execute(select(RatingText.text)).scalar_one() == "已隐去"


@ON_SQLITE
def test_the_pages_are_the_same_in_english_and_in_large_letters(app: Flask, left: Left) -> None:
    client = a_citizen(app)
    for page in ("mine", "erasure"):
        answer = client.get(f"/receipt/{left.rating}/{page}?lang=en&size=large").text
        assert 'lang="en" class="large"' in answer
        assert "size=large" in answer.partition("<main")[2].partition("</main>")[0]
    assert "Set-Cookie" not in client.get("/privacy?lang=en").headers
