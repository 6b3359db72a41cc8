"""What a move must also fulfil beside its fields: each check refuses with a sentence."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from evalsys.rectification.rules import NotAllowed
from evalsys.rectification.rules.fields import PRESSED, SATISFIED, SOLVED, FieldValue, checked
from evalsys.rectification.rules.looking import CaseAsIs
from evalsys.rectification.rules.terms import (
    CONTACT_DAYS,
    CONTACT_TRIES,
    LONGEST_SUSPENSION,
    REDOS_BEFORE_LEADERSHIP,
    Class,
)


def triaged_as_unverifiable(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    """Refuse to close at once what can be verified."""
    if case.case_class is not Class.UNVERIFIABLE:
        raise NotAllowed("只有“无法核实”的可以直接办结。其他的请派单。")


def returned_once(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    """Refuse a second return by one owner, one after a ruling, and one that comes late."""
    if not case.may_return:
        raise NotAllowed("每个单位只能退单一次,裁定后不能再退。请签收办理。")
    if not case.returned_within_term:
        raise NotAllowed("退单要在派单后1个工作日内提出,现在已经过了。请签收办理。")


def contacted_meanwhile(case: CaseAsIs, given: Mapping[str, FieldValue], now: datetime) -> None:
    """Refuse a contact that has not been yet, or was before the day somebody was told to make it."""
    when = given.get("when")
    if not isinstance(when, datetime):
        return
    day = (when + timedelta(hours=8) - (when.utcoffset() or timedelta())).date()
    if when > now or (case.dispatched_on is not None and day < case.dispatched_on):
        raise NotAllowed("联系时间要在派单以后,也不能晚于现在。")


def tried_enough(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    """Refuse to give somebody up who was not tried on two days."""
    if case.is_reachable and not is_tried_enough(case.contact_tries):
        raise NotAllowed(
            "联系不上,要在至少{days}天里试过至少{tries}次,现在是{n}次。请先记下每次联系。",
            days=CONTACT_DAYS,
            tries=CONTACT_TRIES,
            n=len(case.contact_tries),
        )


def is_tried_enough(tries: tuple[date, ...]) -> bool:
    """Whether somebody was tried three times on two days at least."""
    return len(tries) >= CONTACT_TRIES and len(set(tries)) >= CONTACT_DAYS


def extended_once(case: CaseAsIs, _given: Mapping[str, FieldValue], now: datetime) -> None:
    """Refuse a second extension, and one asked for after the end."""
    if case.was_extended:
        raise NotAllowed("只能申请延期一次,这件已经申请过。")
    if case.finish_by is not None and now >= case.finish_by:
        raise NotAllowed("延期要在到期之前申请,这件已经到期。")


def true_reasonable_complete(_case: CaseAsIs, given: Mapping[str, FieldValue], _now: datetime) -> None:
    """Refuse to accept what is not true, reasonable and complete."""
    if any(given.get(name) != "yes" for name in ("true", "reasonable", "complete")):
        raise NotAllowed("有一项不通过,请退回整改并写明缺什么。")


def heard(case: CaseAsIs, given: Mapping[str, FieldValue], _now: datetime) -> None:
    """Refuse to close without what the person said, or against it."""
    if given.get("reached") == "no":
        if case.is_reachable and not is_tried_enough(case.callback_tries):
            raise NotAllowed(
                "未联系上,要在至少{days}天里试过至少{tries}次,现在是{n}次。请先记下每次回访。",
                days=CONTACT_DAYS,
                tries=CONTACT_TRIES,
                n=len(case.callback_tries),
            )
        return
    checked((SOLVED, SATISFIED, PRESSED), given)
    if given.get("satisfied") == "dissatisfied":
        raise NotAllowed("群众对处理不满意,不能办结,请选“重办”。")


def still_to_redo(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    """Refuse a third dispatch from the call-back: that is for the leadership."""
    if case.redo_count > REDOS_BEFORE_LEADERSHIP:
        raise NotAllowed("已经重办两次,第三次由领导督办。")


def review_soon(_case: CaseAsIs, given: Mapping[str, FieldValue], now: datetime) -> None:
    """Refuse to put a case away for longer than a month."""
    day = given.get("review_on")
    today = (now + timedelta(hours=8)).date()  # China keeps one offset, without summer time
    if not isinstance(day, date) or not today < day <= today + timedelta(days=LONGEST_SUSPENSION):
        raise NotAllowed("复查日期要在今后一个月之内。")


def confirmed_as_mistake(case: CaseAsIs, _given: Mapping[str, FieldValue], _now: datetime) -> None:
    """Refuse to withdraw as a mistake what the rater has not confirmed as one."""
    if not case.is_mistake_confirmed:
        raise NotAllowed("误评要评价人本人在凭证页确认,现在还没有确认。")


# Those that look at the case alone, whatever is given: such a move need not be offered to be refused.
OF_THE_CASE = frozenset(
    {
        confirmed_as_mistake,
        extended_once,
        returned_once,
        still_to_redo,
        triaged_as_unverifiable,
        tried_enough,
    }
)
