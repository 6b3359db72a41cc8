"""Funnels and channel gaps as sheets: what their files and their JSON say."""

from collections.abc import Mapping, Sequence

from evalsys.dashboards.rules.besides import named_columns
from evalsys.dashboards.rules.sheets import DIFFERENCE, RATE, WORDS, Cell, Column, Difference, Line, Sheet
from evalsys.kernel.proportions import Interval
from evalsys.kernel.words import N_
from evalsys.scoring.rules.funnel import ABOVE, ALARM, BELOW, FAR_ABOVE, FAR_BELOW, INSIDE, WARNING
from evalsys.scoring.rules.funnels import BAD, VERY, FunnelRow, Funnels, Lists
from evalsys.scoring.rules.gaps import GapRow, Gaps
from evalsys.scoring.rules.ranking import WINDOWS
from evalsys.scoring.rules.warning import LONG_BAD, NO_PAST, WORSENED, Warned

MEASURE_WORDS: Mapping[str, str] = {BAD: N_("差评率"), VERY: N_("非常满意率")}
SIDE_WORDS: Mapping[str, str] = {
    FAR_ABOVE: N_("明显偏高"),
    ABOVE: N_("略偏高"),
    INSIDE: N_("看不出差别"),
    BELOW: N_("略偏低"),
    FAR_BELOW: N_("明显偏低"),
}
ALARM_WORDS: Mapping[str, str] = {
    WORSENED: N_("变差"),
    LONG_BAD: N_("一直偏高"),
    NO_PAST: N_("没有以前可比"),
}

_FUNNEL = (
    Column("group", N_("比较组"), WORDS),
    Column("rate", N_("比率"), RATE),
    Column("shrunk", N_("收缩后")),
    Column("mean", N_("本组平均")),
    Column("dispersion", N_("过度离散")),
    *(Column(f"limits_{part}", part) for part in ("95.0", "95.1", "998.0", "998.1")),
    Column("side", N_("在限的哪一边"), WORDS),
    Column("expected", N_("按业务构成应有差评")),
    *(Column(f"excess{part}", N_("多出")) for part in ("", ".0", ".1")),
)
_ALARM = (
    Column("says", N_("说明"), WORDS),
    Column("since", N_("从哪天起"), WORDS),
    Column("bad", N_("差评")),
    Column("n", N_("评价数")),
    Column("own", N_("以前")),
    Column("group_rate", N_("本组")),
    Column("cusum", N_("累积值")),
    Column("ewma", N_("平滑值")),
    Column("ewma_limit", N_("预警线")),
)
_LISTED = (Column("earlier", N_("前一个月"), RATE), Column("later", N_("后一个月"), RATE))
_GAP = (
    Column("group", N_("比较组"), WORDS),
    Column("tablet", N_("柜台平板好评率"), RATE),
    Column("freer", N_("离柜好评率"), RATE),
    Column("window_code", N_("窗口码好评率"), RATE),
    *(Column(f"score_gap{part}", N_("得分差")) for part in ("", ".0", ".1")),
    Column("good_gap", N_("好评率差"), DIFFERENCE),
    Column("proven", N_("差距是否显著")),
    Column("pairs", N_("一人两评")),
    *(Column(f"pair_gap{part}", N_("同一人得分差")) for part in ("", ".0", ".1")),
)


def funnel_sheet(funnels: Funnels) -> Sheet:
    """Every row with its limits; rates, limits and shrunk rates are shares, case-mix is in ratings."""
    lines = [Line(_of_funnel(row)) for row in funnels.rows]
    return Sheet(f"funnel-{funnels.measure}", (*named_columns(funnels.subject), *_FUNNEL), lines)


def _of_funnel(row: FunnelRow) -> dict[str, Cell]:
    funnel, n, mixed = row.funnel, row.rate.denominator, row.mixed
    near, far = (funnel.limits(n, outside) for outside in (WARNING, ALARM))
    return {
        "code": row.named.code,
        "name": row.named.name,
        "department": row.named.department,
        "group": row.named.group,
        "rate": row.rate,
        "shrunk": row.shrunk,
        "mean": funnel.mean,
        "dispersion": funnel.dispersion,
        "limits_95.0": near[0],
        "limits_95.1": near[1],
        "limits_998.0": far[0],
        "limits_998.1": far[1],
        "side": row.side,
        "expected": mixed.expected if mixed else None,
        **_with_ends("excess", mixed.excess if mixed else None, mixed.interval if mixed else None),
    }


def alarm_sheet(warned: Sequence[Warned]) -> Sheet:
    """The windows warned of: bad reviews of ninety days, the rates they are held against, and both charts."""
    return Sheet("warnings", (*named_columns(WINDOWS), *_ALARM), [Line(_of_alarm(each)) for each in warned])


def listed_sheet(lists: Lists) -> Sheet:
    """Who is on the red and on the black list, with the rates of both months."""
    lines = [
        Line(
            {
                "list": colour,
                "code": each.named.code,
                "name": each.named.name,
                "department": each.named.department,
                "earlier": each.earlier.rate,
                "later": each.later.rate,
            }
        )
        for colour, listed in (("red", lists.red), ("black", lists.black))
        for each in listed
    ]
    return Sheet("lists", (Column("list", N_("榜"), WORDS), *named_columns(lists.subject), *_LISTED), lines)


def _of_alarm(warned: Warned) -> dict[str, Cell]:
    alarm = warned.alarm
    climb, smoothed = alarm.climb, alarm.smoothed
    return {
        "code": warned.named.code,
        "name": warned.named.name,
        "department": warned.named.department,
        "says": alarm.says,
        "since": climb.since.isoformat() if climb else None,
        "bad": warned.bad,
        "n": warned.n,
        "own": alarm.own,
        "group_rate": alarm.group,
        "cusum": climb.height if climb else 0.0,
        "ewma": smoothed.height if smoothed else None,
        "ewma_limit": smoothed.limit if smoothed else None,
    }


def gap_sheet(gaps: Gaps) -> Sheet:
    """Every row's two sides and the gap between them: scores in points, rates as shares."""
    lines = [Line(_of_gap(row)) for row in gaps.rows]
    return Sheet("gaps", (*named_columns(gaps.subject), *_GAP), lines, Line(_of_gap(gaps.total)))


def _of_gap(row: GapRow) -> dict[str, Cell]:
    gap = row.gap
    good = None if gap.good is None or gap.good_interval is None else Difference(gap.good, gap.good_interval)
    return {
        "code": row.named.code,
        "name": row.named.name,
        "department": row.named.department,
        "group": row.named.group,
        "tablet": gap.good_rate(gap.tablet),
        "freer": gap.good_rate(gap.freer),
        "window_code": gap.good_rate(gap.window_code),
        **_with_ends("score_gap", gap.score, gap.score_interval),
        "good_gap": good,
        "proven": gap.proven,
        "pairs": row.pairs.pairs,
        **_with_ends("pair_gap", row.pairs.score, row.pairs.interval),
    }


def _with_ends(name: str, value: float | None, interval: Interval | None) -> dict[str, Cell]:
    low, high = interval or (None, None)
    return {name: value, f"{name}.0": low, f"{name}.1": high}
