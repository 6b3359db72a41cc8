"""Messages between citizens and the desk: passed on by the supervisor, both ways; no words in steps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from evalsys.kernel import journal, notices
from evalsys.kernel.access import Actor
from evalsys.kernel.database import insert_once
from evalsys.kernel.secrets import digest
from evalsys.kernel.words import N_
from evalsys.rectification.actions.steps import Step, add_step, locked
from evalsys.rectification.actions.telling import News, tell
from evalsys.rectification.models import CaseMessage
from evalsys.rectification.queries import citizen, facts
from evalsys.rectification.rules import Changed, Missing, NotAllowed, NotYours
from evalsys.rectification.rules.citizens import (
    MESSAGES_WAITING,
    RELAY,
    check_writer,
    is_redaction,
    to_the_minute,
)
from evalsys.rectification.rules.fields import TEXT_LIMIT
from evalsys.rectification.rules.states import State

_WAITING = N_("{no} 有一条留言等您转达。")
_ANSWERED = N_("{no} 评价人有新留言。")


def write_as_citizen(connection: Connection, root: int, text: str, key: str, now: datetime) -> None:
    """Take a rater's message for the desk; a double tap is one. It counts as an answer of the person.

    Raises NotAllowed where the case is withdrawn or ended long ago or too much waits, or the key has
    carried other words.
    """
    case_id = facts.case_of_rating(connection, root)
    row = None if case_id is None else locked(connection, case_id)
    # As long as the receipt's page offers it: nobody looks for messages in what ended long ago.
    if row is None or not citizen.may_write(State(row.state), row.closed_at, now):
        raise NotAllowed("这条评价没有单子在办,留言没有保存。还想反映,请到“办不成事”窗口或打12345。")
    earlier = connection.execute(
        select(CaseMessage.text, CaseMessage.root).where(CaseMessage.key == digest(key))
    ).first()
    if earlier is not None:
        _check_same((earlier.root, earlier.text), (root, text))
        return
    if _waiting_of(connection, root) >= MESSAGES_WAITING:
        raise NotAllowed("您有{n}条留言还在等督查员转达,请等转达后再写。", n=MESSAGES_WAITING)
    at = to_the_minute(now)
    written = {
        "case_id": row.id,
        "root": root,
        "sender": "citizen",
        "text": text,
        "at": at,
        "key": digest(key),
    }
    _write_once(connection, written)
    add_step(
        connection, row, Step("note", at, reason="评价人在凭证页留言,由督查员转达"), {"is_reachable": True}
    )
    _tell_supervisor(connection, row, digest(key), at)


def _check_same(earlier: tuple[int | None, str], now_sent: tuple[int, str]) -> None:
    if earlier != now_sent:
        raise NotAllowed("这次提交和上一次内容不同,没有保存。请回到凭证页再写。")


def _waiting_of(connection: Connection, root: int) -> int:
    undecided = select(func.count()).where(
        CaseMessage.root == root,
        CaseMessage.sender == "citizen",
        CaseMessage.relayed_at.is_(None),
        CaseMessage.relayed_by.is_(None),
    )
    return connection.execute(undecided).scalar_one()


def write_to_citizen(
    connection: Connection, case_id: int, actor: Actor, text: str, key: str, *, now: datetime
) -> None:
    """Write to the raters of a case: the owner's words wait for the supervisor, the supervisor's go at once.

    Raises Missing for no words or too many, NotYours, NotAllowed.
    """
    row = locked(connection, case_id)
    check_writer(actor, facts.as_is(connection, row, now))
    _check_words(text)
    if row.state == State.CANCELLED:
        raise NotAllowed("这件已经撤销,不用再给评价人留言。")
    is_supervisor = RELAY.roles & actor.roles
    written: dict[str, Any] = {
        "case_id": case_id,
        "root": None,
        "sender": "supervisor" if is_supervisor else "owner",
        "text": text,
        "at": now,
        "by": actor.account_id,
        "key": digest(f"{actor.account_id}:{key}"),
    }
    if is_supervisor:
        written |= {"relayed_at": now, "relayed_by": actor.account_id}
    if _write_once(connection, written) is None:
        return
    said = "督查员给评价人留言" if is_supervisor else "承办人给评价人留言,由督查员转达"
    add_step(connection, row, Step("note", now, actor, said), {})
    if not is_supervisor:
        _tell_supervisor(connection, row, str(written["key"]), now)


def relay(connection: Connection, message_id: int, actor: Actor, text: str, *, now: datetime) -> None:
    """Pass a message on, as it is or with parts put out of sight; `text` is what the other side will read.

    Raises NotAllowed where anything but a redaction was done to it, Changed where somebody was faster.
    """
    kept, row = _undecided(connection, message_id, actor, now)
    if not is_redaction(kept.text, text):
        raise NotAllowed("只能用“[已隐去]”替换要隐去的字,不能改写。留言没有转达。")
    changes: dict[str, Any] = {"relayed_at": now, "relayed_by": actor.account_id}
    if text != kept.text:
        changes |= {"text": text, "redacted_at": now}
        journal.record(connection, actor, "redact-message", f"case {row.no}", message=message_id)
    _decide(connection, message_id, changes)
    whose = "评价人" if kept.sender == "citizen" else "承办人"
    add_step(connection, row, Step("note", now, actor, f"督查员转达了{whose}的留言"), {})
    if kept.sender == "citizen":
        _tell_owner(connection, row, message_id, now)


def withhold(connection: Connection, message_id: int, actor: Actor, reason: str, *, now: datetime) -> None:
    """Keep a message from the other side, with a reason that stands in the case's story."""
    kept, row = _undecided(connection, message_id, actor, now)
    if not reason or len(reason) > TEXT_LIMIT:
        raise Missing({"reason": "请写明为什么不转达"})
    _decide(connection, message_id, {"relayed_by": actor.account_id})
    whose = "评价人" if kept.sender == "citizen" else "承办人"
    step = Step("note", now, actor, f"没有转达{whose}的留言:{reason}")
    add_step(connection, row, step, {})


