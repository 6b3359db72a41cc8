"""Workbooks of the tests: a small hall in six sheets, as files of every kind and as sheets in memory."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import openpyxl

from evalsys.kernel.sheets.files import Sheet, Workbook
from evalsys.organisation.plan.drawing import draw
from evalsys.organisation.plan.rows import Known, Plan
from evalsys.organisation.workbook import tables

Rows = Sequence[Sequence[Any]]
TODAY = date(2026, 3, 10)

SMALL_HALL: Mapping[str, Rows] = {
    "部门": [
        ["代码", "名称", "简称", "性质", "上级", "统一社会信用代码", "比较组", "生效日期"],
        ["ZX", "政务服务中心", "", "承办", "", "", "", ""],
        ["SW", "税务局", "税务", "窗口单位", "ZX", "", "企业", ""],
        ["RS", "人力资源和社会保障局", "人社", "", "政务服务中心", "", "民生", ""],
    ],
    "大厅": [["代码", "名称", "地址"], ["C", "县政务服务中心", "政务路1号"]],
    "窗口": [
        ["大厅", "编号", "区域", "部门", "类型", "启用日期", "停用日期"],
        ["C", "24", "A区", "税务局", "综合", "2026-01-05", ""],
        ["C", "A12", "B区", "SW", "", "", ""],
        ["C", "25", "A区", "人社", "办不成事", "", ""],
    ],
    "人员": [
        ["工号", "姓名", "部门", "党员示范岗", "角色", "启用日期", "停用日期"],
        ["1001", "张一", "税务局", "是", "窗口人员", "", ""],
        ["1002", "李二", "SW", "", "", "", ""],
        ["2001", "王三", "RS", "否", "窗口人员、窗口管理员", "", ""],
    ],
    "事项": [
        ["编码", "名称", "别名", "部门", "类型", "窗口", "材料", "承诺时限", "高频", "启用日期", "停用日期"],
        ["11001", "发票领用", "领发票、开票", "SW", "公共服务", "24、A12", "身份证、营业执照", "即办", "是"],
        ["11002", "社保卡补领", "", "RS", "05", "25", "", "5个工作日", "", "", ""],
    ],
    "排班": [
        ["日期", "开始", "结束", "窗口", "工号", "类型"],
        ["2026-03-10", "09:00", "13:15", "24", "1001", "日常"],
        ["2026-03-10", "13:15", "17:30", "24", "1002", ""],
        ["2026-03-10", "09:00", "17:30", "25", "2001", ""],
    ],
}  # fmt: skip


def book(sheets: Mapping[str, Rows] = SMALL_HALL, **more: Rows) -> Workbook:
    """Sheets in memory; keyword arguments add to them or take their place."""
    return Workbook(tuple(Sheet(name, name, rows) for name, rows in {**sheets, **more}.items()))


def planned(sheets: Mapping[str, Rows], known: Known | None = None, today: date = TODAY) -> Plan:
    """What importing the sheets would do."""
    return draw(tables.read(book(sheets)), known or Known(), today)


def said(plan: Plan) -> list[str]:
    """Every fault as a sentence."""
    return [str(fault) for fault in plan.faults]


def changed(sheet: str, row: int, column: str, value: Any) -> dict[str, Rows]:
    """The small hall with one cell changed; row 1 is the header."""
    rows = [list(each) for each in SMALL_HALL[sheet]]
    rows[row - 1][rows[0].index(column)] = value
    return {**SMALL_HALL, sheet: rows}


def as_xlsx(sheets: Mapping[str, Rows] = SMALL_HALL) -> bytes:
    """The sheets as an xlsx file."""
    written = openpyxl.Workbook()
    written.remove(written["Sheet"])
    for name, rows in sheets.items():
        page = written.create_sheet(name)
        for row in rows:
            page.append([None if cell == "" else cell for cell in row])
    out = io.BytesIO()
    written.save(out)
    return out.getvalue()


def as_csv(rows: Rows, encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    """One sheet as a csv file."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode(encoding)
