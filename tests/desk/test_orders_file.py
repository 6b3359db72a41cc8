"""Orders out of a file: every faulty row is named, all are taken in or none, each number once."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.desk import workbook
from evalsys.desk.cli import group
from evalsys.desk.models import Order
from evalsys.desk.rules import SOURCE_WORDS, NewOrder, Source, content_of
from evalsys.kernel import clock
from evalsys.kernel.sheets import files
from evalsys.rectification.models import Case, Contact
from tests.builders import a_window, an_account, signed_in
from tests.conftest import Inside
from tests.pages import PageClient
from tests.rectification.desks import form_token, posted
from tests.rectification.people import MONDAY

HEADERS = [column.name for column in workbook.COLUMNS]
NOISE = [
    "热线电话",
    "12345-1",
    "噪音扰民",
    "夜里施工",
    "2026-10-19 09:20",
    "C-24",
    "南门",
    "13800001234",
    "王敏",
]
LIFT = [
    "letter",
    "12345-2",
    "property",
    "电梯坏了",
    datetime(2026, 10, 19, 9, tzinfo=UTC).replace(tzinfo=None),
    None,
    None,
    None,
    None,
]


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with time_machine.travel(MONDAY + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def dispatcher(app: Flask, committed: Inside) -> PageClient:
    committed(a_window)
    return signed_in(app, "dispatcher", "GOV")


def a_file(*rows: Sequence[Any]) -> bytes:
    """A workbook as another platform gives it out, with a title above the headers."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in ([], ["10月工单"], HEADERS, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def handed_in(client: PageClient, content: bytes) -> str:
    """Hand a file in; the address of its dry run."""
    sent = {"csrf_token": form_token(client, "/orders/import"), "files": (io.BytesIO(content), "orders.xlsx")}
    answer = client.post("/orders/import", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def taken_in(client: PageClient, content: bytes) -> TestResponse:
    return posted(client, handed_in(client, content))


def numbers(committed: Inside) -> list[str | None]:
    found = committed(
        lambda session: session.scalars(select(Order.upstream_no).order_by(Order.case_id)).all()
    )
    assert isinstance(found, list)
    return found


def test_a_file_is_tried_and_then_taken_in(dispatcher: PageClient, committed: Inside) -> None:
    assert "/orders/import" in dispatcher.get("/orders").text
    where = handed_in(dispatcher, a_file(NOISE, LIFT))
    assert "新的2件,已有0件" in dispatcher.get(where).text
    assert numbers(committed) == []
    assert posted(dispatcher, where).status_code == 303
    assert "已受理2件" in dispatcher.get("/orders").text
    assert numbers(committed) == ["12345-1", "12345-2"]

    def kept(session: Session) -> tuple[Any, ...]:
        order = session.execute(select(Order).where(Order.upstream_no == "12345-1")).scalar_one()
        case = session.execute(select(Case).where(Case.id == order.case_id)).scalar_one()
        masked = session.execute(select(Contact.masked)).scalar_one()
        return case.state, case.profile, order.place, order.received_at, masked, case.window_id is not None

    at = datetime(2026, 10, 19, 9, 20, tzinfo=clock.SHANGHAI)
    assert committed(kept) == ("TRIAGED", "general", "南门", at, "王** 138****1234", True)


def test_the_same_file_again_takes_nothing_in(dispatcher: PageClient, committed: Inside) -> None:
    taken_in(dispatcher, a_file(NOISE))
    again = dispatcher.get(handed_in(dispatcher, a_file(NOISE, NOISE)))
    assert "没有新的工单,已有2件" in again.text
    more = handed_in(dispatcher, a_file(NOISE, LIFT))
    assert "新的1件,已有1件" in dispatcher.get(more).text
    posted(dispatcher, more)
    assert numbers(committed) == ["12345-1", "12345-2"]


def other(row: Sequence[Any], place: int, value: object) -> list[Any]:
    return [*row[:place], value, *row[place + 1 :]]


FAULTY = [
    (other(NOISE, 0, "口信"), "A列“来源”:不认识“口信”"),
    (other(NOISE, 1, None), "B列“来源编号”:没有填"),
    (other(NOISE, 2, "天气"), ":没有类别“天气”"),
    (other(NOISE, 3, "=1+1"), "D列“反映的内容”:"),
    (other(NOISE, 4, "前天"), "E列“收到时间”:看不懂日期“前天”"),
    (other(NOISE, 4, "2026-10-20 09:00"), ":收到时间在将来"),
    (other(NOISE, 5, "C-99"), ":没有窗口“C-99”"),
    (other(NOISE, 7, "12"), "H列“联系电话”:“12”不能打通"),
    ([*NOISE, "2026-10-18"], ":要求办结的时间早于收到的时间"),
    (other(LIFT, 3, "别的事"), ":与第4行编号相同,内容不同"),
]


def test_every_faulty_row_is_named_and_nothing_is_taken_in(
    app: Flask, dispatcher: PageClient, committed: Inside, tmp_path: Path
) -> None:
    path = tmp_path / "orders.xlsx"
    # Each with a number of its own, but for the one without and the one that is used twice.
    rows = [
        row if place in (1, len(FAULTY) - 1) else other(row, 1, f"n{place}")
        for place, (row, _) in enumerate(FAULTY)
    ]
    path.write_bytes(a_file(LIFT, *rows))
    committed(lambda session: an_account(session, "dispatcher", "GOV"))
    with app.app_context():
        done = CliRunner().invoke(group, ["import", str(path), "--account", "dispatcher.GOV"])
    assert done.exit_code == 1
    named = sorted(line for line in done.output.splitlines() if line.startswith("“"))
    wanted = sorted(f"“Sheet”第{number}行{said}" for number, (_, said) in enumerate(FAULTY, start=5))
    assert len(named) == len(wanted)
    assert [line[: len(said)] for line, said in zip(named, wanted, strict=True)] == wanted
    assert "有10处要改,一件都没有受理" in done.output
    assert numbers(committed) == []


def test_the_faulty_file_comes_back_with_what_is_wrong(dispatcher: PageClient, committed: Inside) -> None:
    where = handed_in(dispatcher, a_file(LIFT, other(NOISE, 0, "口信")))
    page = dispatcher.get(where)
    assert "有1处要改,一件都没有受理" in page.text
    assert "不认识“口信”" in page.text
    answer = dispatcher.get(f"{where}/annotated.xlsx").data
    rows = list(openpyxl.load_workbook(io.BytesIO(answer)).worksheets[0].values)
    assert "不认识“口信”" in str(rows[4][-1])
    assert rows[3][-1] is None
    assert posted(dispatcher, where).status_code == 422
    assert numbers(committed) == []
    # Handed in again as it came back, the column with the problems is not read.
    assert "不认识“口信”" in dispatcher.get(handed_in(dispatcher, answer)).text


def test_a_number_used_for_something_else_is_named_with_its_case(dispatcher: PageClient) -> None:
    taken_in(dispatcher, a_file(NOISE))
    page = dispatcher.get(handed_in(dispatcher, a_file(other(NOISE, 3, "白天施工"))))
    assert "编号“12345-1”已收过一件(" in page.text


def test_the_command_takes_orders_in_once(app: Flask, committed: Inside, tmp_path: Path) -> None:
    committed(lambda session: [a_window(session), an_account(session, "dispatcher", "GOV")])
    path = tmp_path / "orders.csv"
    path.write_text(
        "来源,编号,类别,内容,受理时间,办结期限\n来信,7,噪音扰民,夜里施工,2026-10-19 9点20,2026-10-22\n"
    )
    for arguments, said in (
        (["--dry-run"], "试导入,没有写入:新的1件"),
        ([], "已受理:新的1件,已有0件"),
        ([], "已受理:新的0件,已有1件"),
    ):
        with app.app_context():
            done = CliRunner().invoke(group, ["import", str(path), "--account", "dispatcher.GOV", *arguments])
        assert (done.exit_code, said in done.output) == (0, True), done.output
    assert numbers(committed) == ["7"]
    # A day alone means its end.
    due = committed(lambda session: session.scalar(select(Order.upstream_due)))
    assert due == clock.end_of(date(2026, 10, 22))
    with app.app_context():
        refused = CliRunner().invoke(group, ["import", str(path), "--account", "nobody"])
    assert (refused.exit_code, "不是可以受理工单的账号" in refused.output) == (1, True)


def test_what_the_template_asks_for_is_what_is_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.template()))
    assert [cell.value for cell in book[workbook.SHEET][1]] == HEADERS
    assert book["说明"].max_row == len(HEADERS)
    assert all(words in str(book["说明"]["B1"].value) for words in SOURCE_WORDS.values())
    empty = workbook.read(files.read([("template.xlsx", workbook.template())]))
    assert (empty.rows, empty.faults) == ([], [])


