"""What an appeal may rest on, who may file one and until when, who reviews it, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from evalsys.kernel.access import Actor, Permission
from evalsys.kernel.words import N_
from evalsys.rectification.rules import SEE_OWN_CASES, Missing, NotAllowed, NotYours
from evalsys.rectification.rules.fields import TEXT_LIMIT
from evalsys.rectification.rules.hands import is_of_unit
from evalsys.rectification.rules.terms import APPEAL_DAYS

FILE_APPEALS = Permission("file-appeals", SEE_OWN_CASES.roles)
_LEADING = frozenset({"window-manager", "department-lead"})
REVIEW_APPEALS = Permission("review-appeals", frozenset({"appeal-reviewer"}))


class Ground(StrEnum):
    """What an appeal may rest on; nothing else is one."""

    MISTAKE = "mistake"
    NOT_THIS_WINDOW = "not-this-window"
    REPEATED = "repeated"
    FALSE = "false"
    NOT_A_SERVICE = "not-a-service"


GROUND_WORDS: Mapping[Ground, str] = {
    Ground.MISTAKE: N_("误评:评价人点错了"),
    Ground.NOT_THIS_WINDOW: N_("不是本窗口或本人办的"),
    Ground.REPEATED: N_("重复:同一次服务评了多次"),
    Ground.FALSE: N_("虚假:说的事情没有发生"),
    Ground.NOT_A_SERVICE: N_("说的不是政务服务"),
}
NEVER_FALSE = N_("评分低、话说得难听,都不算虚假。")


class AppealState(StrEnum):
    """How far an appeal is: filed, said something to by one of two, decided."""

    FILED = "filed"
    REVIEWED = "reviewed"
    UPHELD = "upheld"
    REJECTED = "rejected"


APPEAL_STATE_WORDS: Mapping[AppealState, str] = {
    AppealState.FILED: N_("待复核"),
    AppealState.REVIEWED: N_("一人已复核,等第二人"),
    AppealState.UPHELD: N_("申诉成立"),
    AppealState.REJECTED: N_("申诉不成立"),
}
UNDECIDED = frozenset({AppealState.FILED, AppealState.REVIEWED})
REVIEWERS = 2


class Effect(StrEnum):
    """How an upheld appeal takes effect."""

    EXCLUDED = "excluded"
    REATTRIBUTED = "reattributed"


EFFECT_WORDS: Mapping[Effect, str] = {
    Effect.EXCLUDED: N_("这条评价不予采纳,退出统计"),
    Effect.REATTRIBUTED: N_("这条评价改记到实际办理的人"),
}


@dataclass(frozen=True)
class Rated:
    """A rating as the rated side may appeal against it; days are Asia/Shanghai days.

    `staff`: everybody it was ever found to be about. `counts`: it stands in the sums as a bad one.
    """

    root: int
    unit_id: int
    staff: frozenset[int]
    counts: bool
    visible_from: date
    last_day: date


@dataclass(frozen=True)
class Filing:
    """What an appeal says: its ground, the evidence in words, files, and whose work it was instead."""

    ground: Ground
    evidence: str
    files: tuple[tuple[str, str], ...]
    staff_id: int | None = None


def is_rated_side(rated: Rated, actor: Actor) -> bool:
    """Whether a rating is about somebody: the clerk it was found to be about, or those who lead the unit."""
    if not actor.may(FILE_APPEALS) or not is_of_unit(actor, rated.unit_id):
        return False
    return bool(actor.roles & _LEADING) or actor.staff_id in rated.staff


def check_may_file(rated: Rated, actor: Actor, today: date, *, was_appealed: bool) -> None:
    """Refuse an appeal by others than the rated side, too early or too late, twice, or against nothing."""
    if not is_rated_side(rated, actor):
        raise NotYours("申诉由被评价的本人,或其单位的窗口管理员、部门负责人提出。")
    if was_appealed:
        raise NotAllowed("这条评价已经申诉过。每条评价只能申诉一次。")
    if not rated.counts:
        raise NotAllowed("这条评价现在不计作差评,不用申诉。")
    if today < rated.visible_from:
        raise NotAllowed("这件从{day}起才能看,也从那天起可以申诉。", day=rated.visible_from)
    if today > rated.last_day:
        raise NotAllowed(
            "申诉要在能看到这件后的{n}个工作日内提出,{day}已截止。", n=APPEAL_DAYS, day=rated.last_day
        )


def check_filing(filing: Filing, rated: Rated) -> None:
    """Refuse an appeal without evidence in words and in a file, or one that names a person to no purpose."""
    faults: dict[str, str] = {}
    if not filing.evidence.strip():
        faults["evidence"] = N_("请写明事实和证据")
    if len(filing.evidence) > TEXT_LIMIT:
        faults["evidence"] = N_("“事实和证据”最多500个字")
    if not filing.files:
        faults["files"] = N_("请附上材料:照片或PDF,至少一份")
    if filing.staff_id is not None and filing.ground is not Ground.NOT_THIS_WINDOW:
        faults["staff_no"] = N_("只有“不是本窗口或本人办的”才填实际办理人")
    if filing.staff_id in rated.staff:
        faults["staff_no"] = N_("这条评价现在就记在这个工号上")
    if faults:
        raise Missing(faults)


@dataclass(frozen=True)
class Reviewing:
    """An appeal as the rules of review look at it; `given_by` are the accounts that have had their say."""

    state: AppealState
    rated_unit_id: int
    owner_unit_id: int | None
    involved: frozenset[int]
    filed_by: int
    given_by: frozenset[int]


def conflict_of(appeal: Reviewing, actor: Actor) -> str | None:
    """Why somebody cannot review an appeal, as a sentence; None for who can."""
    if actor.staff_id is not None and actor.staff_id in appeal.involved:
        return N_("这件申诉涉及您本人,由别的复核员办理。")
    if actor.account_id == appeal.filed_by:
        return N_("这件申诉是您提出的,由别的复核员办理。")
    if is_of_unit(actor, appeal.rated_unit_id):
        return N_("被评价的是您所在单位,由别的单位的复核员办理。")
    if is_of_unit(actor, appeal.owner_unit_id):
        return N_("整改由您所在单位承办,由别的单位的复核员办理。")
    return None


def check_may_review(appeal: Reviewing, actor: Actor) -> None:
    """Refuse a reviewer who is involved, who has had their say, or who comes after the decision."""
    conflict = None if actor.may(REVIEW_APPEALS) else N_("申诉由复核员办理。")
    conflict = conflict or conflict_of(appeal, actor)
    if conflict is not None:
        raise NotYours(conflict)
    if appeal.state not in UNDECIDED:
        raise NotAllowed("这件申诉已经有结果,不能再复核。")
    if actor.account_id in appeal.given_by:
        raise NotAllowed("您已经复核过这件,等另一位复核员。")


@dataclass(frozen=True)
class Verdict:
    """What a reviewer finds, and why; `is_more_than_rude`: checked that 虚假 rests on more than rudeness."""

    upholds: bool
    reason: str
    is_more_than_rude: bool = False


def check_verdict(ground: Ground, verdict: Verdict) -> None:
    """Refuse a verdict without a reason, and 虚假 found from a low score or rude words alone."""
    faults: dict[str, str] = {}
    if not verdict.reason.strip():
        faults["reason"] = N_("请写明理由")
    if len(verdict.reason) > TEXT_LIMIT:
        faults["reason"] = N_("“理由”最多500个字")
    if verdict.upholds and ground is Ground.FALSE and not verdict.is_more_than_rude:
        faults["checked"] = N_("认定虚假前请核对并勾选:不是因为评分低或话难听")
    if faults:
        raise Missing(faults)


def state_after(verdicts: Sequence[bool]) -> AppealState:
    """How far an appeal is after what its reviewers said: upheld only where both uphold it."""
    if len(verdicts) < REVIEWERS:
        return AppealState.REVIEWED if verdicts else AppealState.FILED
    return AppealState.UPHELD if all(verdicts) else AppealState.REJECTED


def effect_of(staff_id: int | None) -> Effect:
    """How an appeal would take effect: where it names whose work it was, that person's; else out."""
    return Effect.EXCLUDED if staff_id is None else Effect.REATTRIBUTED
