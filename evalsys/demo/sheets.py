"""The demo hall as the workbook a site would hand in: the same sheets, the same columns, the same import."""

from collections.abc import Sequence

from evalsys.demo.hall import (
    DEPARTMENTS,
    HALL_ADDRESS,
    HALL_CODE,
    HALL_NAME,
    OFFICES,
    Counter,
    unit_credit_code,
)
from evalsys.demo.items import Item
from evalsys.demo.people import Staffing
from evalsys.demo.rota import Shift
from evalsys.kernel.sheets.cells import Cell
from evalsys.kernel.sheets.files import Sheet

_BETWEEN = "、"


def sheets(
    windows: Sequence[Counter], staff: Staffing, items: Sequence[Item], shifts: Sequence[Shift]
) -> list[Sheet]:
    """The six sheets of the import."""
    return [
        _sheet("部门", "代码 名称 简称 性质 统一社会信用代码 比较组", _units()),
        _sheet("大厅", "代码 名称 地址", [[HALL_CODE, HALL_NAME, HALL_ADDRESS]]),
        _sheet("窗口", "大厅 编号 区域 部门 类型", _windows(windows)),
        _sheet("人员", "工号 姓名 部门 党员示范岗", _staff(staff)),
        _sheet("事项", "编码 名称 别名 部门 类型 窗口 材料 承诺时限 高频", _items(items)),
        _sheet("排班", "日期 开始 结束 窗口 工号 类型", _rota(shifts)),
    ]


def _sheet(name: str, columns: str, rows: list[list[Cell]]) -> Sheet:
    return Sheet(name, name, [[*columns.split()], *rows])


def _units() -> list[list[Cell]]:
    windowed: list[list[Cell]] = [
        [each.code, each.name, each.short_name, "窗口单位", unit_credit_code(place), each.group]
        for place, each in enumerate(DEPARTMENTS, start=1)
    ]
    return windowed + [[each.code, each.name, each.short_name, each.kind, "", ""] for each in OFFICES]


def _windows(windows: Sequence[Counter]) -> list[list[Cell]]:
    return [[HALL_CODE, each.number, each.zone, each.department, each.kind] for each in windows]


def _staff(staff: Staffing) -> list[list[Cell]]:
    return [[each.staff_no, each.name, each.department, each.party_post] for each in staff.people]


def _items(items: Sequence[Item]) -> list[list[Cell]]:
    return [
        [
            item.task_code,
            item.name,
            _BETWEEN.join(item.aliases),
            item.department,
            item.task_type,
            _BETWEEN.join(item.windows),
            _BETWEEN.join(item.papers),
            item.time_limit,
            item.high_frequency,
        ]
        for item in items
    ]


def _rota(shifts: Sequence[Shift]) -> list[list[Cell]]:
    return [
        [shift.day, shift.starts, shift.ends, shift.window, shift.staff_no, shift.kind] for shift in shifts
    ]
