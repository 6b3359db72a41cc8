"""A bulletin's frozen content as it is read: the same sentences and tables on the page, in PDF and in Word.

A bulletin is a Chinese document, so the words stand here as they are printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evalsys.dashboards.rules.bulletins import Content
from evalsys.dashboards.rules.sentences import percent
from evalsys.evaluation.rules import CHANNEL_WORDS
from evalsys.rectification.rules.figures import DEFINITIONS, Figure

LEVELS = (("5", "非常满意"), ("4", "满意"), ("3", "基本满意"), ("2", "不满意"), ("1", "非常不满意"))
FEW = "不足10"
UNTOLD = "未列"
NONE = "—"
LISTED = {"very_satisfied": "非常满意率", "good": "好评率"}
SIDES = {"far-above": "99.8%界限以上", "far-below": "99.8%界限以下"}
_HANDLING = (
    Figure.CONTACTED,
    Figure.REPLIED,
    Figure.IN_TIME,
    Figure.SATISFIED,
    Figure.REDONE,
)

Line = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table: from which column on the cells are figures, and what stands below."""

    title: str
    headings: Line
    rows: Sequence[Line]
    words: int = 1
    note: str = ""


@dataclass(frozen=True)
class Said:
    """A bulletin as it is read."""

    title: str
    period: str
    findings: Sequence[str]
    tables: Sequence[Table]
    method: Sequence[str]


def read(content: Content) -> Said:
    """The frozen content in sentences and tables."""
    period = content["period"]
    return Said(
        title=f"{content['place']['name']}政务服务好差评通报",
        period=f"{period['year']}年{period['month']}月({period['from']}至{period['to']})",
        findings=content["findings"],
        tables=[table for table in _tables(content) if table.rows],
        method=_method(content),
    )


def _tables(content: Content) -> list[Table]:
    return [
        _of_levels(content),
        _of_departments(content),
        _of_windows(content),
        _of_participation(content),
        _of_handling(content),
        _of_overdue(content),
        _of_lists(content),
        _of_corrections(content),
    ]


def _counted(n: int | None) -> str:
    return FEW if n is None else f"{n:,}"


def _made_at(content: Content) -> str:
    return str(content["made_at"][:16].replace("T", " "))


def _rate(said: Content, *, enough: bool) -> Line:
    """A rate and its interval, in two cells."""
    if not enough or said["rate"] is None:
        return ("样本不足", NONE)
    low, high = said["interval"]
    return (percent(said["rate"]), f"{percent(low)}–{percent(high)}")


def _score(row: Content) -> str:
    if not row["enough_rate"] or row["score"] is None:
        return NONE
    return f"{row['score']:.1f}"


def _of_levels(content: Content) -> Table:
    total = content["total"]
    rows = [(word, f"{total['levels'][level]:,}") for level, word in LEVELS]
    return Table("表1 五级分布", ("等级", "评价数"), [*rows, ("合计", f"{total['n']:,}")])


def _of_departments(content: Content) -> Table:
    return Table(
        "表2 各部门",
        ("部门", "评价数", *(word for _level, word in LEVELS), "好评率", "95%区间", "得分"),
        [
            (
                row["name"],
                f"{row['n']:,}",
                *(f"{row['levels'][level]:,}" for level, _word in LEVELS),
                *_rate(row["good"], enough=row["enough_rate"]),
                _score(row),
            )
            for row in content["departments"]
        ],
        note="按代码排列,先后不代表优劣。",
    )


def _of_windows(content: Content) -> Table:
    return Table(
        "表3 各窗口",
        ("窗口", "部门", "评价数", "差评数", "好评率", "95%区间", "得分"),
        [
            (
                row["code"],
                row["short"],
                f"{row['n']:,}",
                f"{row['bad']['numerator']:,}",
                *_rate(row["good"], enough=row["enough_rate"]),
                _score(row),
            )
            for row in content["windows"]
        ],
        words=2,
        note="按代码排列,先后不代表优劣。",
    )


