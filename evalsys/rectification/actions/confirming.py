"""The rater's own word: solved or not, a mistake or not, a follow-up; it may take a case up again."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from evalsys.evaluation.actions.follow_up import follow_up_rating
from evalsys.evaluation.events import FollowUpRecorded
from evalsys.evaluation.queries import ratings
from evalsys.evaluation.rules import Answer, is_bad
from evalsys.rectification.actions.moving import move_by_system
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.models import Confirmation
from evalsys.rectification.queries import citizen, facts
from evalsys.rectification.rules import NotAllowed
from evalsys.rectification.rules.citizens import to_the_minute
from evalsys.rectification.rules.fields import SATISFIED_WORDS, SOLVED_WORDS
from evalsys.rectification.rules.states import State

_NO_CASE = "这条评价没有单子在办。您的评价照样算数。"


def confirm(connection: Connection, root: int, solved: str, handling: str | None, now: datetime) -> None:
    """Keep the rater's word on the handling; 没解决 within thirty days of closing takes the case up again.

    The same word again changes nothing unless it takes the case up. Raises NotAllowed where there is
    nothing to confirm, or no longer.
    """
    row = _case(connection, root)
    state = State(row.state)
    if state is State.CANCELLED:
        raise NotAllowed(_NO_CASE)
    if state is State.CLOSED and not citizen.may_reopen(row.closed_at, now):
        raise NotAllowed("办结已超过30天,不能在这里重办。还没解决,请到“办不成事”窗口或打12345。")
    reopens = state is State.CLOSED and solved == "no"
    if not reopens and citizen.said(connection, row.id, root) == citizen.Said(solved, handling):
        return
    at = to_the_minute(now)
    _keep(connection, row.id, root, solved=solved, handling=handling, at=at)
    words = f"评价人在凭证页说:{SOLVED_WORDS[solved]}" + (
        f";对处理{SATISFIED_WORDS[handling]}" if handling else ""
    )
    given: dict[str, Any] = {"solved": solved} | ({"satisfied": handling} if handling else {})
    if reopens:
        move_by_system(connection, row.id, State.REDO, words, now=at, given=given)
    else:
        add_step(connection, row, Step("note", at, reason=words, facts=given), {})


def _keep(
    connection: Connection, case_id: int, root: int, *, solved: str, handling: str | None, at: datetime
) -> None:
    before = select(func.count()).where(Confirmation.case_id == case_id, Confirmation.root == root)
    seq = connection.execute(before).scalar_one() + 1
    connection.execute(
        insert(Confirmation).values(
            case_id=case_id, root=root, seq=seq, solved=solved, handling=handling, at=at
        )
    )


def answer_mistake(connection: Connection, root: int, *, was_mistake: bool, now: datetime) -> None:
    """Keep the rater's answer whether the tap was a mistake; only two people take a rating out of the count.

    A yes lets the supervisor withdraw the case; a no takes the finding back, and the case is dispatched like
    any other. Raises NotAllowed where nobody asks.
    """
    row = _case(connection, root)
    if row.is_mistake_confirmed and was_mistake:
        return
    if not citizen.is_mistake_open(connection, row, root):
        raise NotAllowed("现在不用确认是不是点错。您的评价照样算数。")
    at = to_the_minute(now)
    if was_mistake:
        step = Step("note", at, reason="评价人本人确认点错了", facts={"mistake": "yes"})
        add_step(connection, row, step, {"is_mistake_confirmed": True})
    else:
        step = Step("note", at, reason="评价人说没有点错,不是误评", facts={"mistake": "no"})
        add_step(connection, row, step, {"case_class": None})


def follow_up(connection: Connection, receipt_hash: str, answer: Answer, now: datetime) -> None:
    """Take the one follow-up rating, within thirty days of the answer.

    Raises NotAllowed too early or too late, FollowedUp for a second one, KeyUsed, WrongTags.
    """
    root = ratings.root_of_receipt(connection, receipt_hash)
    case_id = None if root is None else facts.case_of_rating(connection, root)
    if case_id is None:
        raise NotAllowed(_NO_CASE)
    answered = citizen.answered_at(citizen.standing_steps(connection, case_id))
    if answered is None:
        raise NotAllowed("还没有答复。答复以后30天内可以追评一次。")
    if not citizen.may_follow_up(answered, now):
        raise NotAllowed("答复已超过30天,不能再追评。还没解决,请到“办不成事”窗口或打12345。")
    follow_up_rating(connection, receipt_hash, answer, now=now)


def follow_follow_up(connection: Connection, event: FollowUpRecorded) -> None:
    """Follow a follow-up rating: a bad one takes a closed case up again, any other is noted on its case."""
    case_id = facts.case_of_rating(connection, event.rating_id)
    if case_id is None:
        return
    row, at = locked(connection, case_id), to_the_minute(event.at)
    reopens = (
        State(row.state) is State.CLOSED
        and is_bad(event.level)
        and citizen.may_reopen(row.closed_at, event.at)
    )
    if reopens:
        move_by_system(connection, case_id, State.REDO, "评价人追评仍不满意", now=at)
        return
    words = "评价人追评仍不满意" if is_bad(event.level) else "评价人追评已满意"
    add_step(connection, row, Step("note", at, reason=words, facts={"follow_up": event.level}), {})


def _case(connection: Connection, root: int) -> Row[Any]:
    """The case a rating is in now, held; raises NotAllowed where there is none."""
    case_id = facts.case_of_rating(connection, root)
    if case_id is None:
        raise NotAllowed(_NO_CASE)
    return locked(connection, case_id)
