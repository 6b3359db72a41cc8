"""How long each state of a case may last, by what kind of case it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evalsys.kernel.words import N_
from evalsys.rectification.rules.states import State
from evalsys.worktime.rules import Term, hours, minutes, working_days, working_hours


class Kind(StrEnum):
    """What a case came from."""

    RATING = "rating"
    PATTERN = "pattern"
    NOT_DONE = "not-done"
    ORDER = "order"


KIND_WORDS: Mapping[Kind, str] = {
    Kind.RATING: N_("差评"),
    Kind.PATTERN: N_("无说明差评汇总"),
    Kind.NOT_DONE: N_("办不成事"),
    Kind.ORDER: N_("工单"),
}


class Class(StrEnum):
    """What the supervisor found a case to be."""

    AT_ONCE = "at-once"
    WITHIN_TERM = "within-term"
    EXPLAIN = "explain"
    MISTAKE = "mistake"
    DOUBTED = "doubted"
    UNVERIFIABLE = "unverifiable"


CLASS_WORDS: Mapping[Class, str] = {
    Class.AT_ONCE: N_("立行立改(5个工作日)"),
    Class.WITHIN_TERM: N_("限期整改(15个工作日)"),
    Class.EXPLAIN: N_("解释说明(5个工作日)"),
    Class.MISTAKE: N_("误评(等评价人本人确认)"),
    Class.DOUBTED: N_("疑似不实(走申诉复核)"),
    Class.UNVERIFIABLE: N_("无法核实(汇总备查)"),
}
FINISH_OF_CLASS: Mapping[Class, Term] = {
    Class.AT_ONCE: working_days(5),
    Class.WITHIN_TERM: working_days(15),
    Class.EXPLAIN: working_days(5),
    Class.MISTAKE: working_days(5),
    Class.DOUBTED: working_days(5),
    Class.UNVERIFIABLE: working_days(5),
}


@dataclass(frozen=True)
class Profile:
    """The terms of one kind of case: to sign for it, to contact the person, to finish it.

    `finish` None: by the class given at triage. `act`: within which something must have been done on the
    spot, where that is asked for.
    """

    code: str
    words: str
    sign: Term
    contact: Term
    finish: Term | None
    act: Term | None = None
    on_call: bool = False


PROFILES: Mapping[str, Profile] = {
    profile.code: profile
    for profile in (
        Profile("bad-review", N_("差评整改"), working_hours(4), working_days(1), None),
        Profile(
            "extreme",
            N_("极端紧急"),
            minutes(2),
            minutes(10),
            hours(2),
            act=hours(1),
            on_call=True,
        ),
        Profile("livelihood", N_("民生急事"), minutes(30), hours(2), hours(24)),
        Profile("consult", N_("咨询"), working_hours(4), working_days(0), working_days(1)),
        Profile("general", N_("一般"), working_hours(4), working_days(1), working_days(5)),
        Profile("complex", N_("复杂"), working_hours(4), working_days(1), working_days(15)),
        Profile("not-done-now", N_("办不成事·马上办"), working_hours(4), working_days(0), working_days(0)),
        Profile("not-done-5", N_("办不成事·5个工作日"), working_hours(4), working_days(1), working_days(5)),
        Profile(
            "not-done-10",
            N_("办不成事·联合办理10个工作日"),
            working_hours(4),
            working_days(1),
            working_days(10),
        ),
    )
}

BEFORE_TRIAGE = working_days(5)
"""What the citizen is promised until somebody has looked at the case: the shortest of the classes."""

TRIAGE, DISPATCH, DECISION = working_hours(2), working_hours(4), working_hours(4)
_STATE_TERMS: Mapping[State, Term] = {
    State.NEW: TRIAGE,
    State.TRIAGED: DISPATCH,
    State.RETURN_REQUESTED: DECISION,
    State.EXTENSION_REQUESTED: DECISION,
    State.SUBMITTED: working_days(1),
    State.ACCEPTANCE: working_days(1),
    State.CALLBACK: working_days(3),
    State.REDO: DISPATCH,
    State.LEADERSHIP: working_days(5),
}
# These run against the term of the whole case.
UNTIL_FINISHED = frozenset({State.CONTACTED, State.UNREACHABLE, State.RECTIFYING})


def term_of_state(state: State, profile: str) -> Term | None:
    """The clock of a state; None for those that run until the whole case is due, or have no clock.

    That of ACCEPTED runs from this owner's dispatch, all others from entering the state. An urgent order is
    not left lying at the desk for longer than its owner would have.
    """
    terms = PROFILES[profile]
    if state is State.DISPATCHED:
        return terms.sign
    if state is State.ACCEPTED:
        return terms.contact
    if terms.on_call and state in (State.NEW, State.TRIAGED, State.REDO, State.RETURN_REQUESTED):
        return terms.sign
    return _STATE_TERMS.get(state)


def finish_term(profile: str, case_class: Class | None) -> Term:
    """The term of the whole case, counted from triage (before it, from the beginning)."""
    fixed = PROFILES[profile].finish
    if fixed is not None:
        return fixed
    return BEFORE_TRIAGE if case_class is None else FINISH_OF_CLASS[case_class]


LONGEST_EXTENSION = 10  # working days
JOIN_WITHIN = 5  # working days: the same item and tag in this time make one case
APPEAL_DAYS, REVIEW_DAYS = 3, 5  # working days
LONGEST_SUSPENSION = 31  # days until the next look
REOPEN_DAYS = 30  # days after closing within which the citizen may say it is not solved
UNDO_MINUTES = 10
REDOS_BEFORE_LEADERSHIP = 2
CONTACT_TRIES, CONTACT_DAYS = 3, 2
