"""What the bad-review loop decides: who may do what with a case, in which state, in which time."""

from evalsys.kernel.access import Permission
from evalsys.kernel.refusals import Refused

WORKERS = frozenset(
    {"supervisor", "dispatcher", "owner", "head", "callback-officer", "leadership", "appeal-reviewer"}
)
# Who works cases, and who reads them: the clerk's side sees its own from the next working day, in part.
WORK_CASES = Permission("work-cases", WORKERS)
READ_CASES = Permission("read-cases", WORKERS | {"auditor", "window-manager", "department-lead", "clerk"})
CHASE = Permission("chase", frozenset({"supervisor", "dispatcher", "leadership", "auditor"}))
# Saying whose a case is; and keeping the directory and the beginnings of replies that help with it.
DISPATCH_CASES = Permission("dispatch-cases", frozenset({"dispatcher", "supervisor"}))
KEEP_GUIDANCE = Permission("keep-guidance", frozenset({"supervisor"}))
SEE_OWN_CASES = Permission("see-own-cases", frozenset({"window-manager", "department-lead", "clerk"}))
# Everybody else sees the cases their unit owns or helps with.
SEE_EVERY_CASE = frozenset(
    {"supervisor", "dispatcher", "callback-officer", "leadership", "appeal-reviewer", "auditor"}
)


class NotAllowed(Refused):
    """The rules forbid this move now."""

    status = 409


class NotYours(Refused):
    """The move is open, but not to this person."""

    status = 403


class Missing(Refused):
    """A move lacks fields it needs, or one is not what it must be."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("还缺内容,没有保存:{faults}", faults=";".join(faults.values()))
        self.faults = faults
        self.details = faults


class Changed(Refused):
    """Somebody else has moved the case since the page was opened."""

    status = 409
