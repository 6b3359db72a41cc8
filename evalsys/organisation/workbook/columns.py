"""The six sheets of the import and their columns: what each is called, holds, and must hold."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from evalsys.kernel.sheets import cells
from evalsys.kernel.sheets.cells import Cell, Unreadable
from evalsys.kernel.words import N_
from evalsys.organisation import rules

_KEEP = object()


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    `field` is where its value goes, `is_key` names the row, `is_required` must be given for something new,
    `cleared` is what 无 in the cell means (`may_be_cleared` says whether it may), `choices` are the few words
    there are to choose from.
    """

    name: str
    field: str
    read: Callable[[Cell], object]
    note: str = ""
    also: tuple[str, ...] = ()
    is_key: bool = False
    is_required: bool = False
    cleared: object = _KEEP
    choices: tuple[str, ...] = ()

    @property
    def may_be_cleared(self) -> bool:
        """Whether 无 empties the field; a blank cell never changes anything."""
        return self.cleared is not _KEEP

    @property
    def shape(self) -> str:
        """How a cell of this column is best kept in a spreadsheet: as text, a day or an hour."""
        return "day" if self.read in (cells.day, _stop_day) else "hour" if self.read is cells.hour else "text"

    @property
    def names(self) -> tuple[str, ...]:
        """Every header this column is known by."""
        return (self.name, *self.also)


def _words(longest: int) -> Callable[[Cell], str]:
    return partial(cells.text, longest=longest)


def _choice(name: str, field: str, meanings: Mapping[str, str], choices: Iterable[str], also: str) -> Column:
    read = partial(cells.chosen, words_to_value=meanings, may_be="、".join(choices))
    return Column(name, field, read, "、".join(choices), (also,), choices=tuple(choices))


def _yes_or_no(name: str, field: str, *also: str) -> Column:
    return Column(name, field, cells.yes, "是或否", also, choices=("是", "否"))


def _hall_code(cell: Cell) -> str:
    words = cells.code(cell)
    if "-" in words:
        raise Unreadable("大厅代码里不能有“-”,因为窗口的编码是“大厅代码-窗口编号”")
    return words


def _credit_code(cell: Cell) -> str:
    words = cells.code(cell)
    if len(words) != 18 or not words.isascii():
        raise Unreadable(f"统一社会信用代码应是18位字母和数字,现在{len(words)}位,请核对")
    return words.upper()


def _task_type(cell: Cell) -> str:
    words = cells.text(cell)
    return cells.chosen(words.zfill(2) if words.isdecimal() else words, _TASK_TYPE_WORDS, _TASK_TYPES)


def _stop_day(cell: Cell) -> date:
    """The last day in use, by the day from which it is not."""
    return rules.last_day_before(cells.day(cell))


def _roles(cell: Cell) -> tuple[str, ...]:
    return tuple(cells.chosen(word, _ROLE_WORDS, _ROLES) for word in cells.parts(cell))


_UNIT_KINDS = {kind.value: kind.value for kind in rules.UnitKind}
_WINDOW_KINDS = {
    word: kind.value
    for kind in rules.WindowKind
    for word in (kind.value, f"{kind.value}窗口", f"{kind.value}窗", f"{kind.value}专窗")
} | {"普通": rules.WindowKind.SPECIAL.value, "专业": rules.WindowKind.SPECIAL.value}
_DUTY_KINDS = {word: kind.value for kind, word in rules.DUTY_WORDS.items()} | {
    "正常": rules.DutyKind.REGULAR.value,
    "平时": rules.DutyKind.REGULAR.value,
    "周末值班": rules.DutyKind.WEEKEND.value,
    "领导带班": rules.DutyKind.LEADER.value,
    "替班": rules.DutyKind.RELIEF.value,
    "代班": rules.DutyKind.RELIEF.value,
}
_TASK_TYPE_WORDS = (
    {code: code for code in rules.TASK_TYPES}
    | {word: code for code, word in rules.TASK_TYPES.items()}
    | {word.removeprefix("行政"): code for code, word in rules.TASK_TYPES.items()}
    | {"其他权力": "10", "其他": "99", "公共服务事项": "20"}
)
_TASK_TYPES = "、".join(rules.TASK_TYPES.values())
_ROLE_WORDS = dict(rules.ROLE_WORDS) | {role: role for role in rules.ROLE_WORDS.values()}
_ROLE_WORDS |= {"窗口负责人": "window-manager", "单位负责人": "head"}
_ROLES = "、".join(rules.ROLE_WORDS)

