"""What an import would do, and every fault it may have."""

from datetime import date, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalsys.organisation.plan.drawing import draw
from evalsys.organisation.plan.rows import DutyRow, HallRow, Known, Naming, StaffRow, UnitRow, WindowRow
from evalsys.organisation.workbook import tables
from evalsys.organisation.workbook.columns import SHEETS
from tests.kernel.test_cells import CELLS
from tests.organisation.books import SMALL_HALL, TODAY, Rows, book, changed, planned, said

STANDING = Known(
    units={"SW": UnitRow("SW", "税务局", "税务"), "RS": UnitRow("RS", "人社局", "人社")},
    namings={
        "SW": (Naming(date(2000, 1, 1), "税务局", "税务"),),
        "RS": (Naming(date(2000, 1, 1), "人社局", "人社"),),
    },
    halls={"C": HallRow("C", "县政务服务中心", "")},
    windows={
        "C-24": WindowRow("C", "24", "A区", "SW", "综合"),
        "C-25": WindowRow("C", "25", "", "RS", to_day=date(2026, 2, 28)),
    },
    staff={
        "1001": StaffRow("1001", "张一", "SW"),
        "1002": StaffRow("1002", "李二", "SW", to_day=date(2026, 3, 1)),
    },
)


def test_a_whole_hall_is_planned_in_one_go() -> None:
    plan = planned(SMALL_HALL)
    assert said(plan) == []
    assert [(t.sheet, t.created, t.changed, t.unchanged) for t in plan.tallies] == [
        ("部门", 3, 0, 0),
        ("大厅", 1, 0, 0),
        ("窗口", 3, 0, 0),
        ("人员", 3, 0, 0),
        ("事项", 2, 0, 0),
        ("排班", 3, 0, 0),
    ]
    assert plan.units.created[2].parent == "ZX"
    assert plan.units.created[0].short_name == "政务服务中心"
    assert plan.windows.created[1] == WindowRow("C", "A12", "B区", "SW", "专窗")
    assert plan.items.created[0].windows == {"C-24", "C-A12"}
    assert plan.items.created[1].item_type == "05"
    assert plan.rota.added[1] == DutyRow(TODAY, "C-24", "1002", time(13, 15), time(17, 30), "regular")


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value", "fault"),
    [
        ("窗口", 2, "部门", "税务", None),
        ("窗口", 2, "部门", "税务居", "“窗口”第2行D列“部门”:没有部门“税务居”,是不是“税务局”?请核对"),
        ("窗口", 2, "部门", "", "“窗口”第2行D列“部门”:新增的窗口要填部门,请补上"),
        ("窗口", 2, "大厅", "D", "“窗口”第2行A列“大厅”:没有大厅“D”,请核对,或先把它加上"),
        ("窗口", 2, "大厅", "", None),
        ("窗口", 2, "停用日期", "2026-01-05", "“窗口”第2行G列“停用日期”:停用日期要晚于启用日期,请核对"),
        ("窗口", 3, "编号", "24", "“窗口”第3行:“C-24”在第2行已经有了,请删掉重复的一行"),
        ("窗口", 2, "类型", "咨询", "“窗口”第2行E列“类型”:不认识“咨询”,请填综合、专窗"),
        ("部门", 2, "上级", "SW", "“部门”第2行E列“上级”:上级绕回了自己,请核对上级"),
        ("部门", 3, "统一社会信用代码", "9137", "“部门”第3行F列“统一社会信用代码”:统一社会信用代码应是18位"),
        ("部门", 3, "名称", "", "“部门”第3行B列“名称”:新增的部门要填名称,请补上"),
        ("人员", 2, "姓名", "=cmd", "“人员”第2行B列“姓名”:不能以“=”开头,会被当成公式,请去掉"),
        ("人员", 2, "角色", "局长", "“人员”第2行E列“角色”:不认识“局长”,请填窗口人员"),
        ("人员", 3, "工号", "1001", "“人员”第3行:“1001”在第2行已经有了,请删掉重复的一行"),
        ("事项", 2, "窗口", "24、99", "“事项”第2行F列“窗口”:没有窗口“99”,请核对,或先把它加上"),
        ("事项", 2, "编码", 11001022.0, None),
        ("事项", 2, "编码", 1.1e30, "“事项”第2行A列“编码”:被表格软件当成了数字,末几位已经丢失"),
        ("排班", 2, "窗口", "24号窗口", None),
        ("排班", 2, "窗口", "C-24", None),
        ("排班", 2, "窗口", "26", "“排班”第2行D列“窗口”:没有窗口“26”,是不是“2"),
        ("排班", 2, "工号", "1009", "“排班”第2行E列“工号”:没有工号“1009”,是不是“100"),
        ("排班", 2, "结束", "09:00", "“排班”第2行C列“结束”:结束要晚于开始"),
        ("排班", 2, "结束", "24:00", None),
        ("排班", 2, "日期", "2026-01-04", "“排班”第2行D列“窗口”:这个窗口2026-01-04没有启用"),
        ("排班", 2, "日期", "昨天", "“排班”第2行A列“日期”:看不懂日期“昨天”"),
    ],
)  # fmt: skip
def test_a_cell_changed_gives_its_fault_or_none(
    sheet: str, row: int, column: str, value: object, fault: str | None
) -> None:
    found = said(planned(changed(sheet, row, column, value)))
    if fault is None:
        assert found == []
    else:
        assert found[0].startswith(fault)


