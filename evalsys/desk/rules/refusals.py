"""What becomes of a refusal noted at a window: a report, or nothing for a reason."""

from evalsys.kernel.refusals import Refused

REASON_LIMIT = 200  # code points


class DraftGone(Refused):
    """Somebody else has dealt with the draft."""

    status = 409


class NotTheirs(Refused):
    """Somebody of the unit that refused would decide that nothing comes of it."""

    status = 403


class NoReason(Refused):
    """A draft is not dropped without saying why."""


def check_reason(reason: str) -> None:
    """Refuse an empty or endless reason for dropping a draft."""
    if not reason or "\x00" in reason:
        raise NoReason("请写明为什么不办。")
    if len(reason) > REASON_LIMIT:
        raise NoReason("最多{limit}个字,现在{n}个。", limit=REASON_LIMIT, n=len(reason))
