"""Finding the header and the records in the sheets of real files."""

import pytest

from evalsys.organisation.workbook import tables
from tests.organisation.books import Rows, book


def reading(sheet: str, rows: Rows) -> tables.Reading:
    return tables.read(book({sheet: rows}))


def values(sheet: str, rows: Rows) -> list[dict[str, object]]:
    found = reading(sheet, rows)
    assert found.faults == []
    return [dict(record.values) for record in found.records(tables.kind_of(sheet) or "")]


def said(sheet: str, rows: Rows) -> list[str]:
    return [str(fault) for fault in reading(sheet, rows).faults]


HALL = [{"code": "C", "name": "中心"}]


@pytest.mark.parametrize(
    "rows",
    [
        [["代码", "名称"], ["C", "中心"]],
        [["2026年大厅一览", "2026年大厅一览"], ["", ""], ["代码", "名称"], ["C", "中心"]],
        [["名 称", " 代码* "], ["中心", "C"]],
        [["大厅代码(必填)", "大厅名称:"], ["C", "中心"]],
        [["代码", "名称"], [None, ""], ["C", "中心"], [" ", "\u3000"]],
        [["代码", "名称"], ["C", "中心"], ["代码", "名称"]],
        [["代码", "名称"], ["C", "中心"], ["合计", 1]],
        [["代码", "名称"], ["C", "中心"], ["备注:每年核对一次", "备注:每年核对一次"]],
        [["序号", "代码", "名称"], [1, "C", "中心"], [2, "", ""]],
        [["", "", "代码", "名称"], ["", "", "C", "中心"]],
        [["代码", "名称", "问题"], ["C", "中心", "第2行…"]],
    ],
)
def test_the_records_are_found_whatever_stands_around_them(rows: Rows) -> None:
    assert values("大厅", rows) == HALL


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("人员", "人员"),
        (" 人员 ", "人员"),
        ("人员表", "人员"),
        ("人员信息(1)", "人员"),
        ("2026年3月排班表", "排班"),
        ("排班_20260301", "排班"),
        ("窗口人员", "人员"),
        ("人员说明", None),
        ("Sheet1", None),
        ("", None),
    ],
)
def test_a_sheet_is_known_by_its_title(title: str, kind: str | None) -> None:
    assert tables.kind_of(title) == kind


def test_a_blank_cell_says_nothing_and_a_written_nothing_empties() -> None:
    rows = [["代码", "名称", "地址"], ["C", "中心", ""], ["D", "分中心", "无"]]
    assert values("大厅", rows) == [*HALL, {"code": "D", "name": "分中心", "address": ""}]


def test_columns_that_are_not_used_are_named_in_a_notice() -> None:
    found = reading("大厅", [["代码", "名称", "电话", "传真", ""], ["C", "中心", 1, 2, 3]])
    assert found.notices == ["“大厅”的这些列没有用到:电话、传真"]


def test_a_sheet_that_is_not_used_is_named_in_a_notice() -> None:
    found = tables.read(book({"大厅": [["代码", "名称"]], "统计": [["x"]], "空": [], "说明": [["读我"]]}))
    assert found.notices == ["工作表“统计”不在导入范围,没有读;可导入的是部门、大厅、窗口、人员、事项、排班"]


def test_a_file_without_any_known_sheet_is_a_fault() -> None:
    assert said("Sheet1", [["工号"]]) == [
        "“Sheet1”:没有可导入的工作表,工作表(或csv文件)请取名部门、大厅、窗口、人员、事项、排班"
    ]


def test_a_sheet_without_a_header_is_a_fault() -> None:
    assert said("大厅", [["C", "中心"]]) == ["“大厅”:没有找到表头,请在第一行写上这些列名:代码、名称、地址"]
    assert said("大厅", [["", ""]]) == []


def test_a_header_without_its_key_is_a_fault() -> None:
    assert said("人员", [["姓名", "部门"], ["张一", "SW"]]) == ["“人员”第1行:表头缺少“工号”这一列,请补上"]


def test_a_faulty_cell_is_named_by_sheet_row_column_and_what_to_do() -> None:
    rows = [["工号", "姓名", "启用日期"], ["1001", "张一", "3月1日"], ["", "李二", ""]]
    assert said("人员", rows) == [
        "“人员”第2行C列“启用日期”:看不懂日期“3月1日”,请写成2026-03-01这样的日期",
        "“人员”第3行A列“工号”:没有填,请填上工号;不要的行请整行删掉",
    ]


def test_a_task_type_is_known_by_its_code_and_by_its_name() -> None:
    rows = [
        ["编码", "类型"],
        *([n, word] for n, word in enumerate((1, "05", "许可", "行政给付", "其他权力", "其它"))),
    ]
    assert [record["item_type"] for record in values("事项", rows)] == ["01", "05", "01", "05", "10", "99"]


def test_the_first_day_out_of_use_is_kept_as_the_last_day_in_use() -> None:
    (record,) = values("窗口", [["编号", "停用日期"], ["24", "2026-03-01"]])
    assert str(record["to_day"]) == "2026-02-28"


def test_the_code_of_a_hall_leaves_the_hyphen_to_the_windows() -> None:
    (fault,) = said("大厅", [["代码", "名称"], ["C-1", "中心"]])
    assert "大厅代码里不能有“-”" in fault
