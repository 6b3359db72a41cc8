"""Roles, what separates them, and what a password must be."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_
from evalsys.organisation import rules as organisation

ROLES = {
    "clerk": N_("窗口人员"),
    "window-manager": N_("窗口管理员"),
    "department-lead": N_("部门负责人"),
    "head": N_("承办单位领导"),
    "owner": N_("承办人"),
    "supervisor": N_("督查员"),
    "dispatcher": N_("派单员"),
    "callback-officer": N_("回访员"),
    "appeal-reviewer": N_("申诉复核员"),
    "helper": N_("导办员"),
    "leadership": N_("领导"),
    "data-steward": N_("数据管理员"),
    "auditor": N_("审计员"),
    "system-admin": N_("系统管理员"),
    "business-system": N_("业务系统"),
}
# The clerk's side: of the rated unit; sees released cells only.
CLERKS_SIDE = organisation.CLERKS_SIDE
# Roles that see live sums or single ratings.
LIVE_SIDE = organisation.LIVE_SIDE
# Roles whose work covers the whole site; all others see their unit and what is below it.
WHOLE_SITE = LIVE_SIDE | {
    "dispatcher",
    "callback-officer",
    "appeal-reviewer",
    "helper",
    "data-steward",
    "system-admin",
    "business-system",
}

OWN_ACCOUNT = Permission("own-account", frozenset(ROLES))
MANAGE_ACCOUNTS = Permission("manage-accounts", frozenset({"system-admin"}))

MANAGE_DEVICES = Permission("manage-devices", frozenset({"system-admin", "data-steward"}))
SEE_DEVICES = Permission(
    "see-devices",
    frozenset({"system-admin", "data-steward", "supervisor", "window-manager", "department-lead"}),
)

DEAD_AFTER = timedelta(seconds=100)  # without a sign of life: shown as dead well within two minutes

DEVICE_KINDS = {"tablet": N_("柜台平板"), "kiosk": N_("评价机"), "console": N_("窗口控制台")}
# State of a device: the sign beside its words, so that colour alone says nothing.
DEVICE_STATES = {
    "dead": ("▲", N_("失联")),
    "unpaired": ("○", N_("未配对")),
    "online": ("●", N_("在线")),
    "revoked": ("✕", N_("已停用")),
}

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # how finely the last use of a session is kept
PASSWORD_LENGTH = (10, 128)
FREE_FAILURES = 5
FAILURES_KEPT = timedelta(days=1)


class CannotSignIn(Refused):
    """The name, the password or the moment was not right; never says which of the first two."""


class CannotPair(Refused):
    """A pairing code that pairs nothing."""


class NoSuchDevice(Refused):
    """A device that cannot be made, or be given a code, as asked."""


class UnfitPassword(Refused):
    """A new password that must not be used."""


class UnfitRoles(Refused):
    """A set of roles nobody may hold together."""


def check_roles(roles: frozenset[str]) -> None:
    """Refuse no role, an unknown one, and both sides of the counter in one hand."""
    if not roles:
        raise UnfitRoles("请至少选一个角色。")
    unknown = sorted(roles - ROLES.keys())
    if unknown:
        raise UnfitRoles("没有角色“{role}”。可用:{known}。", role=unknown[0], known="、".join(ROLES))
    if organisation.on_both_sides(roles):
        raise UnfitRoles(
            "窗口一方(窗口人员、窗口管理员、部门负责人)不能同时是领导、督查员、审计员、派单员、回访员、申诉复核员或导办员。"
            "请分成两个账号。"
        )


def sees_whole_site(roles: frozenset[str]) -> bool:
    """Whether the work covers the whole site; a place behind the counter keeps everybody to their unit."""
    return bool(roles & WHOLE_SITE) and not roles & CLERKS_SIDE


def check_password(password: str, name: str) -> None:
    """Refuse a password that is too short, too long, the account's name, or all one sign.

    Length is what protects (NIST SP 800-63B): 10 to 128 characters, no rule of composition.
    """
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        raise UnfitPassword(
            "密码要{shortest}到{longest}个字符,现在{n}个。",
            shortest=shortest,
            longest=longest,
            n=len(password),
        )
    if name.lower() in password.lower() or len(set(password)) < 4:
        raise UnfitPassword("这个密码太容易猜到。请换一个,不要含账号名,也不要重复同一个字符。")


def wait_after(failures: int) -> timedelta:
    """How long to wait after failed sign-ins: nothing for four, then 15 s doubling up to 15 min.

    Failures are counted by name and address together, so that guesses from elsewhere lock nobody out; within
    one address (a hall behind one gateway) they do, for 15 minutes at most.
    """
    if failures < FREE_FAILURES:
        return timedelta()
    return min(timedelta(seconds=15 * 2.0 ** min(failures - FREE_FAILURES, 10)), timedelta(minutes=15))


def check_pace(failures: int, failed_at: datetime | None, now: datetime) -> None:
    """Refuse a sign-in that comes too soon after failed ones."""
    if failed_at is not None and now < failed_at + wait_after(failures):
        left = failed_at + wait_after(failures) - now
        raise CannotSignIn("连续输错多次。请{n}秒后再试。", n=int(left.total_seconds()) + 1)


def has_ended(started_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session is over: 30 minutes idle or 12 hours old."""
    return now >= ends_at(started_at, seen_at)


def ends_at(started_at: datetime, seen_at: datetime) -> datetime:
    """When a session is over unless it is used again."""
    return min(seen_at + IDLE, started_at + ABSOLUTE)


def device_state(
    paired_at: datetime | None, seen_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> str:
    """How a device is: revoked, unpaired, online, or dead without a sign of life for DEAD_AFTER."""
    if revoked_at is not None:
        return "revoked"
    if paired_at is None:
        return "unpaired"
    return "online" if seen_at is not None and now - seen_at < DEAD_AFTER else "dead"


_CASE_WORKERS = frozenset({"supervisor", "dispatcher", "owner", "head", "callback-officer"})


# Where people of some roles start, the first that fits; whoever works cases, at what waits for them.
_HOMES: Sequence[tuple[frozenset[str], str]] = (
    (_CASE_WORKERS, "rectification.queue"),
    (frozenset({"appeal-reviewer"}), "rectification.appeals_desk"),
    (LIVE_SIDE, "dashboards.windows"),
    (CLERKS_SIDE, "dashboards.console"),
    (frozenset({"data-steward"}), "organisation.overview"),
    (frozenset({"system-admin"}), "identity.accounts"),
)


def home_of(roles: frozenset[str]) -> str:
    """The endpoint at which a person of these roles starts."""
    return next((endpoint for those, endpoint in _HOMES if roles & those), "identity.own_account")