_DEPARTMENT = partial(
    Column, "部门", "unit", _words(200), "部门的代码或名称", also=("所属部门", "部门名称", "单位", "所属单位")
)
_START = Column(
    "启用日期", "from_day", cells.day, "从哪天起启用;不填表示一直都有", ("启用", "开始日期"), cleared=None
)
_STOP = Column("停用日期", "to_day", _stop_day, "从哪天起不再使用", ("停用", "结束日期"), cleared=None)
_HALL = partial(
    Column, "大厅", "hall", _words(200), "大厅的代码或名称;只有一个大厅时可以不填", ("大厅代码", "所属大厅")
)
_WINDOWS = "编号;不止一个大厅时写“大厅代码-编号”"

UNITS, HALLS, WINDOWS = N_("部门"), N_("大厅"), N_("窗口")
STAFF, ITEMS, ROTA = N_("人员"), N_("事项"), N_("排班")

SHEETS: Mapping[str, tuple[Column, ...]] = {
    UNITS: (
        Column("代码", "code", cells.code, "部门的代码,定了就不变", ("部门代码", "单位代码"), is_key=True),
        Column("名称", "name", _words(200), "", ("部门名称", "单位名称", "部门"), is_required=True),
        Column("简称", "short_name", _words(60), "不填就用名称", cleared=""),
        _choice("性质", "kind", _UNIT_KINDS, list(rules.UnitKind), "单位性质"),
        Column("上级", "parent", _words(200), "上级部门的代码或名称", ("上级部门", "上级单位"), cleared=""),
        Column("统一社会信用代码", "credit_code", _credit_code, "18位", ("信用代码",), cleared=None),
        Column("比较组", "compare_group", _words(60), "同组的部门放在一起比较", cleared=""),
        Column("生效日期", "name_from", cells.day, "名称从哪天起用;改名时填", ("名称生效日期",)),
    ),
    HALLS: (
        Column("代码", "code", _hall_code, "大厅的代码,定了就不变", ("大厅代码",), is_key=True),
        Column("名称", "name", _words(200), "", ("大厅名称", "大厅"), is_required=True),
        Column("地址", "address", _words(200), cleared=""),
    ),
    WINDOWS: (
        _HALL(),
        Column(
            "编号",
            "number",
            partial(cells.code, longest=20),
            "窗口牌上的号",
            ("窗口", "窗口编号", "窗口号"),
            is_key=True,
        ),
        Column("区域", "zone", _words(60), "如A区", ("分区",), cleared=""),
        _DEPARTMENT(is_required=True),
        _choice("类型", "kind", _WINDOW_KINDS, list(rules.WindowKind), "窗口类型"),
        _START,
        _STOP,
    ),
    STAFF: (
        Column("工号", "staff_no", cells.code, "", ("人员工号", "编号"), is_key=True),
        Column("姓名", "name", _words(60), "", ("人员姓名", "名字"), is_required=True),
        _DEPARTMENT(is_required=True),
        _yes_or_no("党员示范岗", "party_post", "示范岗"),
        Column("角色", "roles", _roles, "用、分开;账号另外开通", ("系统角色",)),
        _START,
        _STOP,
    ),
    ITEMS: (
        Column(
            "编码", "code", cells.code, "事项编码,定了就不变", ("事项编码", "代码", "事项代码"), is_key=True
        ),
        Column("名称", "name", _words(200), "", ("事项名称", "事项"), is_required=True),
        Column("别名", "aliases", cells.parts, "群众的叫法,用、分开", ("常用名",), cleared=()),
        _DEPARTMENT(is_required=True),
        Column("类型", "item_type", _task_type, _TASK_TYPES, ("事项类型",)),
        Column("窗口", "windows", cells.codes, f"办理窗口的{_WINDOWS};用、分开", ("办理窗口",), cleared=()),
        Column("材料", "materials", cells.parts, "要带的材料,用、分开", ("所需材料", "申请材料"), cleared=()),
        Column("承诺时限", "time_limit", _words(60), "如5个工作日", ("时限", "办理时限"), cleared=""),
        _yes_or_no("高频", "high_frequency", "高频事项", "是否高频"),
        _START,
        _STOP,
        _HALL(),
    ),
    ROTA: (
        Column("日期", "day", cells.day, "", ("值班日期",), is_key=True),
        Column("开始", "starts", cells.hour, "如09:00", ("开始时间", "上班"), is_key=True),
        Column("结束", "ends", cells.hour, "如17:30", ("结束时间", "下班"), is_key=True),
        Column("窗口", "window", cells.code, _WINDOWS, ("窗口编号", "窗口号", "编号"), is_key=True),
        Column("工号", "staff_no", cells.code, "", ("人员工号",), is_key=True),
        _choice("类型", "kind", _DUTY_KINDS, list(rules.DUTY_WORDS.values()), "班次类型"),
        _HALL(),
    ),
}
"""Every sheet and its columns; the order is free in a file and used in the template."""
