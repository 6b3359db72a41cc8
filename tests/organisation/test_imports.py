"""Importing into a real database, on both engines."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.kernel import clock, reactions
from evalsys.organisation.actions.imports import FaultyImport, Source, apply_import, source_of
from evalsys.organisation.events import StaffImported
from evalsys.organisation.models import (
    Duty,
    Hall,
    Import,
    Item,
    ItemAlias,
    ItemMaterial,
    ItemWindow,
    Staff,
    StaffUnit,
    Unit,
    UnitName,
    Window,
    WindowUnit,
    Zone,
)
from evalsys.organisation.plan.rows import Plan
from evalsys.organisation.queries.imports import import_draft
from tests.organisation.books import SMALL_HALL, TODAY, Rows, book, changed, said

NOW = clock.at(TODAY, time(10))
SOURCE = Source("大厅.xlsx", "0" * 64)
TOMORROW = NOW + timedelta(days=1)


def brought_in(session: Session, sheets: Mapping[str, Rows] = SMALL_HALL, now: datetime = NOW) -> Plan:
    plan = import_draft(session, book(sheets), clock.day_of(now)).plan
    assert said(plan) == []
    apply_import(session, plan, SOURCE, None, now)
    session.expire_all()
    return plan


def figures(plan: Plan) -> tuple[int, int, int]:
    return plan.created, plan.changed, plan.unchanged


def test_a_hall_comes_in_whole(session: Session) -> None:
    plan = brought_in(session)
    assert figures(plan) == (15, 0, 0)
    counts = [
        session.scalar(select(func.count()).select_from(model))
        for model in (Unit, UnitName, Hall, Zone, Window, WindowUnit, Staff, StaffUnit, Item, Duty)
    ]
    assert counts == [3, 3, 1, 2, 3, 3, 3, 3, 2, 3]
    tax = session.execute(select(Unit).where(Unit.code == "SW")).scalar_one()
    assert session.get_one(Unit, tax.parent_id).code == "ZX"
    invoice = session.execute(select(Item).where(Item.task_code == "11001")).scalar_one()
    assert (invoice.item_type, invoice.high_frequency, invoice.unit_id) == ("20", True, tax.id)
    papers = select(ItemMaterial.material).where(ItemMaterial.item_id == invoice.id)
    assert session.scalars(papers.order_by(ItemMaterial.place)).all() == ["身份证", "营业执照"]
    assert session.scalar(select(func.count()).select_from(ItemAlias)) == 2
    assert session.scalar(select(func.count()).select_from(ItemWindow)) == 3
    shift = session.scalars(select(Duty).order_by(Duty.starts_at, Duty.id)).all()[-1]
    assert (shift.starts_at, shift.ends_at) == (clock.at(TODAY, time(13, 15)), clock.at(TODAY, time(17, 30)))
    assert (shift.kind, shift.source, shift.withdrawn_at) == ("regular", "rota", None)


def test_an_import_is_remembered(session: Session) -> None:
    brought_in(session)
    record = session.execute(select(Import)).scalar_one()
    assert (record.file_name, record.sha256, record.at) == (SOURCE.file_name, SOURCE.sha256, NOW)
    assert (record.rows, record.created, record.changed) == (15, 15, 0)
    assert set(session.scalars(select(Duty.import_id))) == {record.id}


def test_the_same_file_again_changes_nothing(session: Session) -> None:
    brought_in(session)
    again = brought_in(session, now=TOMORROW)
    assert figures(again) == (0, 0, 15)
    assert session.scalar(select(func.count()).select_from(Duty)) == 3
    assert session.scalar(select(func.count()).select_from(UnitName)) == 3


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value"),
    [
        ("部门", 3, "名称", "税务总局"),
        ("部门", 3, "上级", "RS"),
        ("部门", 3, "比较组", "别的"),
        ("大厅", 2, "地址", "新址"),
        ("窗口", 2, "类型", "专窗"),
        ("窗口", 2, "区域", "D区"),
        ("窗口", 2, "区域", "无"),
        ("窗口", 2, "部门", "人社"),
        ("人员", 2, "姓名", "张一一"),
        ("人员", 2, "部门", "RS"),
        ("事项", 2, "别名", "开票"),
        ("事项", 2, "材料", "营业执照、身份证"),
        ("事项", 2, "窗口", "无"),
        ("事项", 2, "承诺时限", "1个工作日"),
    ],
)
def test_one_change_is_one_change_and_then_stands(
    session: Session, sheet: str, row: int, column: str, value: str
) -> None:
    brought_in(session)
    sheets = changed(sheet, row, column, value)
    if value == "税务总局":
        sheets = {"部门": sheets["部门"]}
    assert brought_in(session, sheets, TOMORROW).changed == 1
    assert brought_in(session, sheets, TOMORROW).changed == 0


def test_a_faulty_file_leaves_everything_as_it_was(session: Session) -> None:
    brought_in(session)
    plan = import_draft(session, book(changed("排班", 2, "工号", "9999")), TODAY).plan
    with pytest.raises(FaultyImport, match="有1处要改,一行都没有导入"):
        apply_import(session, plan, SOURCE, None, NOW)
    assert session.scalar(select(func.count()).select_from(Import)) == 1


def test_a_renamed_department_keeps_its_old_name_before_the_day(session: Session) -> None:
    brought_in(session)
    brought_in(session, {"部门": [["代码", "名称", "生效日期"], ["SW", "税务总局", "2026-05-01"]]})
    names = session.execute(select(UnitName.from_day, UnitName.name).join(Unit).where(Unit.code == "SW"))
    assert sorted(names) == [(date(2000, 1, 1), "税务局"), (date(2026, 5, 1), "税务总局")]


def test_a_renamed_department_is_corrected_on_the_same_day(session: Session) -> None:
    brought_in(session)
    for name in ("税务总局", "税务局(新)"):
        brought_in(session, {"部门": [["代码", "名称"], ["SW", name]]})
    names = session.execute(select(UnitName.from_day, UnitName.name).join(Unit).where(Unit.code == "SW"))
    assert sorted(names) == [(date(2000, 1, 1), "税务局"), (TODAY, "税务局(新)")]


def belongings(session: Session, number: str) -> list[tuple[date, date | None, str]]:
    rows = session.execute(
        select(WindowUnit.from_day, WindowUnit.to_day, Unit.code)
        .join(Unit, Unit.id == WindowUnit.unit_id)
        .join(Window, Window.id == WindowUnit.window_id)
        .where(Window.number == number)
        .order_by(WindowUnit.from_day)
    )
    return list(rows)


def test_a_window_that_moves_belonged_elsewhere_before(session: Session) -> None:
    brought_in(session)
    brought_in(session, {"窗口": [["编号", "部门"], ["24", "RS"]]}, TOMORROW)
    opened = date(2026, 1, 5)
    assert belongings(session, "24") == [(opened, TODAY, "SW"), (TODAY + timedelta(days=1), None, "RS")]
    brought_in(session, {"窗口": [["编号", "部门"], ["24", "ZX"]]}, TOMORROW)
    assert belongings(session, "24") == [(opened, TODAY, "SW"), (TODAY + timedelta(days=1), None, "ZX")]


def test_a_window_that_has_not_opened_yet_opens_elsewhere(session: Session) -> None:
    brought_in(session, {**changed("窗口", 2, "启用日期", "2026-09-01"), "排班": []})
    brought_in(session, {"窗口": [["编号", "部门"], ["24", "RS"]]}, TOMORROW)
    assert belongings(session, "24") == [(date(2026, 9, 1), None, "RS")]


def test_a_person_who_moves_belonged_elsewhere_before(session: Session) -> None:
    brought_in(session)
    brought_in(session, {"人员": [["工号", "部门"], ["1001", "RS"]]}, TOMORROW)
    rows = session.execute(
        select(StaffUnit.to_day, Unit.code)
        .join(Unit, Unit.id == StaffUnit.unit_id)
        .join(Staff, Staff.id == StaffUnit.staff_id)
        .where(Staff.staff_no == "1001")
        .order_by(StaffUnit.from_day)
    )
    assert list(rows) == [(TODAY, "SW"), (None, "RS")]


def test_a_new_rota_withdraws_the_old_one_of_its_days_and_windows_only(session: Session) -> None:
    brought_in(session)
    header = SMALL_HALL["排班"][0]
    plan = brought_in(
        session, {"排班": [header, ["2026-03-10", "09:00", "24:00", "24", "1002", "顶岗"]]}, TOMORROW
    )
    assert figures(plan) == (1, 2, 0)
    standing = session.scalars(select(Duty).where(Duty.withdrawn_at.is_(None)).order_by(Duty.id)).all()
    withdrawn = session.scalars(select(Duty).where(Duty.withdrawn_at.is_not(None))).all()
    assert [duty.kind for duty in standing] == ["regular", "relief"]
    assert standing[1].ends_at == clock.end_of(TODAY)
    assert [duty.withdrawn_at for duty in withdrawn] == [TOMORROW, TOMORROW]
    assert figures(
        brought_in(session, {"排班": [header, ["2026-03-10", "9:00", "24:00", "24", "1002", "顶岗"]]})
    ) == (0, 0, 1)


def test_the_roles_of_staff_are_announced_and_open_no_account(session: Session) -> None:
    heard: list[StaffImported] = []
    reactions.follow({StaffImported: [lambda _, event: heard.append(event)]})
    brought_in(session)
    assert [(event.staff_no, event.name, event.roles) for event in heard] == [
        ("1001", "张一", ("clerk",)),
        ("2001", "王三", ("clerk", "window-manager")),
    ]


def test_the_order_of_files_does_not_make_another_source() -> None:
    one, other = ("人员.csv", b"x"), ("大厅.csv", b"y")
    assert source_of([one, other]) == source_of([other, one])
    assert source_of([one]) != source_of([other])
