"""Figures of the loop: what each counts, of which cases, in words that stand beside it on every page."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evalsys.kernel.access import Permission
from evalsys.kernel.proportions import Rate, rate_of
from evalsys.kernel.words import N_

SEE_FIGURES = Permission("see-case-figures", frozenset({"supervisor", "dispatcher", "leadership", "auditor"}))


class Figure(StrEnum):
    """The figures; the names are those of the JSON interface."""

    CONTACTED = "contacted"
    REPLIED = "replied"
    CALLED_BACK = "called-back"
    PUT_RIGHT = "put-right"
    SATISFIED = "satisfied"
    SOLVED = "solved"
    IN_TIME = "in-time"
    REDONE = "redone"
    APPEALED = "appealed"
    UPHELD = "upheld"


@dataclass(frozen=True)
class Definition:
    """What a figure is called, of which cases it is a part, and which part."""

    words: str
    of: str
    counts: str


# The cases of a figure are those opened in the period and not withdrawn, charged to the unit that owns them;
# where a case was dispatched anew, what its present owner did since then is what counts.
DEFINITIONS: Mapping[Figure, Definition] = {
    Figure.CONTACTED: Definition(
        N_("按时联系率"),
        N_("已联系(或多次联系不上)的,和签收或联系时限已过还没联系的"),
        N_("在联系时限内联系的"),
    ),
    Figure.REPLIED: Definition(
        N_("回复率"), N_("已答复的、已办结的,和办理期限已过还没答复的"), N_("答复经验收、评价人看得到的")
    ),
    Figure.CALLED_BACK: Definition(
        N_("回访率"), N_("找得到人(留了联系方式或回过留言)、已答复、回访已做或时限已过的"), N_("回访到本人的")
    ),
    Figure.PUT_RIGHT: Definition(N_("回访整改率"), N_("与回访率相同"), N_("回访到本人并办结,没有重办的")),
    Figure.SATISFIED: Definition(N_("回访整改满意率"), N_("回访到本人的"), N_("本人说满意或基本满意的")),
    Figure.SOLVED: Definition(N_("解决率"), N_("回访到本人的"), N_("本人说解决了的(部分解决不算)")),
    Figure.IN_TIME: Definition(
        N_("按期整改率"),
        N_("已反馈整改结果的,和办理期限已过还没反馈的"),
        N_("在办理期限内反馈的(含批准的延期)"),
    ),
    Figure.REDONE: Definition(N_("重办率"), N_("办结过或重办过的"), N_("重办过的")),
    Figure.APPEALED: Definition(N_("申诉率"), N_("被评单位在这段时间起可以看到的差评"), N_("提出申诉的")),
    Figure.UPHELD: Definition(N_("申诉成立率"), N_("已复核的申诉"), N_("复核成立的")),
}
# 三率 of orders, each with its weight: answered to in time, solved and satisfied by the caller's own word.
THREE_RATES: Mapping[Figure, int] = {Figure.CONTACTED: 30, Figure.SOLVED: 35, Figure.SATISFIED: 35}
THREE_RATE_WORDS: Mapping[Figure, str] = {
    Figure.CONTACTED: N_("响应率"),
    Figure.SOLVED: N_("解决率"),
    Figure.SATISFIED: N_("满意率"),
}


def three_together(rates: Mapping[Figure, Rate]) -> float | None:
    """The weighted mean of 三率, 0 to 100; None while one of the three has nothing to divide by."""
    known = [(weight, rates[figure].rate) for figure, weight in THREE_RATES.items()]
    weighed = [weight * rate for weight, rate in known if rate is not None]
    return sum(weighed) if len(weighed) == len(known) else None


# Counted from appeals and by the rated unit: these have no cases of an owner behind them.
OF_APPEALS = frozenset({Figure.APPEALED, Figure.UPHELD})


@dataclass(frozen=True)
class Counts:
    """A part and what it is a part of."""

    numerator: int = 0
    denominator: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.numerator + other.numerator, self.denominator + other.denominator)

    def as_rate(self, least: int) -> Rate:
        """The proportion, enough from `least` on."""
        return rate_of(self.numerator, self.denominator, least)


@dataclass(frozen=True)
class Held:
    """How long cases lay with a unit: all of their time, day and night, and how many cases it was."""

    seconds: int = 0
    cases: int = 0

    @property
    def hours_each(self) -> float | None:
        """The mean hours a case lay there; None where none did."""
        return self.seconds / 3600 / self.cases if self.cases else None


# The kinds of cases whose figures are counted apart.
KIND_NAMES: Mapping[str, str] = {
    "bad-review": N_("差评"),
    "not-done": N_("办不成事"),
    "order": N_("工单"),
}