def test_a_faulty_row_does_not_make_those_that_name_it_faulty() -> None:
    assert len(said(planned(changed("人员", 2, "启用日期", "不详")))) == 1
    assert len(said(planned(changed("窗口", 2, "启用日期", "不详")))) == 1
    assert len(said(planned(changed("窗口", 2, "停用日期", "2026-01-05")))) == 1
    assert len(said(planned(changed("窗口", 2, "大厅", "D")))) == 1
    assert len(said(planned(changed("部门", 3, "生效日期", "不详")))) == 1


def test_every_faulty_row_is_named() -> None:
    rows = [["工号", "姓名", "部门"], *([f"{n}", f"某{n}", "没有的局"] for n in range(1, 301))]
    plan = planned({**SMALL_HALL, "人员": rows, "排班": [["日期"]]})
    assert [fault.row for fault in plan.faults if fault.sheet == "人员"] == list(range(2, 302))


def test_two_departments_of_one_name_must_be_told_apart_by_code() -> None:
    rows = [["代码", "名称"], ["SW1", "税务局"], ["SW2", "税务局"]]
    plan = planned({"部门": rows, "人员": [["工号", "姓名", "部门"], [1, "张一", "税务局"]]})
    assert said(plan) == ["“人员”第2行C列“部门”:有几个部门都叫“税务局”,请改填代码(SW1、SW2)"]


def test_with_two_halls_a_window_must_say_which() -> None:
    halls = [["代码", "名称"], ["C", "中心"], ["D", "分中心"]]
    windows = [["大厅", "编号", "部门"], ["C", "1", "SW"], ["分中心", "1", "SW"], ["", "2", "SW"]]
    items = [
        ["编码", "名称", "部门", "窗口", "大厅"],
        ["a", "甲", "SW", "1", ""],
        ["b", "乙", "SW", "1", "D"],
        ["c", "丙", "SW", "C-1", ""],
    ]
    plan = planned({"部门": SMALL_HALL["部门"], "大厅": halls, "窗口": windows, "事项": items})
    assert said(plan) == [
        "“窗口”第4行A列“大厅”:不止一个大厅,请填上大厅",
        "“事项”第2行D列“窗口”:有几个窗口都叫“1”,请写明大厅,或改填代码(C-1、D-1)",
    ]  # fmt: skip
    assert [sorted(item.windows) for item in plan.items.created] == [[], ["D-1"], ["C-1"]]


def test_without_a_hall_the_windows_wait_for_one() -> None:
    plan = planned({"部门": SMALL_HALL["部门"], "窗口": [["编号", "部门"], ["1", "SW"]]})
    assert said(plan) == ["“窗口”第2行“大厅”:还没有大厅,请先在“大厅”表里加上"]


def test_what_stands_already_is_left_alone() -> None:
    sheets = {
        "窗口": [["编号", "部门", "类型"], ["24", "税务局", "综合"]],
        "人员": [["工号", "部门"], ["1001", "SW"]],
    }
    plan = planned(sheets, STANDING)
    assert (plan.created, plan.changed, plan.unchanged) == (0, 0, 2)


def test_a_blank_cell_changes_nothing_and_a_written_nothing_does() -> None:
    plan = planned({"窗口": [["编号", "区域", "停用日期"], ["24", "无", ""], ["25", "", "无"]]}, STANDING)
    assert [after for _, after in plan.windows.changed] == [
        WindowRow("C", "24", "", "SW", "综合"),
        WindowRow("C", "25", "", "RS"),
    ]


def test_an_old_name_and_a_new_one_both_find_their_department() -> None:
    sheets = {
        "部门": [["代码", "名称", "生效日期"], ["SW", "税务总局", "2026-05-01"]],
        "人员": [["工号", "部门"], ["1001", "税务总局"], ["1002", "税务局"]],
    }
    plan = planned(sheets, STANDING)
    assert said(plan) == []
    assert plan.staff.changed == ()
    ((_, after),) = plan.units.changed
    assert (after.name, after.name_from) == ("税务总局", date(2026, 5, 1))


