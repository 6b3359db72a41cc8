"""Who may propose that ratings are held or left out, who decides, and on what grounds the public reads."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

SEE_SIGNALS = Permission("see-signals", frozenset({"supervisor", "auditor"}))
DECIDE_STANDING = Permission("decide-standing", frozenset({"supervisor", "auditor"}))

WORDS_LIMIT = 150
STEP = 10  # the public's figures move by whole tens only: from no change of them can one rating be told


class Ground(StrEnum):
    """Why a rating is to be held, left out, or counted again."""

    CHECKING = "checking"
    NO_SERVICE = "no-service"
    SAME_PERSON = "same-person"
    NOT_FREE = "not-free"
    FAULT = "fault"
    GENUINE = "genuine"


GROUND_WORDS = {
    Ground.CHECKING: N_("正在核实"),
    Ground.NO_SERVICE: N_("当时没有对应的办事"),
    Ground.SAME_PERSON: N_("同一人重复评价"),
    Ground.NOT_FREE: N_("不是办事人自愿评的"),
    Ground.FAULT: N_("设备或系统出错"),
    Ground.GENUINE: N_("已核实,是真实评价"),
}
GROUNDS_OF = {
    "held": (Ground.CHECKING,),
    "excluded": (Ground.NO_SERVICE, Ground.SAME_PERSON, Ground.NOT_FREE, Ground.FAULT),
    "counted": (Ground.GENUINE,),
}
UPHELD_APPEAL = N_("申诉成立")
OTHER_GROUND = N_("其他理由")
# A public page says which ground, never the words beside it.
_SAID_FIRST = (*GROUND_WORDS.values(), UPHELD_APPEAL)
_BETWEEN = ":"


class NotProposed(Refused):
    """A proposal lacks something, or its ground does not fit."""


class NotOutside(Refused):
    """Somebody of the rated unit would have a hand in what counts."""

    status = 403


class AlreadyProposed(Refused):
    """Some of the ratings wait for a decision already."""

    status = 409


class AlreadyDecided(Refused):
    """Somebody else has decided meanwhile."""

    status = 409


@dataclass(frozen=True)
class Proposal:
    """What somebody proposes: a standing for some ratings, with a ground and words of their own."""

    standing: str
    ground: str
    words: str
    roots: tuple[int, ...]


def check_proposal(proposal: Proposal, standings: Mapping[int, str]) -> None:
    """Refuse a proposal that is about nothing, changes nothing, or gives no reason that fits."""
    if not proposal.roots:
        raise NotProposed("请至少选一条评价。")
    if proposal.ground not in GROUNDS_OF.get(proposal.standing, ()):
        raise NotProposed("这个理由和处理不相配。暂缓:正在核实;恢复计入:已核实;不予采纳:其余各项。")
    if not proposal.words.strip():
        raise NotProposed("请写明依据,比如核对了哪天的叫号记录。")
    if len(proposal.words.strip()) > WORDS_LIMIT:
        raise NotProposed("依据最多{limit}个字。", limit=WORDS_LIMIT)
    unknown = [root for root in proposal.roots if root not in standings]
    if unknown or all(standings[root] == proposal.standing for root in proposal.roots):
        raise NotProposed("选的评价现在就是这样计的,不用再提。")


def check_outside(unit_id: int, rated_units: Collection[int]) -> None:
    """Refuse anybody whose own unit is among those rated, each with everything below it."""
    if unit_id in rated_units:
        raise NotOutside("这些评价有您本单位的。请由其他单位的督查员或审计员处理。")


def check_present(proposed_at: datetime, decided: Iterable[datetime]) -> None:
    """Refuse to agree to what was proposed before another decision on one of the same ratings."""
    if any(at >= proposed_at for at in decided):
        raise AlreadyDecided("提出以后,其中有的评价已另有决定。请选不同意,再按现在的情况重新提出。")


def reason_of(ground: str, words: str) -> str:
    """The reason as it stands beside the rating: the ground, then the words."""
    return f"{GROUND_WORDS[Ground(ground)]}{_BETWEEN}{words.strip()}"


def ground_in(reason: str) -> str:
    """The ground a reason begins with, in the words of a ground; another one's is 'other'."""
    return next((words for words in _SAID_FIRST if reason.startswith(words)), OTHER_GROUND)


@dataclass(frozen=True)
class LeftOut:
    """A rating that does not count now: into which day it would, how it stands, and why."""

    day: date
    standing: str
    reason: str


@dataclass(frozen=True)
class MonthLeftOut:
    """What the public sees of a month: whole tens of ratings left out and held, and of each ground.

    None stands for fewer than ten, and for none at all.
    """

    month: date
    excluded: int | None
    held: int | None
    grounds: tuple[tuple[str, int], ...]


def rounded(n: int) -> int | None:
    """A count for the public: full tens, None under ten."""
    return n // STEP * STEP or None


def months_left_out(months: Sequence[date], ratings: Iterable[LeftOut]) -> list[MonthLeftOut]:
    """What does not count, for each month (its first day) to which the ratings belong.

    Grounds of fewer than ten ratings are not listed one by one.
    """
    tally: Counter[tuple[date, str]] = Counter()
    grounds: dict[date, Counter[str]] = {month: Counter() for month in months}
    for rating in ratings:
        month = rating.day.replace(day=1)
        tally[month, rating.standing] += 1
        if rating.standing == "excluded" and month in grounds:
            grounds[month][ground_in(rating.reason)] += 1
    return [
        MonthLeftOut(
            month, rounded(tally[month, "excluded"]), rounded(tally[month, "held"]), _shown(grounds[month])
        )
        for month in months
    ]


def _shown(grounds: Counter[str]) -> tuple[tuple[str, int], ...]:
    """The grounds of ten ratings and more, the most frequent first."""
    in_order = sorted(grounds.items(), key=lambda one: (-one[1], one[0]))
    return tuple((ground, shown) for ground, n in in_order if (shown := rounded(n)))
