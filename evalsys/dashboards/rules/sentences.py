"""What can honestly be said of a closed period, in sentences: for the wall, the page and the bulletin."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalsys.dashboards.rules import Finding
from evalsys.kernel.words import N_
from evalsys.scoring.rules.ranking import Row


@dataclass(frozen=True)
class Sentence:
    """A Chinese msgid with places like %(n)s, and what goes into them."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


def percent(rate: float) -> str:
    """A share in per cent, one decimal; not quite all never reads 100.0%, not quite nothing never 0.0%."""
    text = f"{100 * rate:.1f}"
    if text == "100.0" and rate < 1:
        return ">99.9%"
    if text == "0.0" and rate > 0:
        return "<0.1%"
    return f"{text}%"


NOTHING_OPEN = Sentence(N_("还没有可以公布的数据:一个窗口一期满10条评价才公布,先公布整周,再公布整月。"))


def headline(total: Row, departments: Finding) -> Sentence:
    """The one finding that matters most: departments that differ, else a change, else that none is."""
    for sentence in (*_differing(departments), *_moved(total), *_alike(departments)):
        return sentence
    return _counted(total) if total.n else NOTHING_OPEN


def findings(total: Row, departments: Finding) -> Sequence[Sentence]:
    """Everything there is to say, the numbers first."""
    if not total.n:
        return [NOTHING_OPEN]
    said = [*_differing(departments), *_alike(departments)]
    return [_counted(total), *(_moved(total) or _unmoved(total)), *said]


def _counted(total: Row) -> Sentence:
    if total.good.rate is None or not total.enough_rate:
        return Sentence(N_("群众评价%(n)s条,样本不足,不列比率。"), {"n": f"{total.n:,}"})
    return Sentence(
        N_("群众评价%(n)s条,好评率%(rate)s,差评%(bad)s条。"),
        {"n": f"{total.n:,}", "rate": percent(total.good.rate), "bad": f"{total.bad.numerator:,}"},
    )


def _moved(total: Row) -> list[Sentence]:
    change = total.change
    if change is None or not change.score_moved:
        return []
    by = f"{abs(change.score):.1f}"
    if change.score > 0:
        return [Sentence(N_("得分比上期高%(by)s分,超出了偶然波动。"), {"by": by})]
    return [Sentence(N_("得分比上期低%(by)s分,超出了偶然波动。"), {"by": by})]


def _unmoved(total: Row) -> list[Sentence]:
    if total.change is None:
        return []
    return [Sentence(N_("得分与上期相比变化不显著。"))]


def _differing(departments: Finding) -> Iterator[Sentence]:
    rest = departments.alike
    if departments.below:
        yield Sentence(
            N_("%(n)s个部门的得分低于同组水平,超出了偶然波动;%(rest)s个看不出差别。"),
            {"n": departments.below, "rest": rest},
        )
    if departments.above:
        yield Sentence(
            N_("%(n)s个部门的得分高于同组水平,超出了偶然波动;%(rest)s个看不出差别。"),
            {"n": departments.above, "rest": rest},
        )


def _alike(departments: Finding) -> list[Sentence]:
    if departments.alike < 2 or departments.alike != departments.compared:
        return []
    return [Sentence(N_("%(n)s个部门的得分看不出差别,先后不代表优劣。"), {"n": departments.alike})]
