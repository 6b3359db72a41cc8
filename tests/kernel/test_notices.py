"""A notice reaches those it is for, once, and is counted until it is read."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.identity.actions.accounts import begin_sign_in
from evalsys.identity.passwords import token_hash
from evalsys.identity.queries.accounts import account_by_name, actor_of_session
from evalsys.kernel import clock, notices, writer
from evalsys.kernel.access import Actor
from evalsys.kernel.database import transaction
from evalsys.kernel.models import NoticeRead
from evalsys.organisation.models import Unit
from tests.builders import a_unit, an_account, signed_in
from tests.conftest import Inside
from tests.pages import PageClient

WORDS = "案件{no}还有{left}天到期。"


@pytest.fixture
def tell(app: Flask) -> Any:
    """Write a notice the way a citizen's transaction does, without any request."""

    def tell(key: str, at: datetime | None = None, **to: Any) -> None:
        said = {"sentence": WORDS, "values": {"no": key, "left": 2}, "link": f"/cases/{key}"}
        said |= {"dedupe_key": key, "at": at or clock.now(), **to}
        with app.app_context():
            writer.run(lambda connection: notices.notify(connection, **said))

    return tell


def actor(app: Flask, role: str, unit: str = "TAX") -> Actor:
    with app.app_context(), transaction() as session:
        account = account_by_name(session, an_account(session, role, unit))
        assert account is not None
        token = begin_sign_in(session, account.id, "test", clock.now())
        found = actor_of_session(session, token_hash(token), clock.now())
    assert found is not None
    return found[0]


def unit_id(committed: Inside, code: str, above: str = "") -> int:
    def make(session: Session) -> int:
        made = a_unit(session, code, code)
        if above:
            session.execute(select(Unit).where(Unit.id == made)).scalar_one().parent_id = a_unit(
                session, above
            )
        return made

    return int(str(committed(make)))


def keys_of(app: Flask, reader: Actor, now: datetime | None = None) -> list[str]:
    with app.app_context(), transaction() as session:
        found = notices.notices_of(session, reader, 50, now or clock.now())
        return [notice.values["no"] for notice in found]


def unread(app: Flask, reader: Actor) -> int:
    with app.app_context(), transaction() as session:
        return notices.unread_count(session, reader, clock.now())


def test_a_notice_reaches_account_role_unit_or_a_role_in_a_unit(
    app: Flask, committed: Inside, tell: Any
) -> None:
    tax, social = unit_id(committed, "TAX"), unit_id(committed, "SOC")
    owner, other = actor(app, "owner", "TAX"), actor(app, "owner", "SOC")
    head, supervisor = actor(app, "head", "TAX"), actor(app, "supervisor", "SUP")
    start = clock.now() - timedelta(hours=1)
    tell("me", start, to_account=owner.account_id)
    tell("role", start + timedelta(minutes=1), to_role="owner")
    tell("unit", start + timedelta(minutes=2), to_unit=tax)
    tell("both", start + timedelta(minutes=3), to_role="head", to_unit=tax)
    tell("elsewhere", start + timedelta(minutes=4), to_role="owner", to_unit=social)
    assert keys_of(app, owner) == ["unit", "role", "me"]
    assert keys_of(app, other) == ["elsewhere", "role"]
    assert keys_of(app, head) == ["both", "unit"]
    assert keys_of(app, supervisor) == []


def test_those_above_a_unit_read_what_it_is_told(app: Flask, committed: Inside, tell: Any) -> None:
    below = unit_id(committed, "TAX1", above="TAX")
    above, beside = actor(app, "department-lead", "TAX"), actor(app, "department-lead", "SOC")
    tell("below", to_unit=below)
    assert (keys_of(app, above), keys_of(app, beside)) == (["below"], [])


def test_the_same_key_tells_once(app: Flask, tell: Any) -> None:
    reader = actor(app, "owner")
    tell("a", to_role="owner")
    tell("a", to_role="owner")
    assert keys_of(app, reader) == ["a"]


def test_a_notice_is_shown_from_its_time_on_for_ninety_days(app: Flask, tell: Any) -> None:
    reader, now = actor(app, "owner"), clock.now()
    tell("later", now + timedelta(hours=1), to_role="owner")
    assert keys_of(app, reader, now) == []
    assert keys_of(app, reader, now + timedelta(hours=1)) == ["later"]
    assert keys_of(app, reader, now + timedelta(days=91)) == []