def answer(connection: Connection, message_id: int, actor: Actor, text: str, *, now: datetime) -> None:
    """Answer a citizen's message oneself, without passing it on."""
    kept, row = _undecided(connection, message_id, actor, now)
    _check_words(text)
    if kept.sender != "citizen":
        raise NotAllowed("这是承办人写给评价人的,请转达或不转达。")
    _decide(connection, message_id, {"relayed_by": actor.account_id})
    said: Mapping[str, Any] = {
        "case_id": row.id,
        "root": kept.root,
        "sender": "supervisor",
        "text": text,
        "at": now,
        "by": actor.account_id,
        "relayed_at": now,
        "relayed_by": actor.account_id,
        "key": digest(f"answer:{message_id}"),
    }
    connection.execute(insert(CaseMessage).values(**said))
    add_step(connection, row, Step("note", now, actor, "督查员直接答复了评价人的留言"), {})


def _undecided(
    connection: Connection, message_id: int, actor: Actor, now: datetime
) -> tuple[Row[Any], Row[Any]]:
    """A message nobody has decided on, and its case, both held."""
    columns = CaseMessage.__table__.c
    wanted = select(*columns).where(columns.id == message_id)
    kept = connection.execute(wanted).first()
    if kept is None:
        raise LookupError("no such message")
    row = locked(connection, kept.case_id)
    kept = connection.execute(wanted).one()
    case = facts.as_is(connection, row, now)
    if not actor.may(RELAY) or (actor.staff_id is not None and actor.staff_id in case.rated_staff):
        raise NotYours("留言由督查员转达,涉及您本人的除外。")
    if kept.relayed_at is not None or kept.relayed_by is not None:
        raise Changed("这条留言刚才已有人处理过。请看过最新情况再办。")
    return kept, row


def _decide(connection: Connection, message_id: int, changes: Mapping[str, Any]) -> None:
    connection.execute(update(CaseMessage).where(CaseMessage.id == message_id).values(**changes))


def _check_words(text: str) -> None:
    if not text or len(text) > TEXT_LIMIT:
        raise Missing({"text": "请写留言,最多500个字"})


def _write_once(connection: Connection, written: dict[str, Any]) -> int | None:
    """The message's id; None where it is there already."""
    once = insert_once(connection, CaseMessage, "key").returning(CaseMessage.id)
    number: int | None = connection.execute(once, written).scalar()
    return number


def _tell_supervisor(connection: Connection, row: Row[Any], key: str, at: datetime) -> None:
    notices.notify(
        connection,
        to_role="supervisor",
        sentence=_WAITING,
        values={"no": row.no},
        link="/cases/messages",
        dedupe_key=f"message:{key}",
        at=at,
    )


def _tell_owner(connection: Connection, row: Row[Any], message_id: int, at: datetime) -> None:
    if row.owner_unit_id is not None:
        news = News(row.no, _ANSWERED, {"no": row.no}, f"relayed:{message_id}", at)
        tell(connection, ("owner",), row.owner_unit_id, news)
