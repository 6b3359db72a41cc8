"""办不成事: somebody reports, the desk gives a term, the receipt shows how it goes."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.desk.models import NotDoneReport, ReportMark
from evalsys.desk.rules.reports import MOST_OF_A_DEVICE, MOST_OF_A_HALL, TooManyReports, check_came
from evalsys.kernel.database import transaction
from evalsys.organisation.models import Hall
from evalsys.rectification.models import Case, CaseStep, Contact
from evalsys.rectification.rules.states import State
from tests.builders import a_unit, a_window, signed_in
from tests.conftest import Inside
from tests.pages import PageClient
from tests.rectification.desks import posted
from tests.rectification.people import MONDAY, present, walk

KEY = "a-key-of-the-page-"
SENT = {"type": "refused", "text": "材料齐了还是不收", "window": "", "key": KEY}


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture(autouse=True)
def hall(committed: Inside) -> None:
    def make(session: Session) -> None:
        a_window(session)
        a_window(session, "8", kind="办不成事")
        a_unit(session, "GOV", "督查科")
        a_unit(session, "CALL", "回访中心")

    committed(make)


def report(client: PageClient, **other: str) -> str:
    """Send a report; the address of its receipt."""
    answer = client.post("/desk/C", data=SENT | other)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_the_page_says_where_the_desk_stands_and_whether_it_is_open(client: PageClient) -> None:
    page = client.get("/desk/C").text
    assert "窗口:8号" in page
    assert "现在开着" in page
    assert "checked" not in page
    with time_machine.travel(MONDAY + timedelta(hours=10), tick=False):
        assert "现在没有开" in client.get("/desk/C").text
    assert client.get("/desk/ZZ").status_code == 404


def test_a_report_opens_a_case_and_gives_a_receipt(client: PageClient, session: Session) -> None:
    where = report(client, phone="13800001234")
    case = session.execute(select(Case)).scalar_one()
    assert (case.kind, case.state, case.is_reachable) == ("not-done", "NEW", True)
    page = client.get(where).text
    assert re.search(r"<b>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}</b>", page)
    assert case.no in page
    assert session.execute(select(Contact.masked)).scalar_one() == "138****1234"
    kept = session.execute(select(NotDoneReport)).scalar_one()
    assert kept.receipt_hash not in where


def test_the_code_of_a_report_is_typed_where_all_receipts_are(client: PageClient) -> None:
    where = report(client)
    code = where.partition("/desk/report/")[2].partition("?")[0]
    found = client.post("/receipt?lang=en", data={"receipt": f" {code[:4].lower()}-{code[4:8]} {code[8:]}"})
    assert found.status_code == 303
    assert found.headers["Location"] == f"/desk/report/{code}?lang=en"
    assert client.get(found.headers["Location"]).status_code == 200
    assert client.post("/receipt", data={"receipt": "7K3M-9QXD-4TWZ"}).status_code == 422


def test_a_double_tap_is_one_report(client: PageClient, session: Session) -> None:
    assert report(client) == report(client)
    assert len(session.scalars(select(Case.id)).all()) == 1
    report(client, key=KEY + "another")
    session.expire_all()
    assert len(session.scalars(select(Case.id)).all()) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": ""},
        {"type": "x"},
        {"text": " "},
        {"text": "字" * 501},
        {"phone": "1"},
        {"window": "999"},
        {"key": ""},
    ],
)
def test_a_faulty_report_is_not_saved(client: PageClient, session: Session, wrong: dict[str, str]) -> None:
    assert client.post("/desk/C", data=SENT | wrong).status_code == 422
    assert session.scalars(select(Case.id)).all() == []


def sent_by(client: PageClient, machine: str, n: int) -> int:
    """Send the n-th report from a machine; the answer's status."""
    form = SENT | {"key": f"{KEY}{machine}-{n}"}
    return client.post("/desk/C", data=form, headers={"User-Agent": machine}).status_code