def test_a_name_that_holds_on_its_day_already_is_no_change() -> None:
    namings = (Naming(date(2000, 1, 1), "地税局", "地税"), Naming(date(2026, 5, 1), "税务总局", "地税"))
    known = Known(units={"SW": UnitRow("SW", "地税局", "地税")}, namings={"SW": namings})
    plan = planned({"部门": [["代码", "名称", "生效日期"], ["SW", "税务总局", "2026-05-01"]]}, known)
    assert (plan.changed, plan.unchanged) == (0, 1)


STANDING_DUTY = DutyRow(TODAY, "C-24", "1001", time(9), time(12))


@pytest.mark.parametrize(
    ("rows", "figures"),
    [
        ([["2026-03-10", "9:00", "12:00", "24", "1001"]], (0, 0, 1)),
        ([["2026-03-10", "9:00", "17:30", "24", "1001"]], (1, 1, 0)),
        ([["2026-03-10", 9, 12, "24", "1001"], ["2026-03-10", "14:00", "17:30", 24, 1001]], (1, 0, 1)),
        ([["2026-03-11", "9:00", "12:00", "24", "1001"]], (1, 0, 0)),
    ],
)  # fmt: skip
def test_a_file_replaces_the_rota_of_the_days_and_windows_it_names(
    rows: Rows, figures: tuple[int, int, int]
) -> None:
    known = Known(
        units=STANDING.units,
        halls=STANDING.halls,
        windows=STANDING.windows,
        staff=STANDING.staff,
        rota={STANDING_DUTY.place: ((7, STANDING_DUTY),)},
    )
    plan = planned({"排班": [["日期", "开始", "结束", "窗口", "工号"], *rows]}, known)
    assert said(plan) == []
    assert (len(plan.rota.added), len(plan.rota.withdrawn), plan.rota.kept) == figures


def test_nobody_is_put_on_duty_after_leaving_nor_at_a_closed_window() -> None:
    rows = [
        ["日期", "开始", "结束", "窗口", "工号"],
        ["2026-03-10", "9:00", "12:00", "25", "1001"],
        ["2026-03-10", "9:00", "12:00", "24", "1002"],
        ["2026-03-10", "9:00", "12:00", "24", "1001"],
        ["2026-03-10", "9:00", "12:00", "24", "1001"],
    ]
    assert said(planned({"排班": rows}, STANDING)) == [
        "“排班”第2行D列“窗口”:这个窗口2026-03-10没有启用,请核对日期或窗口",
        "“排班”第3行E列“工号”:李二2026-03-10不在岗,请核对日期或工号",
        "“排班”第5行:和第4行完全一样,请删掉重复的一行",
    ]


@st.composite
def wild_sheets(draw_: st.DrawFn) -> dict[str, Rows]:
    sheets: dict[str, Rows] = {}
    for name in draw_(st.lists(st.sampled_from(list(SHEETS)), unique=True)):
        header = [column.name for column in SHEETS[name]]
        good = [list(row) for row in SMALL_HALL[name][1:]]
        for row in good:
            if draw_(st.booleans()) and row:
                row[draw_(st.integers(0, len(row) - 1))] = draw_(CELLS)
        wild = draw_(st.lists(st.lists(CELLS, max_size=12), max_size=3))
        sheets[name] = [header, *good, *wild] if draw_(st.booleans()) else [*wild, SMALL_HALL[name][0], *good]
    return sheets


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(sheets=wild_sheets())
def test_no_workbook_crashes_the_plan(sheets: dict[str, Rows]) -> None:
    for known in (Known(), STANDING):
        plan = draw(tables.read(book(sheets)), known, TODAY)
        assert all(str(fault) for fault in plan.faults)


def test_nobody_is_given_roles_of_both_sides_of_the_counter() -> None:
    sheets = changed("人员", 3, "角色", "窗口人员、督查员")
    assert said(planned(sheets)) == [
        "“人员”第3行E列“角色”:窗口一方(窗口人员、窗口管理员、部门负责人)不能同时是"
        "领导、督查员、审计员、派单员、回访员、申诉复核员或导办员,请删去一方"
    ]


def test_nobody_is_given_two_of_the_three_administrations() -> None:
    sheets = changed("人员", 3, "角色", "系统管理员、审计员")
    assert said(planned(sheets)) == [
        "“人员”第3行E列“角色”:系统管理员、数据管理员、审计员三员分立,一个人只能是其中一个,请只留一个"
    ]
