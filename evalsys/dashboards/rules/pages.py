"""The pages of sheets: what each is called, what it says of itself, and what it can be limited to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalsys.kernel.words import N_

BY = "by"  # the filter for what the lines are: windows, staff or departments


@dataclass(frozen=True)
class SheetPage:
    """One page: its title, a sentence on how to read it, its filters, and the indicators explained on it."""

    title: str
    lead: str
    filters: Sequence[str]


SHEET_PAGES: Mapping[str, SheetPage] = {
    "tags": SheetPage(
        N_("标签说的是什么"),
        N_(
            "差评标签在前。标签是群众的说法,不等于查明的原因;右边是被选得最多的事项,先看那里的指南和材料要求。"
        ),
        ("department",),
    ),
    "participation": SheetPage(
        N_("参与情况"),
        N_("多少人办了事,多少人评了。未评不折算为满意;服务总量没有接入的记“—”,不当作全评了。"),
        (BY, "department", "hall"),
    ),
    "done": SheetPage(
        N_("窗口一次办成率"),
        N_("群众回答“办成了吗?”。只是来咨询的另列,不进分母。"),
        ("department", "hall", "channel"),
    ),
    "items": SheetPage(
        N_("事项一次办成率"),
        N_("只算说了办什么事的评价。只是来咨询的另列,不进分母。"),
        ("department",),
    ),
    "own": SheetPage(
        N_("差评是不是本人的事"),
        N_(
            "办结查明的原因优先;没有查明的看评价人选的标签;什么都没说的单列,不推给任何人。先看与本人有关的,再看总数。"
        ),
        ("department", "hall"),
    ),
    "compared": SheetPage(
        N_("与上期比较"),
        N_("上期是紧接在前、同样长的一段。差的置信区间不含0才说有升降,否则写“变化不显著”。"),
        (BY, "department", "hall", "channel"),
    ),
}
