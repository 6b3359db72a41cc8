"""Who is called for an urgent order, and when the next person is."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

KEEP_ON_CALL = Permission("keep-on-call", frozenset({"dispatcher", "supervisor"}))

# Who is told once nobody is left on the list, each a term after the one before; and what the step says.
ABOVE_THE_LIST = ("supervisor", "leadership")
ESCALATED: Mapping[str, str] = {
    "supervisor": N_("值班表上没有人可再通知,已报督查员"),
    "leadership": N_("仍没有人签收,已报领导"),
}


class UnfitOnCall(Refused):
    """A line of the on-call list that cannot stand."""


def calls_due(dispatched_at: datetime, sign_within: timedelta, now: datetime) -> int:
    """How many people should have been called by now: one at once, another for each term gone by unsigned.

    After downtime it is as many as would have been called in time.
    """
    return max(0, (now - dispatched_at) // sign_within) + 1


def check_turn(starts_at: datetime, ends_at: datetime, roles: frozenset[str]) -> None:
    """Refuse a turn that ends before it starts, or of somebody who cannot sign for an order."""
    if ends_at <= starts_at:
        raise UnfitOnCall("结束时间要晚于开始时间。")
    if "owner" not in roles:
        raise UnfitOnCall("值班的人要能签收:请选有“承办人”角色的账号。")