def test_a_device_that_reports_too_much_waits_ten_minutes(client: PageClient, session: Session) -> None:
    assert [sent_by(client, "one", n) for n in range(6)] == [303] * 5 + [429]
    assert sent_by(client, "one", 0) == 303, "the same form again is no other report"
    assert sent_by(client, "another", 0) == 303, "others behind the same address go on"
    refused = client.post("/desk/C", data=SENT | {"key": KEY + "x"}, headers={"User-Agent": "one"})
    assert "材料齐了还是不收" in refused.text
    assert "请过10分钟再交" in refused.text
    assert len(session.scalars(select(Case.id)).all()) == 6
    with time_machine.travel(MONDAY + timedelta(minutes=10), tick=False):
        assert sent_by(client, "one", 6) == 303
        session.rollback()
        assert len(session.scalars(select(ReportMark.mark)).all()) == 1, "what is over is forgotten"


def test_a_flood_from_many_devices_ends_at_the_hall_s_bound() -> None:
    check_came(MOST_OF_A_DEVICE - 1, MOST_OF_A_HALL - 1)
    with pytest.raises(TooManyReports):
        check_came(0, MOST_OF_A_HALL)


def test_no_address_is_kept_of_whoever_reports(client: PageClient, session: Session) -> None:
    sent_by(client, "a-machine", 0)
    kept = session.execute(select(ReportMark)).scalar_one()
    assert len(kept.mark) == 32
    assert "127.0.0.1" not in kept.mark
    assert "a-machine" not in kept.mark


def test_the_desk_gives_a_term_in_its_own_name(app: Flask, client: PageClient, session: Session) -> None:
    report(client)
    helper = signed_in(app, "helper", "GOV")
    assert "材料齐了还是不收" in helper.get("/desk/C/waiting").text
    no = session.execute(select(Case.no)).scalar_one()
    assert posted(helper, f"/desk/C/waiting/{no}", profile="extreme").status_code == 303
    session.expire_all()
    assert session.execute(select(Case.state)).scalar_one() == "NEW"
    assert posted(helper, f"/desk/C/waiting/{no}", profile="not-done-10").status_code == 303
    session.expire_all()
    case = session.execute(select(Case)).scalar_one()
    assert (case.state, case.profile) == ("TRIAGED", "not-done-10")
    assert case.finish_by is not None
    # Ten working days after Monday the 19th.
    assert case.finish_by.isoformat() == "2026-11-02T16:00:00+00:00"
    step = session.execute(select(CaseStep).order_by(CaseStep.seq.desc()).limit(1)).scalar_one()
    assert step.actor_id is not None
    assert posted(helper, f"/desk/C/waiting/{no}", profile="not-done-5").status_code == 404
    assert "材料齐了还是不收" in signed_in(app, "supervisor", "GOV").get(f"/cases/{no}").text


def test_each_hall_reads_its_own_reports(
    app: Flask, client: PageClient, session: Session, committed: Inside
) -> None:
    committed(lambda inside: inside.add(Hall(code="D", name="分厅", address="")))
    report(client)
    helper = signed_in(app, "helper", "GOV")
    no = session.execute(select(Case.no)).scalar_one()
    assert no in helper.get("/desk/C/waiting").text
    assert no not in helper.get("/desk/D/waiting").text
    assert posted(helper, f"/desk/D/waiting/{no}", profile="not-done-10").status_code == 404
    assert posted(helper, f"/desk/C/waiting/{no}", profile="not-done-10").status_code == 303


def test_the_desk_types_in_a_report(app: Flask, session: Session) -> None:
    helper = signed_in(app, "helper", "GOV")
    assert posted(helper, "/desk/C/waiting", **SENT).status_code == 303
    assert "请把查询号给本人" in helper.get("/desk/C/waiting").text
    assert session.execute(select(NotDoneReport.taken_by)).scalar_one() is not None
    assert posted(helper, "/desk/C/waiting", **(SENT | {"type": ""})).status_code == 422


def test_whoever_reported_says_whether_it_is_solved(app: Flask, client: PageClient, session: Session) -> None:
    where = report(client)
    assert client.post(where, data={"solved": "no"}).status_code == 409
    case_id = session.execute(select(Case.id)).scalar_one()
    session.rollback()
    with transaction() as writing:
        walk(writing, case_id, State.CLOSED)
    assert "已改,谢谢您" in client.get(where).text
    assert client.post(where, data={}).status_code == 422
    assert client.post(where, data={"solved": "no"}).status_code == 303
    assert present(session, case_id).state == "REDO"