def test_a_file_without_headers_or_with_too_many_orders_is_refused() -> None:
    nothing = workbook.read(files.read([("x.csv", b"1,2\n3,4")]))
    assert "没有找到表头" in str(nothing.faults[0])
    lacks = workbook.read(files.read([("x.csv", "来源,类别,内容\n来信,x,y".encode())]))
    assert "表头缺少“来源编号”“收到时间”" in str(lacks.faults[0])
    line = "来信,{},噪音扰民,夜里施工,2026-10-19\n"
    many = "来源,编号,类别,内容,收到时间\n" + "".join(line.format(n) for n in range(workbook.MOST_ROWS + 1))
    assert "一次最多导入200件,现在201件" in str(
        workbook.read(files.read([("x.csv", many.encode())])).faults[0]
    )


def test_only_who_types_orders_in_imports_them(app: Flask, dispatcher: PageClient) -> None:
    where = handed_in(dispatcher, a_file(NOISE))
    assert signed_in(app, "owner", "GOV").get(where).status_code == 403
    # Another's file is nobody else's to see.
    assert signed_in(app, "supervisor", "GOV").get(where).status_code == 422


def test_a_file_and_the_interface_mean_the_same_order(dispatcher: PageClient, committed: Inside) -> None:
    taken_in(dispatcher, a_file(LIFT))
    at = datetime(2026, 10, 19, 1, tzinfo=UTC)
    sent = NewOrder(Source.LETTER, "property", "电梯坏了", at, upstream_no="12345-2")
    assert committed(lambda session: session.scalar(select(Order.content))) == content_of(sent)
