"""What a rater meets behind the receipt: the state of the case, messages, contact, and the last word."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.evaluation.models import Rating
from evalsys.kernel.models import JournalEntry
from evalsys.kernel.secrets import digest, spelled
from evalsys.rectification.actions.contacts import purge_contacts
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.models import CaseMessage, CaseStep, Confirmation, Contact
from evalsys.rectification.queries import facts
from evalsys.rectification.rules.citizens import is_redaction, may_read_contacts, may_write
from evalsys.rectification.rules.states import State
from evalsys.scoring.queries.checks import differences
from tests.builders import a_clerk, a_rating, a_unit, a_window, around, on_duty, signed_in
from tests.conftest import Inside
from tests.pages import PageClient
from tests.rectification.people import MONDAY, present, somebody, walk

RECEIPT = "7K3M-9QXD-4TWZ"
KEY = "a-key-of-the-page"
NEXT_DAY = MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    """The day after the rating was given, in office hours."""
    with time_machine.travel(NEXT_DAY, tick=False):
        yield


@pytest.fixture
def case_id(committed: Inside) -> int:
    """The case of a bad rating that came from a service, known by RECEIPT."""

    def make(session: Session) -> int | None:
        receipt = digest(spelled(RECEIPT))
        rating = a_rating(
            session, a_window(session), 1, entry="ticket", evidence="B", at=MONDAY, receipt_hash=receipt
        )
        a_unit(session, "GOV")
        return facts.case_of_rating(session, rating.root)

    made = committed(make)
    assert isinstance(made, int)
    return made


@pytest.fixture
def walked(committed: Inside, case_id: int) -> Callable[[State], None]:
    """Walk the case along the straight way to a state."""
    return lambda target: committed(lambda session: walk(session, case_id, target, at=MONDAY)) and None


def receipt_page(client: PageClient, query: str = "") -> str:
    page = client.get(f"/receipt/{RECEIPT}{query}")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    return page.get_data(as_text=True)


def say(client: PageClient, what: str, **form: object) -> TestResponse:
    return client.post(f"/receipt/{RECEIPT}/{what}", data=form)


def state_of(committed: Inside, case_id: int) -> str:
    return str(committed(lambda session: present(session, case_id).state))


def token_of(client: PageClient, address: str = "/account") -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert found
    return found[1]


def steps_of(committed: Inside, case_id: int) -> str:
    """Everything that stands in the steps of a case."""

    def read(session: Session) -> str:
        rows = session.execute(select(CaseStep.reason, CaseStep.facts).where(CaseStep.case_id == case_id))
        return "\n".join(f"{reason} {facts_kept}" for reason, facts_kept in rows)

    return str(committed(read))


# what the receipt shows


def test_a_bad_rating_says_by_when_there_is_an_answer(client: PageClient, case_id: int) -> None:
    page = receipt_page(client)
    assert "已收到,正在看是哪里的问题" in page
    assert "最迟10月26日答复,凭凭证号在本页查看。" in page
    assert "<script" not in page


def test_typing_the_code_leads_to_the_same(client: PageClient, case_id: int) -> None:
    answer = client.post("/receipt", data={"receipt": "7k3m 9qxd 4twz"}, follow_redirects=True)
    assert "处理情况" in answer.get_data(as_text=True)


def test_a_good_rating_has_no_case_to_show(client: PageClient, committed: Inside) -> None:
    committed(lambda session: a_rating(session, a_window(session), 5, receipt_hash=digest(spelled(RECEIPT))))
    assert 'id="case"' not in receipt_page(client)
    assert client.get(f"/receipt/{RECEIPT}/messages").status_code == 404


def test_an_unknown_receipt_leads_nowhere(client: PageClient, case_id: int) -> None:
    for page in ("messages", "contact", "confirm", "follow-up"):
        assert client.get(f"/receipt/AAAA-AAAA-AAAA/{page}").status_code == 404
        assert client.post(f"/receipt/AAAA-AAAA-AAAA/{page}").status_code == 404


def test_the_owner_is_named_and_no_person(
    client: PageClient, walked: Callable[[State], None], case_id: int
) -> None:
    walked(State.RECTIFYING)
    page = receipt_page(client)
    assert "税务局正在整改" in page
    assert "承办单位:税务局" in page
    assert "owner.TAX" not in page


def test_the_reply_is_shown_once_it_was_accepted(
    client: PageClient, walked: Callable[[State], None], committed: Inside, case_id: int
) -> None:
    walked(State.ACCEPTANCE)
    assert "已改,谢谢您" not in receipt_page(client)

    def accept(session: Session) -> None:
        given = {"true": "yes", "reasonable": "yes", "complete": "yes"}
        supervisor = somebody(session, "supervisor")
        move_case(session.connection(), case_id, State.CALLBACK, supervisor, given, now=NEXT_DAY)

    committed(accept)
    page = receipt_page(client)
    assert "已改,谢谢您" in page
    assert "答复(10月20日)" in page


def test_the_page_is_the_same_in_english_and_in_large_letters(
    client: PageClient, walked: Callable[[State], None], case_id: int
) -> None:
    walked(State.CALLBACK)
    for query in ("?lang=en", "?size=large"):
        receipt_page(client, query)
        for page in ("messages", "contact", "confirm", "follow-up"):
            assert client.get(f"/receipt/{RECEIPT}/{page}{query}").status_code == 200


# messages


def test_the_owner_reads_a_message_only_once_it_was_relayed(
    app: Flask, client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.ACCEPTED)
    answer = say(client, "messages", text="我叫王小二,电话13812341234,还没人找我", key=KEY)
    assert answer.status_code == 303
    assert "王小二" in client.get(f"/receipt/{RECEIPT}/messages").get_data(as_text=True)

    no = str(committed(lambda session: present(session, case_id).no))
    owner, supervisor = signed_in(app, "owner"), signed_in(app, "supervisor", "GOV")
    assert "王小二" not in owner.get(f"/cases/{no}").get_data(as_text=True)
    assert "王小二" in supervisor.get("/cases/messages").get_data(as_text=True)
    marks = select(JournalEntry.object).where(JournalEntry.verb == "read-ratings")
    assert "messages" in committed(lambda session: session.execute(marks).scalars().all())

    message = committed(lambda session: session.execute(select(CaseMessage.id)).scalar_one())
    form = {"csrf_token": token_of(supervisor), "words": "我叫[已隐去],电话[已隐去],还没人找我"}
    assert supervisor.post(f"/cases/messages/{message}/relay", data=form).status_code == 303
    page = owner.get(f"/cases/{no}").get_data(as_text=True)
    assert "还没人找我" in page
    assert "王小二" not in page
    assert "13812341234" not in page
    assert "王小二" not in steps_of(committed, case_id)
    assert "还没人找我" not in steps_of(committed, case_id)


def test_a_relay_may_hide_and_not_rewrite(
    app: Flask, client: PageClient, case_id: int, committed: Inside
) -> None:
    say(client, "messages", text="态度很差", key=KEY)
    supervisor = signed_in(app, "supervisor", "GOV")
    message = committed(lambda session: session.execute(select(CaseMessage.id)).scalar_one())
    form = {"csrf_token": token_of(supervisor), "words": "态度很好"}
    answer = supervisor.post(f"/cases/messages/{message}/relay", data=form)
    assert answer.status_code == 409
    assert "态度很好" in answer.get_data(as_text=True)
    stands = committed(
        lambda session: tuple(session.execute(select(CaseMessage.text, CaseMessage.relayed_at)).one())
    )
    assert stands == ("态度很差", None)


def test_the_owners_answer_reaches_the_citizen_through_the_supervisor(
    app: Flask, client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.ACCEPTED)
    no = str(committed(lambda session: present(session, case_id).no))
    owner, supervisor = signed_in(app, "owner"), signed_in(app, "supervisor", "GOV")
    letter = {"csrf_token": token_of(owner), "words": "请您明天再来一次", "key": KEY}
    assert owner.post(f"/cases/{no}/messages", data=letter).status_code == 303
    assert owner.post(f"/cases/{no}/messages", data=letter).status_code == 303
    assert "请您明天" not in receipt_page(client)

    (message,) = committed(lambda session: session.execute(select(CaseMessage.id)).scalars().all())
    form = {"csrf_token": token_of(supervisor), "words": "请您明天再来一次"}
    assert supervisor.post(f"/cases/messages/{message}/relay", data=form).status_code == 303
    assert "请您明天再来一次" in receipt_page(client)
    assert supervisor.post(f"/cases/messages/{message}/relay", data=form).status_code == 409


def test_a_message_may_be_kept_back_or_answered_by_the_supervisor(
    app: Flask, client: PageClient, case_id: int, committed: Inside
) -> None:
    supervisor = signed_in(app, "supervisor", "GOV")
    token = token_of(supervisor)
    for number, what in enumerate(("withhold", "answer")):
        say(client, "messages", text=f"第{number}条", key=f"{KEY}-{number}")
        message = committed(
            lambda session: (
                session.execute(select(CaseMessage.id).order_by(CaseMessage.id.desc())).scalars().first()
            )
        )
        address = f"/cases/messages/{message}/{what}"
        assert supervisor.post(address, data={"csrf_token": token, "words": ""}).status_code == 422
        form = {"csrf_token": token, "words": "和办理无关" if what == "withhold" else "已转告窗口"}
        assert supervisor.post(address, data=form).status_code == 303
    assert "没有等转达的留言。" in supervisor.get("/cases/messages").get_data(as_text=True)
    page = client.get(f"/receipt/{RECEIPT}/messages").get_data(as_text=True)
    assert "已转告窗口" in page
    assert "和办理无关" not in page


def test_a_message_makes_the_person_reachable_and_a_double_tap_is_one(
    client: PageClient, case_id: int, committed: Inside
) -> None:
    for _tap in range(2):
        assert say(client, "messages", text="在吗", key=KEY).status_code == 303
    assert committed(lambda session: present(session, case_id).is_reachable) is True
    assert committed(lambda session: len(session.execute(select(CaseMessage.id)).all())) == 1
    again = say(client, "messages", text="别的话", key=KEY)
    assert again.status_code == 409
    assert '您写的:</p>\n<p class="said">别的话' in again.get_data(as_text=True)
    assert f"/receipt/{RECEIPT}" in again.get_data(as_text=True)


@pytest.mark.parametrize("text", ["", "   ", "长" * 151, "看不见\x00的"])
def test_a_message_that_cannot_be_kept_keeps_the_input(client: PageClient, case_id: int, text: str) -> None:
    answer = say(client, "messages", text=text, key=KEY)
    assert answer.status_code == 422
    assert KEY in answer.get_data(as_text=True)
    assert "长" * 151 in answer.get_data(as_text=True) or "长" not in text


def test_no_more_waits_than_can_be_passed_on(client: PageClient, case_id: int) -> None:
    for number in range(5):
        assert say(client, "messages", text=f"第{number}条", key=f"{KEY}-{number}").status_code == 303
    assert say(client, "messages", text="又一条", key=f"{KEY}-again").status_code == 409


# contact


def test_a_contact_is_sealed_masked_and_shown_for_a_reason(
    app: Flask, client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.ACCEPTED)
    assert say(client, "contact", phone="138 1234-1234", name="王女士").status_code == 303
    assert "王** 138****1234" in receipt_page(client)

    kept = committed(lambda session: tuple(session.execute(select(Contact.id, Contact.sealed)).one()))
    assert isinstance(kept, tuple)
    contact_id, sealed = kept
    assert b"13812341234" not in sealed
    assert "王女士".encode() not in sealed

    no = str(committed(lambda session: present(session, case_id).no))
    owner = signed_in(app, "owner")
    page = owner.get(f"/cases/{no}").get_data(as_text=True)
    assert "138****1234" in page
    assert "13812341234" not in page
    form = {"csrf_token": token_of(owner), "contact": contact_id}
    assert owner.post(f"/cases/{no}/contact", data=form).status_code == 422
    shown = owner.post(f"/cases/{no}/contact", data=form | {"reason": "约时间当面道歉"})
    assert "13812341234" in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == "no-store"
    read = committed(
        lambda session: tuple(
            session.execute(
                select(JournalEntry.reason, JournalEntry.details).where(JournalEntry.verb == "read-contact")
            ).one()
        )
    )
    assert isinstance(read, tuple)
    assert read[0] == "约时间当面道歉"
    assert "1381234" not in read[1]


@pytest.mark.parametrize("role", ["clerk", "window-manager", "department-lead", "dispatcher", "head"])
def test_nobody_else_sees_a_contact(
    app: Flask,
    client: PageClient,
    case_id: int,
    committed: Inside,
    role: str,
) -> None:
    committed(lambda session: walk(session, case_id, State.ACCEPTED, at=MONDAY))
    say(client, "contact", phone="13812341234")
    no = str(committed(lambda session: present(session, case_id).no))
    reader = signed_in(app, role)
    assert "138****1234" not in reader.get(f"/cases/{no}").get_data(as_text=True)
    form = {"csrf_token": token_of(reader), "contact": 1, "reason": "想看看"}
    assert reader.post(f"/cases/{no}/contact", data=form).status_code == 403


def test_another_units_owner_sees_no_contact(
    app: Flask, client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.ACCEPTED)
    say(client, "contact", phone="13812341234")
    no = str(committed(lambda session: present(session, case_id).no))
    other = signed_in(app, "owner", "WATER")
    form = {"csrf_token": token_of(other), "contact": 1, "reason": "想看看"}
    assert other.post(f"/cases/{no}/contact", data=form).status_code == 404


def test_neither_the_rated_person_nor_a_colleague_of_the_desk_reads_a_contact(
    session: Session,
) -> None:
    window, clerk = a_window(session), a_clerk(session)
    on_duty(session, window, clerk, *around(MONDAY))
    rating = a_rating(session, window, 1, entry="ticket", evidence="B", at=MONDAY)
    case_id = facts.case_of_rating(session, rating.root) or 0
    walk(session, case_id, State.ACCEPTED, at=MONDAY)
    row = facts.case_row(session, case_id)
    assert row is not None
    case = facts.as_is(session, row, NEXT_DAY)
    owner = somebody(session, "owner", "TAX")
    assert may_read_contacts(owner, case)
    assert may_write(owner, case)
    for rated in (replace(owner, staff_id=clerk), replace(owner, roles=frozenset({"owner", "clerk"}))):
        assert not may_read_contacts(rated, case)
        assert not may_write(rated, case)


@pytest.mark.parametrize("phone", ["", "12345", "1381234123", "23812341234", "138123412345", "不想留"])
def test_what_does_not_ring_is_refused_and_kept(client: PageClient, case_id: int, phone: str) -> None:
    answer = say(client, "contact", phone=phone, name="老李")
    assert answer.status_code == 422
    assert 'value="老李"' in answer.get_data(as_text=True)


def test_a_contact_can_be_withdrawn_and_given_anew(
    client: PageClient, case_id: int, committed: Inside
) -> None:
    say(client, "contact", phone="13812341234")
    assert committed(lambda session: present(session, case_id).is_reachable) is True
    assert say(client, "contact/withdrawal").status_code == 303
    assert committed(lambda session: present(session, case_id).is_reachable) is False
    assert committed(
        lambda session: tuple(session.execute(select(Contact.sealed, Contact.masked)).one())
    ) == (None, "")
    assert say(client, "contact/withdrawal").status_code == 303
    say(client, "contact", phone="0531-88881234")
    assert "****34" in receipt_page(client)


def test_contacts_are_forgotten_ninety_days_after_closing(
    client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    say(client, "contact", phone="13812341234")
    committed(lambda session: walk(session, case_id, State.CALLBACK, at=NEXT_DAY))

    def close(session: Session) -> None:
        given = {"reached": "yes", "solved": "yes", "satisfied": "satisfied", "pressed": "no"}
        caller = somebody(session, "callback-officer", "CALL")
        move_case(session.connection(), case_id, State.CLOSED, caller, given, now=NEXT_DAY)

    committed(close)
    assert committed(lambda session: purge_contacts(session, NEXT_DAY + timedelta(days=89))) == 0
    assert committed(lambda session: purge_contacts(session, NEXT_DAY + timedelta(days=90))) == 1
    assert committed(
        lambda session: tuple(session.execute(select(Contact.sealed, Contact.masked)).one())
    ) == (None, "")
    assert committed(lambda session: purge_contacts(session, NEXT_DAY + timedelta(days=91))) == 0


# the last word


def test_not_solved_takes_a_closed_case_up_again(
    client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.CLOSED)
    assert say(client, "confirm", solved="no", handling="dissatisfied").status_code == 303
    assert state_of(committed, case_id) == "REDO"
    assert "没有解决,重新办理" in receipt_page(client)


def test_not_solved_before_closing_is_noted_for_the_call_back(
    client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.CALLBACK)
    assert say(client, "confirm", solved="no").status_code == 303
    assert say(client, "confirm", solved="no").status_code == 303
    assert say(client, "confirm", solved="yes", handling="satisfied").status_code == 303
    assert state_of(committed, case_id) == "CALLBACK"
    assert "评价人在凭证页说:没解决" in steps_of(committed, case_id)
    kept = committed(
        lambda session: [
            tuple(row)
            for row in session.execute(
                select(Confirmation.seq, Confirmation.solved, Confirmation.handling).order_by(
                    Confirmation.seq
                )
            )
        ]
    )
    assert kept == [(1, "no", None), (2, "yes", "satisfied")]
    assert "您说:解决了。" in receipt_page(client)


@pytest.mark.parametrize("form", [{}, {"solved": "maybe"}, {"solved": "yes", "handling": "5"}])
def test_a_word_that_is_none_is_refused(
    client: PageClient, walked: Callable[[State], None], case_id: int, form: dict[str, str]
) -> None:
    walked(State.CALLBACK)
    assert say(client, "confirm", **form).status_code == 422


def test_after_thirty_days_a_closed_case_stays_closed(
    client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.CLOSED)
    with time_machine.travel(MONDAY + timedelta(days=31), tick=False):
        answer = say(client, "confirm", solved="no")
        assert answer.status_code == 409
        assert f"/receipt/{RECEIPT}" in answer.get_data(as_text=True)
        assert say(client, "follow-up", level=1, key=KEY).status_code == 409
    assert state_of(committed, case_id) == "CLOSED"


def test_what_ended_long_ago_takes_no_message_any_more(
    client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.CLOSED)
    assert say(client, "messages", text="谢谢", key=KEY).status_code == 303
    with time_machine.travel(MONDAY + timedelta(days=31), tick=False):
        answer = say(client, "messages", text="请打13812341234", key=f"{KEY}-late")
        assert answer.status_code == 409
    texts = committed(lambda session: session.execute(select(CaseMessage.text)).scalars().all())
    assert texts == ["谢谢"]


def test_a_mistake_is_the_raters_to_confirm_and_excludes_nothing(
    client: PageClient, case_id: int, committed: Inside
) -> None:
    assert say(client, "mistake", mistake="yes").status_code == 409

    def triage(session: Session) -> None:
        supervisor = somebody(session, "supervisor")
        move_case(
            session.connection(), case_id, State.TRIAGED, supervisor, {"class": "mistake"}, now=NEXT_DAY
        )

    committed(triage)
    page = receipt_page(client)
    assert "这条评价是点错了吗?" in page
    assert say(client, "mistake").status_code == 422
    assert say(client, "mistake", mistake="yes").status_code == 303
    assert committed(lambda session: present(session, case_id).is_mistake_confirmed) is True
    page = receipt_page(client)
    assert "这条评价是点错了吗?" not in page
    assert "要由两位工作人员决定" in page
    assert "这条评价已计入统计。" in page


def test_no_mistake_lets_the_case_go_on(client: PageClient, case_id: int, committed: Inside) -> None:
    def triage(session: Session) -> None:
        supervisor = somebody(session, "supervisor")
        move_case(
            session.connection(), case_id, State.TRIAGED, supervisor, {"class": "mistake"}, now=NEXT_DAY
        )

    committed(triage)
    assert say(client, "mistake", mistake="no").status_code == 303
    assert "这条评价是点错了吗?" not in receipt_page(client)

    def dispatch(session: Session) -> None:
        given = {"owner": a_unit(session, "TAX"), "reason": "窗口归该单位管"}
        dispatcher = somebody(session, "dispatcher")
        move_case(session.connection(), case_id, State.DISPATCHED, dispatcher, given, now=NEXT_DAY)

    committed(dispatch)


# the follow-up rating


def test_a_follow_up_stands_beside_the_first_and_in_no_sum(
    client: PageClient, walked: Callable[[State], None], case_id: int, committed: Inside
) -> None:
    walked(State.CALLBACK)
    assert say(client, "follow-up", level=5, key=KEY, text="这回好了").status_code == 303
    assert say(client, "follow-up", level=5, key=KEY, text="这回好了").status_code == 303
    rows = committed(
        lambda session: [
            tuple(row) for row in session.execute(select(Rating.kind, Rating.level).order_by(Rating.kind))
        ]
    )
    assert rows == [("first", 1), ("follow_up", 5)]
    page = receipt_page(client)
    assert "您选的是“非常不满意”" in page
    assert "您追评的是“非常满意”。" in page
    assert committed(lambda session: differences(session).differences) == 0
    assert "这回好了" not in steps_of(committed, case_id)


def test_a_second_follow_up_is_refused_with_the_way_to_the_receipt(
    client: PageClient, walked: Callable[[State], None], case_id: int
) -> None:
    walked(State.CALLBACK)
    say(client, "follow-up", level=5, key=KEY)
    for key in (KEY, f"{KEY}-another"):
        answer = say(client, "follow-up", level=1, key=key)
        assert answer.status_code == 409
        assert f'href="/receipt/{RECEIPT}' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "form", [{"level": 0, "key": KEY}, {"level": 5}, {"level": 2, "key": KEY, "text": "长" * 151}]
)
def test_a_follow_up_that_cannot_be_kept_keeps_the_input(
    client: PageClient, walked: Callable[[State], None], case_id: int, form: dict[str, object]
) -> None:
    walked(State.CALLBACK)
    answer = say(client, "follow-up", **form)
    assert answer.status_code == 422
    assert str(form.get("text", "")) in answer.get_data(as_text=True)


def test_before_the_answer_there_is_nothing_to_follow_up(client: PageClient, case_id: int) -> None:
    answer = say(client, "follow-up", level=5, key=KEY)
    assert answer.status_code == 409
    assert "还没有答复" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("level", "state"), [(1, "REDO"), (2, "REDO"), (3, "CLOSED")])
def test_a_bad_follow_up_takes_a_closed_case_up_again(
    client: PageClient,
    case_id: int,
    committed: Inside,
    level: int,
    state: str,
) -> None:
    committed(lambda session: walk(session, case_id, State.CLOSED, at=MONDAY))
    assert say(client, "follow-up", level=level, key=KEY).status_code == 303
    assert state_of(committed, case_id) == state


def test_the_words_of_a_follow_up_stand_on_the_cases_page(
    app: Flask, client: PageClient, case_id: int, committed: Inside
) -> None:
    committed(lambda session: walk(session, case_id, State.CALLBACK, at=MONDAY))
    say(client, "follow-up", level=2, key=KEY, text="还是要再跑一趟,打13812345678")
    assert state_of(committed, case_id) == "CALLBACK"
    no = str(committed(lambda session: present(session, case_id).no))
    caller = signed_in(app, "callback-officer", "CALL")
    page = caller.get(f"/cases/{no}").get_data(as_text=True)
    assert "追评:不满意" in page
    assert "还是要再跑一趟,打13812345678" in page
    # The unit that put it right reads what is to be put right, not who says so.
    page = signed_in(app, "owner", "TAX").get(f"/cases/{no}").get_data(as_text=True)
    assert "还是要再跑一趟,打[已隐去]" in page


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [
        ("我叫王小二,电话1", "我叫[已隐去],电话[已隐去]", True),
        ("我叫王小二", "我叫王小二", True),
        ("我叫王小二", "[已隐去]", True),
        ("我叫王小二", "我叫王小二[已隐去]", False),
        ("我叫王小二", "他叫[已隐去]", False),
        ("态度很差", "态度很[已隐去]好", False),
        ("aba", "a[已隐去]ba", False),
        ("ab", "a[已隐去]b", False),
        ("差", "", False),
    ],
)
def test_only_hiding_is_a_redaction(before: str, after: str, *, fits: bool) -> None:
    assert is_redaction(before, after) is fits


# help now


@pytest.mark.parametrize(
    ("at", "open_now"),
    [
        (datetime(2026, 10, 20, 2, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 20, 12, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 24, 2, 0, tzinfo=UTC), False),
    ],
)
def test_help_now_is_offered_while_somebody_sits_there(
    client: PageClient, case_id: int, committed: Inside, at: datetime, *, open_now: bool
) -> None:
    committed(lambda session: a_window(session, "A12", kind="办不成事"))
    with time_machine.travel(at, tick=False):
        assert ("A12号“办不成事”窗口正开着" in receipt_page(client)) is open_now


def test_a_contact_follows_the_rating_into_a_case_of_its_own(client: PageClient, committed: Inside) -> None:
    rating = committed(
        lambda session: (
            a_rating(session, a_window(session), 1, at=NEXT_DAY, receipt_hash=digest(spelled(RECEIPT))).root
        )
    )
    assert isinstance(rating, int)
    before = committed(lambda session: facts.case_of_rating(session, rating))
    say(client, "contact", phone="13812341234")
    answer = client.post(f"/receipt/{RECEIPT}/reasons", data={"text": "等了两个小时"})
    assert answer.status_code == 303
    after = committed(lambda session: facts.case_of_rating(session, rating))
    assert isinstance(after, int)
    assert after != before
    assert committed(lambda session: session.execute(select(Contact.case_id)).scalar_one()) == after
    assert committed(lambda session: present(session, after).is_reachable) is True
