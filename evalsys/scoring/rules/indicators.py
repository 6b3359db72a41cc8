"""The indicators: what each is called, counts and rests on; pages, docs and JSON read it here."""

from collections.abc import Mapping
from dataclasses import dataclass

from evalsys.kernel.words import N_

VERSION = "1"  # of the table below: a changed formula is another version

DESIGN = N_("国务院办公厅 国办发〔2019〕51号;本系统口径")
LOCAL = N_("本系统口径")
WILSON = N_("Wilson 1927,z=1.96")
NEWCOMBE = N_("Newcombe 1998,方法10")


@dataclass(frozen=True)
class Indicator:
    """One indicator: `formula` in letters, what the numerator and the denominator count, and its source.

    A figure that is no proportion has no denominator.
    """

    words: str
    formula: str
    counts: str
    of: str = ""
    source: str = LOCAL
    version: str = VERSION


INDICATORS: Mapping[str, Indicator] = {
    "services": Indicator(
        N_("应评服务"),
        "V",
        N_("本期结束、应当评价的服务次数,咨询也算一次;取消的不算;没有登记的记“—”,不当作0"),
    ),
    "counted": Indicator(
        N_("计入评价"),
        "E",
        N_("计入的评价,一次服务或一次未绑定的点选只算一条;本人选择和导办协助的都算,分开列出"),
    ),
    "given": Indicator(
        N_("主动评价率"), "Es/V", N_("绑定到服务的计入评价"), N_("应评服务;登记不全或没有登记的记“—”"), DESIGN
    ),
    "unrated": Indicator(N_("未评率"), "U/V", N_("未评,即应评服务减已评(U=V−Es)"), N_("应评服务"), DESIGN),
    "unbound": Indicator(N_("未绑定"), "E−Es", N_("没有绑定到某次服务的计入评价")),
    "asked": Indicator(
        N_("请评率"), "P/V", N_("发起过请评的服务,每次服务最多请评一次"), N_("应评服务"), LOCAL
    ),
    "done": Indicator(
        N_("一次办成率"),
        "Y/(Y+N)",
        N_("回答“办成了”的"),
        N_("回答“办成了”或“还没办成”的;“只是来咨询”没有要办成的事,另列,不进分母"),
    ),
    "good": Indicator(
        N_("主动评价好评率"), "G/E", N_("非常满意、满意、基本满意(G=N5+N4+N3)"), N_("计入评价"), DESIGN
    ),
    "very-satisfied": Indicator(N_("非常满意率"), "N5/E", N_("非常满意的"), N_("计入评价")),
    "bad": Indicator(N_("差评率"), "B/E", N_("不满意、非常不满意(B=N2+N1)"), N_("计入评价"), DESIGN),
    "own-bad": Indicator(
        N_("与本人有关的差评率"),
        "Bo/(E−Ef)",
        N_("办结查明原因在人的差评;没有查明的,评价人选了人员服务类标签的差评"),
        N_("计入评价,减去办结查明原因不在人的(Ef)"),
        version="2",
    ),
    "channel-share": Indicator(N_("渠道占比"), "Ec/E", N_("某一渠道的计入评价"), N_("计入评价")),
    "score": Indicator(
        N_("平均分"), "Σ(分值×条数)/E", N_("五级各有分值(默认100/80/60/30/0),取平均,满分100"), N_("计入评价")
    ),
    "excluded": Indicator(
        N_("剔除率"), "X/(E+X)", N_("经两人决定不予采纳的评价"), N_("计入的与不予采纳的评价"), DESIGN
    ),
    "held": Indicator(N_("暂缓计入"), "H", N_("两人决定暂缓计入的评价;5个工作日内没有决定的自动计入")),
    "tag-rate": Indicator(N_("标签出现率"), "T/E", N_("选了某一标签的计入评价"), N_("同一事项的计入评价")),
    "interval": Indicator(
        N_("置信区间"),
        "Wilson",
        N_("比率的置信区间,把握为百分之九十五;样本少,区间就宽"),
        source=WILSON,
    ),
    "change": Indicator(
        N_("变化"),
        "p1−p0",
        N_("本期减上期;差的置信区间不含0才说有升降,否则“变化不显著”"),
        source=NEWCOMBE,
    ),
}


def as_markdown() -> str:
    """The page docs/indicators.md."""
    lines = [
        "# Indicators",
        "",
        "Pages, files and JSON answers take their figures from these definitions; `/indicators` shows them.",
        "Numerator and denominator are always kept; a rate is printed from 30 ratings on, a rank from 100.",
        "",
        "| code | indicator | formula | numerator | denominator | source | version |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{code}` | {said.words} | {said.formula} | {said.counts} | {said.of or '—'} | {said.source} "
        f"| {said.version} |"
        for code, said in INDICATORS.items()
    ]
    return "\n".join([*lines, ""])