def _of_participation(content: Content) -> Table:
    volumes = content["volumes"]
    services, rated = volumes["services"], volumes["rated"]
    known = services is not None and rated is not None
    return Table(
        "表4 参与和不计入",
        ("项目", "数量"),
        [
            ("全部评价", _counted(volumes["n"])),
            *((CHANNEL_WORDS[name], _counted(n)) for name, n in volumes["channels"].items()),
            ("可核对服务", f"{services:,}" if services is not None else NONE),
            ("其中已评", f"{rated:,}" if known else NONE),
            ("主动评价率", percent(rated / services) if known and services else NONE),
            ("暂缓计入", _counted(volumes["held"])),
            ("不予采纳", _counted(volumes["excluded"])),
        ],
        note="评价条数舍去零头,只列整十;“—”为服务总量没有接入或已评不足10;暂缓计入和不予采纳均经两人决定。",
    )


def _of_handling(content: Content) -> Table:
    def part(rates: Content, figure: Figure) -> str:
        rate = rates[figure.value]
        if rate is None:
            return UNTOLD
        return f"{percent(rate['rate'])}({rate['numerator']}/{rate['denominator']})"

    return Table(
        "表5 差评办理",
        ("单位", *(DEFINITIONS[figure].words for figure in _HANDLING)),
        [
            (unit["name"], *(part(unit["rates"], figure) for figure in _HANDLING))
            for unit in content["handling"] or ()
        ],
        note=f"截至{_made_at(content)},按差评责任单位统计;还没有派到单位的、时限没到的不在分母内;"
        "分母不足10件的不列,能由合计推算出它的也不列。",
    )


def _of_overdue(content: Content) -> Table:
    return Table(
        "表6 到期末超期、起草时仍未办结",
        ("单位", "件数", "超期5个工作日以上"),
        [(unit["name"], _counted(unit["n"]), _counted(unit["worst"])) for unit in content["overdue"]],
        note="件数舍去零头,只列整十;不足10件的不列数。",
    )


def _of_lists(content: Content) -> Table:
    return Table(
        "表7 连续两期在99.8%界限以外的窗口",
        ("窗口", "依据", "位置", "评价数", "条数"),
        [
            (point["code"], words, SIDES[side], f"{point['n']:,}", f"{point[measure]:,}")
            for colour, side in (("red", "far-above"), ("black", "far-below"))
            for point in content["lists"][colour]
            for measure, words in LISTED.items()
            if measure in point
        ],
        words=3,
        note="红黑名单只依据连续两期在界限以外,或超期未办结;不依据一个月的名次。",
    )


def _of_corrections(content: Content) -> Table:
    return Table(
        "表8 对往期通报的更正",
        ("通报", "月份", "窗口", "原评价数", "现评价数"),
        [
            (row["bulletin"], row["period"], row["code"], f"{row['was']:,}", f"{row['now']:,}")
            for row in content["corrections"]
        ],
        words=3,
    )


def _in_eights(digest: str) -> str:
    """A digest in hexadecimal as people compare it, on paper too."""
    return bytes.fromhex(digest).hex(" ", 4)


def _method(content: Content) -> list[str]:
    formulas = content["formulas"]
    hidden = (
        f"另有{content['hidden']}个在用窗口不足{content['least']}条,没有计入。" if content["hidden"] else ""
    )
    points = "、".join(f"{points:g}" for points in formulas["points"])
    sealed = content["seal"]
    seal = [f"截至{sealed['day']}的封存值:{_in_eights(sealed['seal'])}"] if sealed else []
    return [
        f"各表的评价数是可以公布的窗口之和:每个窗口一期满{content['least']}条才公布。{hidden}",
        "未评不折算为满意。好评含非常满意、满意、基本满意,五级分列见表1。区间为95%(Wilson)。",
        f"不足{formulas['min_n_rate']}条不列比率。得分为各级分值({points})的平均,满分100。",
        f"更正往期{len(content['corrections'])}处。数据截至{_made_at(content)},公式版本{formulas['version']}。",
        *seal,
    ]
