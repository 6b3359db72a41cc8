"""The hall's own words and limits: permissions, kinds, codes, and what a fault of an import says."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

EDIT_ORGANISATION = Permission("edit-organisation", frozenset({"data-steward"}))
MANAGE_ROTA = Permission("manage-rota", frozenset({"data-steward", "window-manager", "department-lead"}))
HAND_OVER = Permission("hand-over", frozenset({"clerk", "window-manager"}))

BEGINNING = date(2000, 1, 1)
"""From when a name or a place in a department holds where no day is given."""


class UnitKind(StrEnum):
    """What part a unit has in the work; stored as it is shown."""

    WINDOWS = N_("窗口单位")
    HOTLINE = N_("热线")
    SUPERVISION = N_("监督")
    CALLBACK = N_("回访")
    HANDLING = N_("承办")


class WindowKind(StrEnum):
    """What a window is for; stored as it is shown."""

    ALL_IN_ONE = N_("综合")
    SPECIAL = N_("专窗")
    LEADER = N_("领导带班")
    NOT_DONE = N_("办不成事")
    BUSINESS = N_("涉企")


class DutyKind(StrEnum):
    """What sort of duty; which one outweighs another is said in `duty`."""

    RELIEF = "relief"
    LEADER = "leader"
    WEEKEND = "weekend"
    REGULAR = "regular"


ROTA, SIGN_IN = "rota", "sign-in"
"""How a duty is known of: it was planned, or somebody took over at the counter."""


@dataclass(frozen=True)
class NewShift:
    """A shift to come: who sits where, from when to when."""

    window_id: int
    staff_id: int
    starts_at: datetime
    ends_at: datetime
    kind: str
    source: str = ROTA


DUTY_WORDS: Mapping[DutyKind, str] = {
    DutyKind.REGULAR: N_("日常"),
    DutyKind.WEEKEND: N_("周末"),
    DutyKind.LEADER: N_("领导"),
    DutyKind.RELIEF: N_("顶岗"),
}

TASK_TYPES: Mapping[str, str] = {
    "01": N_("行政许可"),
    "05": N_("行政给付"),
    "07": N_("行政确认"),
    "08": N_("行政奖励"),
    "09": N_("行政裁决"),
    "10": N_("其他行政权力"),
    "20": N_("公共服务"),
    "99": N_("其它"),
}
"""The national task types of items."""

ROLE_WORDS: Mapping[str, str] = {
    "窗口人员": "clerk",
    "窗口管理员": "window-manager",
    "部门负责人": "department-lead",
    "承办单位领导": "head",
    "承办人": "owner",
    "督查员": "supervisor",
    "派单员": "dispatcher",
    "回访员": "callback-officer",
    "申诉复核员": "appeal-reviewer",
    "导办员": "helper",
    "领导": "leadership",
    "数据管理员": "data-steward",
    "审计员": "auditor",
    "系统管理员": "system-admin",
}
"""The words a workbook may use for roles; the roles themselves are understood too."""


CLERKS_SIDE = frozenset({"clerk", "window-manager", "department-lead"})
LIVE_SIDE = frozenset({"leadership", "supervisor", "auditor"})
"""The two sides of the counter: those who are rated, and those who see single ratings or live sums."""
JUDGING_SIDE = LIVE_SIDE | {"dispatcher", "callback-officer", "appeal-reviewer", "helper"}
"""Who must not be of the rated side as well: beside those above, who decides on cases or takes them in."""


def on_both_sides(roles: Collection[str]) -> bool:
    """Whether roles join the two sides of the counter, which nobody may."""
    return not CLERKS_SIDE.isdisjoint(roles) and not JUDGING_SIDE.isdisjoint(roles)


ADMINISTRATIONS = frozenset({"system-admin", "data-steward", "auditor"})
"""Who runs the system, who keeps its data, who looks at what both did: three people."""


def joins_administrations(roles: Collection[str]) -> bool:
    """Whether roles put two of the three administrations in one hand, which nobody may hold."""
    return len(ADMINISTRATIONS.intersection(roles)) > 1


def window_code(hall: str, number: str) -> str:
    """A window's code for ever: its hall's code, a hyphen, its public number."""
    return f"{hall}-{number}"


def public_order(number: str) -> list[tuple[int, str]]:
    """Sorts windows as the hall counts them: 2 before 10, A9 before A12."""
    return [(len(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", number)]


def is_between(day: date, first: date | None, last: date | None) -> bool:
    """Whether a day lies in a stretch of days, both ends included; an end of None is open."""
    return (first is None or first <= day) and (last is None or day <= last)


def last_day_before(stop: date) -> date:
    """The last day in use of what stops being used on a day."""
    return stop - timedelta(days=1)


def stop_after(last: date | None) -> date | None:
    """The day from which something is no longer used, by its last day in use."""
    return None if last is None else last + timedelta(days=1)


class NotThen(Refused):
    """A day, or a person on a day, that does not fit what is asked."""


def check_stop(from_day: date | None, stop: date) -> None:
    """Refuse to stop using something before it was begun."""
    if from_day is not None and stop <= from_day:
        raise NotThen(N_("停用日期要晚于启用日期{day}。请改选一天。"), day=from_day)


def check_is_stopped(to_day: date | None) -> None:
    """Refuse to begin using again what has no end."""
    if to_day is None:
        raise NotThen(N_("这个窗口没有停用,不用再启用。"))


def check_still_ahead(ends_at: datetime, now: datetime) -> None:
    """Refuse to change a shift that is over: whose its ratings are is mended elsewhere, by two people."""
    if ends_at <= now:
        raise NotThen(N_("这个班已经结束,不能再改。"))
