"""Roles, what separates them, and what a password must be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evalsys.identity import guessable
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
# Roles that may open what a citizen left to be reached by: they give a second step.
SEES_CONTACTS = frozenset({"owner", "callback-officer", "supervisor"})
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

ABSOLUTE = timedelta(hours=12)
STEP_LASTS = timedelta(minutes=30)  # how long a code given serves for what asks for one
HALF_LASTS = timedelta(minutes=5)  # between the password and the code
SEEN_EVERY = timedelta(minutes=1)  # how finely the last use of a session is kept
PASSWORD_LENGTH = (10, 128)
FREE_FAILURES = 5
FREE_FAILURES_OF_ACCOUNT = 50  # codes of one account, from everywhere
FAILURES_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Demands:
    """What a site asks of passwords and sign-ins.

    The defaults follow NIST SP 800-63B: length, no composition, no rotation. `MLPS3` is what assessors of
    GB/T 22239-2019, third grade, 8.1.4.1, ask for: complexity, regular change, a bound on failures, an end
    of idle sign-ins, two ways of proof for everybody.
    """

    idle: timedelta = timedelta(minutes=30)
    kinds: int = 1
    changed_within: timedelta | None = None
    former: int = 0
    pause: timedelta | None = None
    everybody_steps: bool = False


NIST = Demands()
MLPS3 = Demands(
    idle=timedelta(minutes=15),
    kinds=3,
    changed_within=timedelta(days=90),
    former=5,
    pause=timedelta(minutes=30),
    everybody_steps=True,
)


def demands(*, mlps3: bool) -> Demands:
    """What a site asks, by its setting."""
    return MLPS3 if mlps3 else NIST


class CannotSignIn(Refused):
    """The name, the password or the moment was not right; never says which of the first two."""


class CannotPair(Refused):
    """A pairing code that pairs nothing."""


class NoSuchDevice(Refused):
    """A device that cannot be made, or be given a code, as asked."""


class WrongCode(Refused):
    """A code that is not, or no longer, the account's."""


class UnfitPassword(Refused):
    """A new password that must not be used."""


class UnfitRoles(Refused):
    """A set of roles nobody may hold together."""


def check_roles(roles: frozenset[str]) -> None:
    """Refuse no role, an unknown one, both sides of the counter, and two administrations in one hand."""
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
    if organisation.joins_administrations(roles):
        raise UnfitRoles(
            "系统管理员、数据管理员、审计员三员分立,一个账号只能是其中一个。请分成几个账号,由不同的人使用。"
        )


def sees_whole_site(roles: frozenset[str]) -> bool:
    """Whether the work covers the whole site; a place behind the counter keeps everybody to their unit."""
    return bool(roles & WHOLE_SITE) and not roles & CLERKS_SIDE


def check_password(password: str, name: str, asked: Demands = NIST) -> None:
    """Refuse a password that is too short, too long, easy to guess, or of fewer kinds of signs than asked.

    Length is what protects (NIST SP 800-63B): 10 to 128 characters; of kinds there are capital and small
    letters, digits, and all others.
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
    if guessable.is_made_of_usual_parts(password):
        raise UnfitPassword("这个密码很多人都在用,太容易猜到。请换一句自己才想得到的话。")
    if len({_kind(sign) for sign in password}) < asked.kinds:
        raise UnfitPassword(
            "本网站按等保三级要求:密码要含大写字母、小写字母、数字、其他符号中的至少{n}种。", n=asked.kinds
        )


def _kind(sign: str) -> str:
    if sign.isdecimal():
        return "digit"
    return "capital" if sign.isupper() else "small" if sign.islower() else "other"


def is_outdated(set_at: datetime | None, now: datetime, asked: Demands) -> bool:
    """Whether a password is older than the site allows; one of unknown age is."""
    return asked.changed_within is not None and (set_at is None or now >= set_at + asked.changed_within)


def wait_after(failures: int, free: int = FREE_FAILURES, asked: Demands = NIST) -> timedelta:
    """How long to wait after failed sign-ins: nothing for four, then 15 s doubling up to 15 min.

    Failures are counted by name and address together, so that guesses from elsewhere lock nobody out; within
    one address (a hall behind one gateway) they do, for 15 minutes at most. A site may ask for one pause.
    """
    if failures < free:
        return timedelta()
    return asked.pause or min(timedelta(seconds=15 * 2.0 ** min(failures - free, 10)), timedelta(minutes=15))


def check_pace(
    failures: int,
    failed_at: datetime | None,
    now: datetime,
    *,
    free: int = FREE_FAILURES,
    asked: Demands = NIST,
) -> None:
    """Refuse a sign-in that comes too soon after failed ones."""
    wait = wait_after(failures, free, asked)
    if failed_at is not None and now < failed_at + wait:
        left = failed_at + wait - now
        raise CannotSignIn("连续输错多次。请{n}秒后再试。", n=int(left.total_seconds()) + 1)


def has_fresh_step(stepped_at: datetime | None, now: datetime) -> bool:
    """Whether a code was given so lately that it serves for what asks for one."""
    return stepped_at is not None and now < stepped_at + STEP_LASTS


def has_ended(started_at: datetime, seen_at: datetime, now: datetime, asked: Demands = NIST) -> bool:
    """Whether a session is over: idle for too long, 30 minutes as a rule, or 12 hours old."""
    return now >= ends_at(started_at, seen_at, asked)


def ends_at(started_at: datetime, seen_at: datetime, asked: Demands = NIST) -> datetime:
    """When a session is over unless it is used again."""
    return min(seen_at + asked.idle, started_at + ABSOLUTE)


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
