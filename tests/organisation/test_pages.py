"""The pages of the data steward, of those who plan the rota, and of whoever sits down at a window."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from evalsys import wiring
from evalsys.identity.models import Account
from evalsys.kernel import settings
from evalsys.kernel.database import transaction
from evalsys.organisation.actions import uploads
from evalsys.organisation.models import Duty, Import, Staff, Unit, UnitName, Window, WindowUnit
from tests.builders import a_window, code_of, signed_in
from tests.conftest import Inside
from tests.organisation.books import SMALL_HALL, TODAY, as_csv, as_xlsx, changed
from tests.organisation.halls import NOW, small_hall, staff_id
from tests.pages import PageClient

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hall(committed: Inside) -> None:
    committed(small_hall)


@pytest.fixture
def steward(app: Flask, hall: None) -> PageClient:
    return signed_in(app, "data-steward", "ZX")


@pytest.fixture
def manager(app: Flask, hall: None) -> PageClient:
    return signed_in(app, "window-manager", "SW")


@pytest.fixture
def clerk(app: Flask, hall: None) -> PageClient:
    client = signed_in(app, "clerk", "SW")
    with app.app_context(), transaction() as session:
        session.execute(
            update(Account).where(Account.name == "clerk.SW").values(staff_id=staff_id(session, "1002"))
        )
    return client


def words(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def send(client: PageClient, address: str, at: str = "", **fields: object) -> TestResponse:
    """Fill in the form of a page (at `at`, else at the address itself) and send it."""
    page = client.get(at or address).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    return client.post(address, data={**fields, "csrf_token": token[1]})


def upload(client: PageClient, *files: tuple[str, bytes]) -> TestResponse:
    return send(
        client,
        "/admin/organisation/import",
        files=[(io.BytesIO(content), name) for name, content in files],
    )


def one(app: Flask, statement: object) -> object:
    with app.app_context(), transaction() as session:
        return session.execute(statement).scalars().all()  # type: ignore[call-overload]


# looking


@pytest.mark.parametrize(
    "page", ["", "/windows", "/staff", "/items", "/import", "/windows/C-24", "/units/SW"]
)
def test_the_steward_sees_every_page(steward: PageClient, page: str) -> None:
    assert steward.get(f"/admin/organisation{page}").status_code == 200


def test_an_empty_place_says_what_to_do(app: Flask) -> None:
    steward = signed_in(app, "data-steward", "ZX")
    for page in ("windows", "staff", "items"):
        assert "请先导入" in words(steward.get(f"/admin/organisation/{page}"))


def test_the_overview_counts_and_names(steward: PageClient) -> None:
    page = words(steward.get("/admin/organisation"))
    assert "人力资源和社会保障局" in page
    assert "2026-03-10 10:00" in page


def test_a_search_without_result_says_so(steward: PageClient) -> None:
    assert "没有这样的窗口" in words(steward.get("/admin/organisation/windows?q=火星"))
    assert "A12号窗口" in words(steward.get("/admin/organisation/windows?q=A12"))


@pytest.mark.parametrize("page", ["windows/C-99", "windows/C-99/close", "units/XX", "import/nothing"])
def test_what_is_not_there_is_not_found(steward: PageClient, page: str) -> None:
    assert steward.get(f"/admin/organisation/{page}").status_code in {404, 422}


@pytest.mark.parametrize("page", ["", "/windows", "/import", "/template.xlsx", "/units/SW"])
def test_nobody_else_sees_the_stewards_pages(manager: PageClient, page: str) -> None:
    assert manager.get(f"/admin/organisation{page}").status_code == 403


# bringing files in


def test_a_hall_is_tried_and_then_brought_in(app: Flask) -> None:
    steward = signed_in(app, "data-steward", "ZX")
    tried = upload(steward, ("大厅.xlsx", as_xlsx()))
    page = steward.get(tried.location)
    assert "共15行:新增14,改动1,不变0。还没有写入。" in words(page)
    assert one(app, select(Import)) == []
    done = send(steward, tried.location)
    assert done.location == "/admin/organisation"
    assert "已导入15行:新增14,改动1,不变0。" in words(steward.get(done.location))
    assert len(one(app, select(Window))) == 3  # type: ignore[arg-type]


def test_several_csv_files_are_one_import(app: Flask) -> None:
    steward = signed_in(app, "data-steward", "ZX")
    files = [(f"{name}.csv", as_csv(rows, "gb18030")) for name, rows in SMALL_HALL.items()]
    assert "共15行" in words(steward.get(upload(steward, *files).location))


def test_a_faulty_file_names_every_fault_and_comes_back_marked(steward: PageClient) -> None:
    tried = upload(steward, ("大厅.xlsx", as_xlsx(changed("人员", 3, "部门", "税务居"))))
    page = steward.get(tried.location)
    assert "<title>错误:" in page.get_data(as_text=True)
    assert "有1处要改,一行都没有导入" in words(page)
    assert "没有部门“税务居”,是不是“税务局”?请核对" in words(page)
    marked = steward.get(f"{tried.location}/annotated.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(marked.data))["人员"].iter_rows(values_only=True))
    assert rows[2][-1].startswith("C列“部门”")


def test_a_faulty_file_is_refused_even_when_sent_by_hand(steward: PageClient, app: Flask) -> None:
    tried = upload(steward, ("大厅.xlsx", as_xlsx(changed("人员", 3, "部门", "税务居"))))
    refused = send(steward, tried.location, at="/admin/organisation/import")
    assert refused.status_code == 422
    assert "一行都没有导入" in words(refused)
    assert len(one(app, select(Import))) == 1  # type: ignore[arg-type]


def test_the_same_file_again_has_nothing_to_import(steward: PageClient) -> None:
    page = words(steward.get(upload(steward, ("大厅.xlsx", as_xlsx())).location))
    assert "文件里的内容都已经有了,不用导入" in page


def test_without_a_file_there_is_nothing_to_try(steward: PageClient) -> None:
    answer = send(steward, "/admin/organisation/import")
    assert answer.status_code == 422
    assert "请选择要导入的文件。" in words(answer)


def test_a_file_that_cannot_be_read_says_what_to_do(steward: PageClient) -> None:
    page = words(steward.get(upload(steward, ("人员.xlsx", b"PK\x03\x04 broken")).location))
    assert "请用表格软件打开后另存为xlsx再导入" in page


def test_what_somebody_tried_is_nobody_elses(app: Flask, steward: PageClient) -> None:
    tried = upload(steward, ("大厅.xlsx", as_xlsx()))
    assert "请重新选择文件" in words(signed_in(app, "data-steward", "SW").get(tried.location))


def test_what_was_tried_is_kept_for_a_day(tmp_path, engine_name: str) -> None:
    old = uploads.keep_upload(tmp_path, 1, [("a.csv", b"a")], NOW)
    assert uploads.kept_upload(tmp_path, 1, old, NOW + timedelta(hours=23)) == [("a.csv", b"a")]
    assert uploads.kept_upload(tmp_path, 1, old, NOW + timedelta(hours=25)) is None
    assert uploads.kept_upload(tmp_path, 1, "../../etc/passwd", NOW) is None


def test_files_nobody_came_back_for_are_dropped_by_the_clock(app: Flask, steward: PageClient) -> None:
    (job,) = [job for job in wiring.TIMED if job.name == "drop-uploads"]
    upload(steward, ("大厅.xlsx", as_xlsx()))
    with app.app_context(), transaction() as session:
        folder = settings.current().instance / uploads.FOLDER
        job.run(session, NOW + timedelta(hours=23))
        assert len(list(folder.iterdir())) == 1
        job.run(session, NOW + timedelta(hours=25))
        assert list(folder.iterdir()) == []


def test_the_template_is_handed_out(steward: PageClient) -> None:
    answer = steward.get("/admin/organisation/template.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames[1:] == list(SMALL_HALL)


# windows and departments


def test_a_window_is_closed_and_opened_again(steward: PageClient, app: Flask) -> None:
    address = "/admin/organisation/windows/C-24"
    assert send(steward, f"{address}/close", day=str(TOMORROW)).location == address
    assert "24号窗口从2026-03-11起停用。" in words(steward.get(address))
    assert one(app, select(Window.to_day).where(Window.number == "24")) == [TODAY]
    assert send(steward, f"{address}/reopen", day=str(TODAY)).location == address
    assert one(app, select(Window.to_day).where(Window.number == "24")) == [None]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("", "请填从哪天起停用。"),
        ("明天", "看不懂日期“明天”,请写成2026-03-01这样的日期"),
        ("2026-01-05", "停用日期要晚于启用日期2026-01-05。请改选一天。"),
    ],
)
def test_a_wrong_day_is_said_and_kept(steward: PageClient, app: Flask, day: str, why: str) -> None:
    answer = send(steward, "/admin/organisation/windows/C-24/close", day=day)
    assert answer.status_code == 422
    assert why in words(answer)
    assert f'value="{day}"' in answer.get_data(as_text=True)
    assert one(app, select(Window.to_day).where(Window.number == "24")) == [None]


def test_a_window_moves_to_another_department(steward: PageClient, app: Flask) -> None:
    (unit,) = one(app, select(Unit.id).where(Unit.code == "RS"))  # type: ignore[misc]
    address = "/admin/organisation/windows/C-24"
    assert send(steward, f"{address}/move", unit=unit, day=str(TOMORROW)).location == address
    moved = select(WindowUnit.unit_id).where(WindowUnit.from_day == TOMORROW)
    assert one(app, moved) == [unit]
    again = send(steward, f"{address}/move", unit="9999", day=str(TOMORROW))
    assert again.status_code == 422


def test_a_department_is_renamed(steward: PageClient, app: Flask) -> None:
    address = "/admin/organisation/units/SW"
    assert send(steward, address, name=" 税务总局 ", short_name="", day="2026年5月1日").location == address
    names = select(UnitName.name).where(UnitName.from_day == date(2026, 5, 1))
    assert one(app, names) == ["税务总局"]
    refused = send(steward, address, name="=1+1", short_name="", day=str(TODAY))
    assert "会被当成公式" in words(refused)
    assert 'value="=1+1"' in refused.get_data(as_text=True)


# the rota


def duties(app: Flask) -> list[tuple[str, str, bool]]:
    with app.app_context(), transaction() as session:
        rows = session.execute(
            select(Staff.staff_no, Duty.source, Duty.withdrawn_at.is_(None))
            .join(Staff, Staff.id == Duty.staff_id)
            .order_by(Duty.id)
        )
        return [(number, source, bool(stands)) for number, source, stands in rows]


def test_a_manager_plans_the_windows_of_the_own_department_only(manager: PageClient) -> None:
    page = words(manager.get("/console/rota"))
    assert "24号窗口" in page
    assert "25号窗口" not in page
    assert "09:00–13:15 张一 日常" in page
    assert "没有排班" in page


def test_a_shift_is_given_to_somebody_else(manager: PageClient, app: Flask) -> None:
    (duty,) = one(app, select(Duty.id).order_by(Duty.id).limit(1))  # type: ignore[misc]
    chosen = person(app, "1002")
    answer = send(manager, f"/console/rota/{duty}?staff={chosen}", to=f"staff:{chosen}")
    assert answer.location == "/console/rota?day=2026-03-10"
    assert duties(app)[-1] == ("1002", "rota", True)


def person(app: Flask, number: str) -> int:
    with app.app_context(), transaction() as session:
        return staff_id(session, number)


def test_a_shift_is_not_given_to_nobody(manager: PageClient, app: Flask) -> None:
    (duty,) = one(app, select(Duty.id).order_by(Duty.id).limit(1))  # type: ignore[misc]
    chosen, stranger = person(app, "1002"), person(app, "2001")
    for to in ("", "staff:9999", f"staff:{stranger}"):
        assert send(manager, f"/console/rota/{duty}?staff={chosen}", to=to).status_code == 422
    send(manager, f"/console/rota/{duty}?staff={stranger}", to=f"staff:{stranger}")
    assert len(duties(app)) == 3


def test_a_shift_of_another_department_is_not_there(manager: PageClient, app: Flask) -> None:
    last = select(Duty.id).join(Staff, Staff.id == Duty.staff_id).where(Staff.staff_no == "2001")
    (duty,) = one(app, last)  # type: ignore[misc]
    assert manager.get(f"/console/rota/{duty}").status_code == 404
    assert send(manager, f"/console/rota/{duty}/withdraw", at="/account").status_code == 404


def test_a_shift_is_withdrawn(manager: PageClient, app: Flask) -> None:
    (duty,) = one(app, select(Duty.id).order_by(Duty.id).limit(1))  # type: ignore[misc]
    assert send(manager, f"/console/rota/{duty}/withdraw", at=f"/console/rota/{duty}").status_code == 302
    assert duties(app)[0] == ("1001", "rota", False)


def test_a_shift_is_added(manager: PageClient, app: Flask) -> None:
    shift = {
        "staff": person(app, "1001"),
        "day": str(TOMORROW),
        "starts": "9点",
        "ends": "24:00",
        "kind": "relief",
    }
    answer = send(manager, "/console/rota/new/C-A12?day=2026-03-11", **shift)
    assert answer.location == "/console/rota?day=2026-03-11"
    wrong = send(manager, "/console/rota/new/C-A12", **{**shift, "ends": "8:00"})
    assert "结束要晚于开始。" in words(wrong)
    assert manager.get("/console/rota/new/C-25").status_code == 404


def test_two_shifts_are_swapped(manager: PageClient, app: Flask) -> None:
    first, second = one(app, select(Duty.id).order_by(Duty.id).limit(2))  # type: ignore[misc]
    page = f"/console/rota/{first}?staff={person(app, '1002')}"
    assert "和李二互换:2026-03-10 13:15–17:30 24号窗口" in words(manager.get(page))
    assert send(manager, page, to=f"duty:{second}").status_code == 302
    assert [number for number, _source, stands in duties(app) if stands][-2:] == ["1002", "1001"]


# taking over


def test_two_taps_and_a_clerk_sits_there(clerk: PageClient, app: Flask) -> None:
    page = clerk.get("/console/hand-over")
    assert "今天排了您的班 24号窗口 现在当班:张一" in words(page)
    done = send(clerk, "/console/hand-over/C-24", at="/console/hand-over")
    assert "24号窗口现在当班:李二。" in words(clerk.get(done.location))
    assert "您在当班" in words(clerk.get("/console/hand-over"))
    assert duties(app)[-1] == ("1002", "sign-in", True)


def test_a_clerk_takes_over_for_nobody_else(clerk: PageClient, app: Flask) -> None:
    other = send(clerk, "/console/hand-over/C-24", at="/console/hand-over", staff=person(app, "1001"))
    assert other.status_code == 403
    assert clerk.get("/console/hand-over/C-24").status_code == 403


def test_a_clerk_takes_over_in_the_own_department_only(clerk: PageClient) -> None:
    assert send(clerk, "/console/hand-over/C-25", at="/console/hand-over").status_code == 404


def test_a_manager_says_who_takes_over(manager: PageClient, app: Flask) -> None:
    page = "/console/hand-over/C-24"
    assert "李二 1002" in words(manager.get(page))
    assert send(manager, page, staff=person(app, "1002")).status_code == 302
    assert duties(app)[-1] == ("1002", "sign-in", True)
    assert send(manager, page, staff=person(app, "2001")).status_code == 404


def test_an_account_without_a_number_is_told_so(app: Flask, hall: None) -> None:
    assert "没有对上工号" in words(signed_in(app, "clerk", "SW").get("/console/hand-over"))


def test_a_department_without_windows_is_told_so(app: Flask, hall: None, committed: Inside) -> None:
    manager = signed_in(app, "window-manager", "XX")
    assert "今天没有开着的窗口" in words(manager.get("/console/hand-over"))
    assert "没有您能排班的窗口" in words(manager.get("/console/rota"))


def test_the_code_of_a_window_that_opens_tomorrow_says_it_is_not_open(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        window = a_window(session, "30")
        session.execute(update(WindowUnit).values(from_day=TOMORROW))
        session.execute(update(Window).values(from_day=TOMORROW))
        code = code_of(session, window)
    assert app.test_client().get(f"/q/{code}").status_code == 410
