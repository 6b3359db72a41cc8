"""您提我改: who notes what was changed, what everybody sees of it, and whether the tag fell."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalsys.dashboards.models import Fix
from evalsys.dashboards.rules.fixes import compared_days
from evalsys.identity.actions.accounts import create_token
from evalsys.identity.models import Account
from evalsys.identity.queries.accounts import account_by_name
from evalsys.kernel import clock
from evalsys.kernel.periods import Period
from evalsys.organisation.models import Item
from evalsys.scoring.models import ItemSum
from tests.builders import a_window, an_account, an_item, signed_in
from tests.conftest import Inside
from tests.pages import PageClient


def since() -> date:
    return clock.today() - timedelta(days=20)


@pytest.fixture
def item(committed: Inside) -> int:
    """An item whose tag 207 was chosen 40 times in 200 ratings before, and 10 times in 200 since."""

    def make(session: Session) -> int:
        window = a_window(session)
        item = an_item(session, window)
        an_item(session, a_window(session, "25", "SOC"), "参保登记")
        for day, times in ((since() - timedelta(days=1), 40), (since(), 10)):
            for said, n in (("5", 200 - times), ("2", times), ("207", times)):
                cell = {"day": day, "item_id": item, "unit_id": window.unit_id, "said": said, "n": n}
                session.execute(insert(ItemSum).values(**cell))
        return item

    return int(str(committed(make)))


def noted(client: PageClient, **changed: str) -> tuple[int, str]:
    """What the form answers: the status and the page."""
    page = client.get("/fixes").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    form = {"item": "开具完税证明", "tag": "207", "words": "窗口摆出了样表", "since": since().isoformat()}
    answer = client.post("/fixes", data=form | {"csrf_token": found[1]} | changed)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_fix_is_shown_with_its_tag_before_and_after(
    app: Flask, client: PageClient, committed: Inside, item: int
) -> None:
    assert noted(signed_in(app, "data-steward"))[0] == 303
    leadership = signed_in(app, "leadership")
    (line,) = csv.DictReader(io.StringIO(leadership.get("/fixes.csv").text.lstrip("\ufeff")))
    assert (line["before.numerator"], line["before.denominator"]) == ("40", "200")
    assert (line["after.numerator"], line["after.denominator"]) == ("10", "200")
    assert line["change.significant"] == "true"

    def a_token(session: Session) -> str:
        account = account_by_name(session, an_account(session, "leadership", "TAX"))
        assert account is not None
        return create_token(session, account, "another", None, clock.now())

    headers = {"Authorization": f"Bearer {committed(a_token)}"}
    (row,) = leadership.get("/api/v1/fixes", headers=headers).get_json()["rows"]
    assert (row["item"], row["since"]) == (line["item"], line["since"])
    assert [row["before"][part] for part in ("numerator", "denominator")] == [40, 200]
    assert str(row["change"]["difference"]) == line["change.difference"]
    page = leadership.get("/fixes").get_data(as_text=True)
    assert "15.0个百分点" in page
    assert "▼" in page
    assert leadership.get("/fixes.xlsx").status_code == 200


def test_everybody_reads_what_was_changed_and_neither_figures_nor_names(
    app: Flask, client: PageClient, item: int
) -> None:
    assert noted(signed_in(app, "department-lead"))[0] == 303
    page = client.get("/improved").get_data(as_text=True)
    assert "窗口摆出了样表" in page
    assert "没有样表可照着填" in page
    assert "%" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert "department-lead" not in page


def test_the_clerks_side_sees_no_rates(app: Flask, item: int) -> None:
    lead = signed_in(app, "department-lead")
    assert noted(lead)[0] == 303
    page = lead.get("/fixes").get_data(as_text=True)
    assert "窗口摆出了样表" in page
    assert "出现率</th>" not in page
    assert "/200" not in page
    assert lead.get("/fixes.csv").status_code == 403


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"item": "参保登记"}, "没有事项“参保登记”"),
        ({"item": "没有的"}, "没有事项“没有的”"),
        ({"words": ""}, "请写改了什么"),
        ({"tag": "517"}, "有几处要改"),
    ],
)
def test_what_cannot_be_noted_is_refused_in_words(
    app: Flask, item: int, changed: dict[str, str], words: str
) -> None:
    status, page = noted(signed_in(app, "department-lead"), **changed)
    assert (status, words in page) == (422, True)


def test_a_fix_of_a_day_to_come_is_refused(app: Flask, item: int) -> None:
    to_come = clock.today() + timedelta(days=2)
    status, page = noted(signed_in(app, "department-lead"), since=to_come.isoformat())
    assert (status, "这一天还没到" in page) == (422, True)


def test_a_fix_is_withdrawn_only_by_who_reaches_its_item(app: Flask, client: PageClient, item: int) -> None:
    mine = signed_in(app, "department-lead")
    assert noted(mine)[0] == 303
    page = mine.get("/fixes").get_data(as_text=True)
    found = re.search(r'action="(/fixes/\d+/withdrawal)">\s*<input[^>]*value="([^"]+)"', page)
    assert found
    stranger = signed_in(app, "department-lead", "SOC")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', stranger.get("/fixes").text)
    assert token
    assert "窗口摆出了样表" not in stranger.get("/fixes").text
    assert stranger.post(found[1], data={"csrf_token": token[1]}).status_code == 404
    assert mine.post(found[1], data={"csrf_token": found[2]}).status_code == 303
    assert "窗口摆出了样表" not in client.get("/improved").get_data(as_text=True)


def test_no_fix_is_lost_behind_those_of_others(app: Flask, committed: Inside, item: int) -> None:
    lead, leadership = signed_in(app, "department-lead"), signed_in(app, "leadership")
    assert noted(lead)[0] == 303

    def make(session: Session) -> None:
        of_others = session.execute(select(Item.id).where(Item.id != item)).scalar_one()
        by = session.execute(select(Account.id).limit(1)).scalar_one()
        fix = {"tag": "207", "words": "多放了样表", "noted_at": clock.now(), "noted_by": by}
        later = fix | {"item_id": of_others, "since": clock.today()}
        earlier = fix | {"item_id": item, "since": since() - timedelta(days=1)}
        session.execute(insert(Fix), [later] * 100 + [earlier] * 270)

    committed(make)
    assert "窗口摆出了样表" in lead.get("/fixes").text
    lines = list(csv.DictReader(io.StringIO(leadership.get("/fixes.csv").text.lstrip("\ufeff"))))
    assert len(lines) == 371
    assert {line["before.denominator"] for line in lines[100:]} == {"200", "0"}


def test_as_many_days_are_compared_before_as_after() -> None:
    since = date(2026, 3, 10)
    assert compared_days(since, date(2026, 3, 13)) == (
        Period(date(2026, 3, 7), date(2026, 3, 9)),
        Period(date(2026, 3, 10), date(2026, 3, 12)),
    )
    longest = compared_days(since, date(2027, 3, 10))
    assert longest is not None
    assert [period.days for period in longest] == [90, 90]
    assert compared_days(since, since) is None
