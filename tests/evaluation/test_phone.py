"""A citizen with a phone: one tap, a receipt, reasons, a correction; and everything that can go wrong."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.evaluation.actions.codes import revoke_code
from evalsys.evaluation.actions.reasons import explain_rating
from evalsys.evaluation.models import (
    Attribution,
    Rating,
    RatingTag,
    RatingText,
    Reasons,
    Submission,
    WindowCode,
)
from evalsys.evaluation.queries import counted
from evalsys.evaluation.rules import Explanation, WrongTags
from evalsys.kernel import clock
from evalsys.organisation.models import WindowUnit
from evalsys.scoring.queries.checks import differences
from tests.builders import a_clerk, a_unit, a_window, an_item, around, code_of, on_duty
from tests.conftest import Inside
from tests.pages import PageClient

KEY = "a-key-of-an-offline-client"


@pytest.fixture
def code(committed: Inside) -> str:
    def make(session: Session) -> str:
        window = a_window(session)
        on_duty(session, window, a_clerk(session), *around(clock.now()))
        an_item(session, window)
        return code_of(session, window)

    return str(committed(make))


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def rate(client: PageClient, code: str, level: int = 5, key: str = KEY, **more: object):
    return client.post(f"/q/{code}", data={"level": level, "key": key, **more})


def how_many(committed: Inside, model: type = Rating) -> object:
    return committed(lambda session: session.scalar(select(func.count()).select_from(model)))


def test_one_tap_stores_the_rating(client: PageClient, code: str, committed: Inside) -> None:
    page = client.get(f"/q/{code}")
    assert "Set-Cookie" not in page.headers
    assert "<script" not in page.get_data(as_text=True)
    answer = rate(client, code, 4, key_in(page.get_data(as_text=True)))
    assert answer.status_code == 303
    receipt = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "您选的是“满意”" in receipt
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", receipt)
    assert how_many(committed) == 1


def test_the_form_holds_the_five_levels_in_order_and_no_more(client: PageClient, code: str) -> None:
    page = client.get(f"/q/{code}").get_data(as_text=True)
    assert re.findall(r'name="level" value="(\d)"', page) == ["5", "4", "3", "2", "1"]
    assert "checked" not in page
    assert "24号窗口" in page


def test_a_double_tap_is_one_rating_with_one_receipt(
    client: PageClient, code: str, committed: Inside
) -> None:
    first, second = rate(client, code), rate(client, code)
    assert first.headers["Location"] == second.headers["Location"]
    assert how_many(committed) == 1


def test_the_same_key_with_another_level_is_refused(client: PageClient, code: str, committed: Inside) -> None:
    rate(client, code, 5)
    answer = rate(client, code, 1)
    assert answer.status_code == 409
    assert "凭证号" in answer.get_data(as_text=True)
    assert how_many(committed) == 1


@pytest.mark.parametrize("level", ["0", "6", "", "５", "5.0", "-1", "不满意"])
def test_only_one_to_five_is_a_level(client: PageClient, code: str, committed: Inside, level: str) -> None:
    answer = client.post(f"/q/{code}", data={"level": level, "key": KEY})
    assert answer.status_code == 422
    assert "请先选一项。" in answer.get_data(as_text=True)
    assert key_in(answer.get_data(as_text=True)) == KEY
    assert how_many(committed) == 0


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with spaces in the key", "半角"])
def test_a_missing_or_malformed_key_is_refused(
    client: PageClient, code: str, committed: Inside, key: str
) -> None:
    answer = rate(client, code, 5, key)
    assert answer.status_code == 422
    assert how_many(committed) == 0


def test_words_too_long_are_kept_and_counted(client: PageClient, code: str, committed: Inside) -> None:
    words = "慢" * 163
    answer = rate(client, code, 2, text=words)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "最多150个字,现在163个,请删掉13个。您写的还在。" in page
    assert words in page
    assert how_many(committed) == 0


def test_line_ends_count_as_one_sign(client: PageClient, code: str, committed: Inside) -> None:
    assert rate(client, code, 2, text="慢\r\n" * 75).status_code == 303
    assert committed(lambda session: session.scalar(select(RatingText.text))) == ("慢\n" * 75).strip()


@pytest.mark.parametrize("tag", ["510", "999", "x"])
def test_tags_of_another_level_are_refused(
    client: PageClient, code: str, committed: Inside, tag: str
) -> None:
    answer = rate(client, code, 1, tags=[tag])
    assert answer.status_code == 422
    assert "对不上" in answer.get_data(as_text=True)
    assert how_many(committed) == 0


def test_more_than_16_kb_is_refused(client: PageClient, code: str, committed: Inside) -> None:
    assert rate(client, code, 5, text="x" * 17_000).status_code == 413
    assert how_many(committed) == 0


def test_a_mistyped_code_is_not_found(client: PageClient, code: str) -> None:
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    answer = client.get(f"/q/{wrong}")
    assert answer.status_code == 404
    assert "没有这个评价码" in answer.get_data(as_text=True)


def test_a_revoked_code_says_so_and_stores_nothing(client: PageClient, code: str, committed: Inside) -> None:
    def revoke(session: Session) -> None:
        code_id = session.scalar(select(WindowCode.id))
        assert code_id
        revoke_code(session, code_id, "换新码", clock.now(), None)

    committed(revoke)
    assert client.get(f"/q/{code}").status_code == 410
    answer = rate(client, code)
    assert answer.status_code == 410
    assert "这张码已停用" in answer.get_data(as_text=True)
    assert how_many(committed) == 0


def receipt_of(client: PageClient, code: str, level: int) -> str:
    return rate(client, code, level).headers["Location"]


def test_reasons_follow_on_the_receipt(client: PageClient, code: str, committed: Inside) -> None:
    receipt = receipt_of(client, code, 2)
    page = client.get(receipt).get_data(as_text=True)
    assert page.count('name="tags"') == 8
    item = re.search(r'<option value="(\d+)">开具完税证明', page)
    assert item
    answer = client.post(
        receipt + "/reasons",
        data={
            "tags": ["207", "214"],
            "text": "等了很久",
            "done": "no",
            "item": item[1],
            "efficiency": "1",
            "manner": "2",
        },
    )
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "已保存" in page

    def stands(session: Session) -> None:
        counts = session.execute(counted.counted_ratings()).one()
        assert (counts.level, counts.done, counts.item_type) == (2, "no", "07")
        assert len(session.execute(counted.counted_tags()).all()) == 2

    committed(stands)


def test_sending_reasons_twice_keeps_one_row(client: PageClient, code: str, committed: Inside) -> None:
    receipt = receipt_of(client, code, 1)
    for _ in range(2):
        client.post(receipt + "/reasons", data={"tags": ["115"], "text": "慢"})
    assert how_many(committed, Reasons) == 1


def test_faulty_reasons_are_refused_and_kept(client: PageClient, code: str, committed: Inside) -> None:
    receipt = receipt_of(client, code, 1)
    answer = client.post(receipt + "/reasons", data={"tags": ["115"], "text": "慢" * 151, "done": "maybe"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "现在151个" in page
    assert re.search(r'value="115" checked', page)
    assert how_many(committed, Reasons) == 0


def test_leaving_reasons_out_is_asked_twice_and_recorded(
    client: PageClient, code: str, committed: Inside
) -> None:
    receipt = receipt_of(client, code, 1)
    page = client.get(receipt + "?skip=ask").get_data(as_text=True)
    assert "不填原因,评价照样算数。确定不填吗?" in page
    assert client.post(receipt + "/reasons", data={"skip": "1"}).status_code == 303
    assert committed(lambda session: session.scalar(select(Reasons.skip))) == "skipped"


def test_a_correction_keeps_both_rows_and_the_last_counts(
    client: PageClient, code: str, committed: Inside
) -> None:
    receipt = receipt_of(client, code, 1)
    client.post(receipt + "/reasons", data={"tags": ["115"], "done": "yes"})
    page = client.get(receipt).get_data(as_text=True)
    answer = client.post(receipt + "/correction", data={"level": "4", "key": key_in(page)})
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "您选的是“满意”" in page
    assert how_many(committed) == 2

    def stands(session: Session) -> None:
        counts = session.execute(counted.counted_ratings()).one()
        assert (counts.level, counts.done) == (4, "yes")
        assert session.execute(counted.counted_tags()).all() == []
        assert session.scalar(select(func.count()).select_from(RatingTag)) == 1

    committed(stands)


def test_after_midnight_the_level_stays(
    client: PageClient, code: str, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = receipt_of(client, code, 1)
    key = key_in(client.get(receipt).get_data(as_text=True))
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    answer = client.post(receipt + "/correction", data={"level": "4", "key": key})
    assert answer.status_code == 409
    assert how_many(committed) == 1


def test_after_five_working_days_no_reasons_are_taken(
    client: PageClient, code: str, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = receipt_of(client, code, 1)
    later = clock.now() + timedelta(days=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.post(receipt + "/reasons", data={"tags": ["115"]}).status_code == 409
    assert how_many(committed, Reasons) == 0


def test_a_receipt_is_found_however_it_is_typed(client: PageClient, code: str) -> None:
    receipt = receipt_of(client, code, 3).removeprefix("/receipt/")
    typed = receipt.replace("-", " ").lower()
    answer = client.post("/receipt", data={"receipt": typed})
    assert answer.status_code == 303
    assert client.get(answer.headers["Location"]).status_code == 200
    assert client.post("/receipt", data={"receipt": "7K3M-9QXD-4TWZ"}).status_code == 422
    assert client.get("/receipt/7K3M-9QXD-4TWZ").status_code == 404


def test_the_clerk_on_duty_when_the_form_was_opened_is_found(
    client: PageClient, code: str, committed: Inside
) -> None:
    rate(client, code)
    found = committed(lambda session: session.scalar(select(Attribution.staff_id)))
    assert found is not None


def test_with_nobody_on_duty_the_receipt_asks_when_it_was(
    client: PageClient, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = clock.at(clock.today(), clock.local(clock.now()).time().replace(hour=15, minute=0, second=0))

    def make(session: Session) -> str:
        window = a_window(session, "25")
        morning = noon - timedelta(hours=6), noon - timedelta(hours=4)
        on_duty(session, window, a_clerk(session), *morning)
        return code_of(session, window)

    code = str(committed(make))
    monkeypatch.setattr(clock, "now", lambda: noon)
    receipt = receipt_of(client, code, 2)
    page = client.get(receipt).get_data(as_text=True)
    assert "什么时候办的?" in page
    client.post(receipt + "/reasons", data={"happened": "morning"})

    def stands(session: Session) -> None:
        assert session.execute(counted.counted_ratings()).one().staff_id != 0
        hows = session.scalars(select(Attribution.how).order_by(Attribution.seq)).all()
        assert hows == ["gap", "chosen"]

    committed(stands)


def test_after_a_change_of_hands_within_the_hour_the_receipt_asks_when_it_was(
    client: PageClient, committed: Inside
) -> None:
    """The clerk on duty is found all the same; the citizen may say it was the one before."""
    now = clock.now()

    def make(session: Session) -> str:
        window = a_window(session, "26")
        earlier, later = a_clerk(session, "1001"), a_clerk(session, "1002", "李明")
        changed = now - timedelta(minutes=30)
        on_duty(session, window, earlier, now - timedelta(hours=3), changed)
        on_duty(session, window, later, changed, now + timedelta(hours=3))
        return code_of(session, window)

    receipt = receipt_of(client, str(committed(make)), 2)
    assert "什么时候办的?" in client.get(receipt).get_data(as_text=True)
    row = committed(lambda session: session.execute(counted.counted_ratings()).one())
    assert row.staff_id != 0


def test_english_and_large_letters_travel_in_the_address(client: PageClient, code: str) -> None:
    page = client.get(f"/q/{code}?lang=en&size=large").get_data(as_text=True)
    action = re.search(r'<form method="post" action="([^"]+)"', page)
    assert action
    answer = client.post(action[1].replace("&amp;", "&"), data={"level": "5", "key": KEY})
    assert "lang=en" in answer.headers["Location"]
    assert "size=large" in answer.headers["Location"]


def test_the_page_is_small_and_guarded(app: Flask, client: PageClient, code: str) -> None:
    import gzip

    page = client.get(f"/q/{code}")
    assert len(gzip.compress(page.get_data())) <= 14 * 1024
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_a_scan_is_noted_by_day_only(client: PageClient, code: str, committed: Inside) -> None:
    client.get(f"/q/{code}").close()
    assert committed(lambda session: session.scalar(select(WindowCode.last_scanned_day))) == clock.today()


def drift(committed: Inside) -> object:
    return committed(lambda session: differences(session).differences)


def test_taking_the_matter_back_leaves_the_sums_exact(
    client: PageClient, code: str, committed: Inside
) -> None:
    receipt = receipt_of(client, code, 2)
    page = client.get(receipt).get_data(as_text=True)
    item = re.search(r'<option value="(\d+)">开具完税证明', page)
    assert item
    client.post(receipt + "/reasons", data={"tags": ["207"], "item": item[1]})
    client.post(receipt + "/reasons", data={"tags": ["207"], "item": ""})
    assert drift(committed) == 0


def test_correcting_to_the_same_level_changes_nothing(
    client: PageClient, code: str, committed: Inside
) -> None:
    receipt = receipt_of(client, code, 2)
    client.post(receipt + "/reasons", data={"tags": ["207"]})
    answer = client.post(receipt + "/correction", data={"level": "2", "key": "key-of-a-correction"})
    assert answer.status_code == 303
    assert how_many(committed) == 1
    assert len(committed(lambda session: session.execute(counted.counted_tags()).all())) == 1


def test_a_correction_keeps_the_words(client: PageClient, code: str, committed: Inside) -> None:
    receipt = receipt_of(client, code, 2)
    client.post(receipt + "/reasons", data={"text": "等了很久"})
    client.post(receipt + "/correction", data={"level": "1", "key": "key-of-a-correction"})
    assert "等了很久" in client.get(receipt).get_data(as_text=True)
    assert drift(committed) == 0


def test_when_it_happened_is_taken_only_where_it_is_asked(
    client: PageClient, code: str, committed: Inside
) -> None:
    """With one clerk on duty all day the receipt does not ask, and an answer moves nothing."""
    receipt = receipt_of(client, code, 1)
    assert "什么时候办的" not in client.get(receipt).get_data(as_text=True)
    client.post(receipt + "/reasons", data={"tags": ["115"], "happened": "earlier"})
    assert how_many(committed, Attribution) == 1
    assert drift(committed) == 0


def test_tags_chosen_before_a_correction_are_refused_after_it(
    client: PageClient, code: str, committed: Inside
) -> None:
    rate(client, code, 2)
    receipt_hash = committed(lambda session: session.scalar(select(Submission.receipt_hash)))
    with pytest.raises(WrongTags):
        committed(
            lambda session: explain_rating(
                session.connection(), str(receipt_hash), Explanation(tags=("510",)), clock.now()
            )
        )


def test_a_replay_finds_its_receipt_though_the_code_was_revoked_meanwhile(
    client: PageClient, code: str, committed: Inside
) -> None:
    first = rate(client, code, 1)
    committed(
        lambda session: revoke_code(
            session, session.scalar(select(WindowCode.id)), "换新码", clock.now(), None
        )
    )
    again = rate(client, code, 1)
    assert again.status_code == 303
    assert again.headers["Location"] == first.headers["Location"]


def test_a_page_of_another_site_cannot_rate(client: PageClient, code: str, committed: Inside) -> None:
    data = {"level": 1, "key": KEY}
    assert client.post(f"/q/{code}", data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(f"/q/{code}", data=data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert how_many(committed) == 1


def test_no_row_holds_the_key_a_receipt_could_be_made_from(
    client: PageClient, code: str, committed: Inside
) -> None:
    rate(client, code, 1)
    assert committed(lambda session: session.scalar(select(Submission.key))) != KEY


def test_a_form_opened_yesterday_counts_for_whom_the_window_belonged_to_then(
    client: PageClient, code: str, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(hours=23))
    key = key_in(client.get(f"/q/{code}").get_data(as_text=True))
    opened_on = clock.today()
    monkeypatch.setattr(clock, "now", lambda: now)
    moved_on = clock.today()

    def move(session: Session) -> None:
        window = session.scalars(select(WindowUnit)).one()
        session.add(
            WindowUnit(
                window_id=window.window_id, from_day=moved_on, unit_id=a_unit(session, "HRSS", "人社局")
            )
        )

    committed(move)
    rate(client, code, 1, key)
    row = committed(lambda session: session.execute(counted.counted_ratings()).one())
    then = committed(lambda session: a_unit(session, "TAX" if opened_on < moved_on else "HRSS"))
    assert (row.day, row.unit_id) == (opened_on, then)