def test_each_reader_reads_for_themselves(app: Flask, tell: Any) -> None:
    one, other = actor(app, "owner", "TAX"), actor(app, "owner", "SOC")
    for key in "abc":
        tell(key, to_role="owner")
    with app.app_context(), transaction() as session:
        first = notices.notices_of(session, one, 1, clock.now())[0]
        notices.mark_read(session.connection(), one, clock.now(), [first.id])
        notices.mark_read(session.connection(), one, clock.now(), [first.id])
    assert (unread(app, one), unread(app, other)) == (2, 3)
    with app.app_context(), transaction() as session:
        notices.mark_read(session.connection(), one, clock.now())
    assert (unread(app, one), unread(app, other)) == (0, 3)


def test_nobody_reads_what_is_for_somebody_else(app: Flask, tell: Any) -> None:
    one, other = actor(app, "owner", "TAX"), actor(app, "owner", "SOC")
    tell("a", to_account=other.account_id)
    with app.app_context(), transaction() as session:
        theirs = notices.notices_of(session, other, 1, clock.now())[0].id
        notices.mark_read(session.connection(), one, clock.now(), [theirs])
        assert session.scalars(select(NoticeRead.account_id)).all() == []
        assert notices.link_of(session, one, theirs, clock.now()) is None
        assert notices.link_of(session, other, theirs, clock.now()) == "/cases/a"
    assert unread(app, other) == 1


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({}, ValueError),
        ({"to_role": "owner", "link": "https://elsewhere.example/"}, ValueError),
        ({"to_role": "owner", "link": "//elsewhere.example/"}, ValueError),
        ({"to_role": "owner", "values": {"no": "1"}}, KeyError),
    ],
)
def test_a_notice_for_nobody_or_to_nowhere_is_a_fault(tell: Any, wrong: Any, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        tell("a", **wrong)


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def shown_unread(page: str) -> str | None:
    found = re.search(r'href="/notices">通知 <strong class="number">([^<]+)</strong>', page)
    return found[1] if found else None


def page_of(client: PageClient, address: str = "/notices") -> str:
    return client.get(address).get_data(as_text=True)


def test_the_page_lists_notices_and_every_page_counts_unread_ones(app: Flask, tell: Any) -> None:
    client = signed_in(app, "owner")
    assert "没有给您的通知" in page_of(client)
    assert shown_unread(page_of(client, "/account")) is None
    for key in ("C-1", "C-2"):
        tell(key, to_role="owner")
    page = page_of(client)
    assert "案件C-1还有2天到期。" in page
    assert shown_unread(page_of(client, "/account")) == "2"
    answer = client.post(re.findall(r"/notices/\d+/open", page)[0], data={"csrf_token": token_of(page)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases/C-2")
    assert shown_unread(page_of(client, "/account")) == "1"
    client.post("/notices/read", data={"csrf_token": token_of(page)})
    assert shown_unread(page_of(client, "/account")) is None
    assert "全部记为已读" not in page_of(client)


def test_many_unread_notices_are_not_counted_to_the_end(app: Flask, tell: Any) -> None:
    client = signed_in(app, "owner")
    for number in range(101):
        tell(str(number), to_role="owner")
    assert shown_unread(page_of(client, "/account")) == "99+"


def test_what_a_value_says_is_not_markup(app: Flask, tell: Any) -> None:
    client = signed_in(app, "owner")
    tell("x", to_role="owner", values={"no": "<b>1</b>", "left": 1})
    assert "案件&lt;b&gt;1&lt;/b&gt;还有1天到期。" in page_of(client)


def test_words_of_ours_among_the_values_are_read_in_the_readers_language(app: Flask, tell: Any) -> None:
    client = signed_in(app, "owner")
    tell("x", to_role="owner", values={"no": "退出登录", "left": ""})
    assert "案件退出登录还有天到期。" in page_of(client)
    assert "案件Sign out还有天到期。" in page_of(client, "/notices?lang=en")


def test_a_notice_of_somebody_else_cannot_be_opened(app: Flask, committed: Inside, tell: Any) -> None:
    other = actor(app, "owner", "SOC")
    tell("a", to_account=other.account_id)
    client = signed_in(app, "owner")
    answer = client.post("/notices/1/open", data={"csrf_token": token_of(page_of(client))})
    assert answer.status_code == 404
    assert unread(app, other) == 1
