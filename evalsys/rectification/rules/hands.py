"""In whose hands a move is: by role, by place to the owner unit, and never the rated person's."""

from collections.abc import Collection, Mapping
from datetime import datetime

from evalsys.kernel.access import Actor
from evalsys.kernel.words import N_
from evalsys.rectification.rules import NotAllowed, NotYours
from evalsys.rectification.rules.checks import OF_THE_CASE
from evalsys.rectification.rules.fields import FieldValue, checked
from evalsys.rectification.rules.looking import CaseAsIs, Move, Who
from evalsys.rectification.rules.moves import moves_from
from evalsys.rectification.rules.states import ENDED, State

# Judging the owner unit's own work, or the people's word on it, is nobody's of that unit.
_OUTSIDERS = {
    Who.OUTSIDE_SUPERVISOR: "supervisor",
    Who.CALLBACK: "callback-officer",
}


def _fits(who: Who, case: CaseAsIs, actor: Actor) -> bool:
    if who in _OUTSIDERS:
        return _OUTSIDERS[who] in actor.roles and not is_of_unit(actor, case.owner_unit_id)
    if who in (Who.OWNER, Who.HEAD):
        return who.value in actor.roles and is_of_unit(actor, case.owner_unit_id)
    return who is not Who.SYSTEM and who.value in actor.roles


def is_of_unit(actor: Actor, unit_id: int | None) -> bool:
    """Whether somebody works in a unit, or in one above it."""
    if unit_id is None:
        return False
    return actor.unit_id == unit_id or (not actor.scope.everything and actor.scope.covers(unit_id))


def check_not_rated(rated_staff: Collection[int], actor: Actor) -> None:
    """Refuse whatever the rated person would do to the case about themselves."""
    if actor.staff_id is not None and actor.staff_id in rated_staff:
        raise NotYours("这件涉及您本人的评价,不能由您处理。")


def check_hand(move: Move, case: CaseAsIs, actor: Actor) -> None:
    """Refuse a move by the rated person, or by somebody whose part it is not."""
    check_not_rated(case.rated_staff, actor)
    needed = move.who
    if move.source is State.RETURN_REQUESTED and case.returns > 1:
        # Two units say it is not theirs: somebody above both rules, and the word stands.
        needed = frozenset({Who.SUPERVISOR})
    if not any(_fits(who, case, actor) for who in needed):
        raise NotYours(
            "这一步由{who}办理,您的账号不能办。", who="、".join(WHO_WORDS[who] for who in sorted(needed))
        )


_CONTACTING = frozenset({State.ACCEPTED, State.CONTACTED, State.UNREACHABLE, State.RECTIFYING})


def may_note_try(case: CaseAsIs, actor: Actor) -> bool:
    """Whether somebody is the one who tries to reach the person now."""
    if case.state is State.CALLBACK:
        return _fits(Who.CALLBACK, case, actor)
    return case.state in _CONTACTING and _fits(Who.OWNER, case, actor)


def may_add_assistants(case: CaseAsIs, actor: Actor) -> bool:
    """Whether somebody may ask other units to help the owner."""
    if case.owner_unit_id is None or case.state in ENDED:
        return False
    return bool(actor.roles & {"dispatcher", "supervisor"}) or _fits(Who.OWNER, case, actor)


WHO_WORDS: Mapping[Who, str] = {
    Who.SYSTEM: N_("系统"),
    Who.SUPERVISOR: N_("督查员"),
    Who.OUTSIDE_SUPERVISOR: N_("承办单位以外的督查员"),
    Who.DISPATCHER: N_("派单员"),
    Who.OWNER: N_("承办单位承办人"),
    Who.HEAD: N_("承办单位领导"),
    Who.CALLBACK: N_("承办单位以外的回访员"),
    Who.LEADERSHIP: N_("领导"),
}


def open_moves(case: CaseAsIs, actor: Actor) -> tuple[Move, ...]:
    """The moves a person may make with a case now, by who they are; the rest the checks decide."""
    found = []
    for move in moves_from(case.state):
        try:
            check_hand(move, case, actor)
        except NotYours:
            continue
        found.append(move)
    return tuple(found)


def in_the_way(move: Move, case: CaseAsIs, now: datetime) -> NotAllowed | None:
    """What stands in the way of a move whatever one gives; None where nothing does."""
    for check in move.checks:
        if check in OF_THE_CASE:
            try:
                check(case, {}, now)
            except NotAllowed as refusal:
                return refusal
    return None


def check_move(
    move: Move, case: CaseAsIs, actor: Actor, given: Mapping[str, FieldValue], now: datetime
) -> dict[str, FieldValue]:
    """What a move was given, once everything about it is right.

    Raises NotYours (by the person), Missing (fields), NotAllowed (by the rules), in this order.
    """
    check_hand(move, case, actor)
    kept = checked(move.fields, given)
    for check in move.checks:
        check(case, kept, now)
    return kept
