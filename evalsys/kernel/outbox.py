"""Messages to others: written in the transaction of what happened, delivered afterwards, at least once."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, func, select, update
from sqlalchemy.orm import Session

from evalsys.kernel.database import db, insert_once, transaction
from evalsys.kernel.models import Delivery, OutboxMessage
from evalsys.kernel.receivers import is_of

LARGEST = 64 * 1024  # bytes of a payload
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
LEASE = timedelta(minutes=3)  # longer than any attempt: only then may somebody else try
TURN = timedelta(seconds=10)  # of each receiver in a round: nobody waits long for a slow one
AT_ONCE = 500  # messages handed out in one transaction, and deliveries looked at in one turn
KEPT = timedelta(days=30)  # after its delivery the content of a message is forgotten


@dataclass(frozen=True)
class Message:
    """What a receiver gets; the key tells it a repeat from something new."""

    topic: str
    payload: Mapping[str, Any]
    dedupe_key: str
    due_at: datetime


class NotDelivered(Exception):
    """An attempt failed; the reason is written down and names nobody.

    `silent` says that the receiver cannot be reached at all: the other messages to it wait, too.
    """

    def __init__(self, reason: str, *, silent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.silent = silent


@dataclass(frozen=True)
class Sender:
    """A way to one receiver: its lasting name, the topic it takes, and how it is sent.

    `send` raises NotDelivered or has done it. `wants` are fields without which a message is not for it.
    """

    name: str
    topic: str
    send: Callable[[Message, datetime], None]
    wants: frozenset[str] = frozenset()

    def takes(self, message: Message) -> bool:
        """Whether a message is for it."""
        return is_of(message.topic, self.topic) and self.wants <= message.payload.keys()


@dataclass(frozen=True)
class Waiting:
    """How much waits for a receiver, and since when."""

    receiver: str
    n: int
    since: datetime


def put(
    connection: Connection, topic: str, payload: Mapping[str, object], dedupe_key: str, due_at: datetime
) -> None:
    """Write a message in the caller's transaction; one of the same key changes nothing.

    The payload is plain JSON of 64 KB at most and holds neither contacts nor the words of anonymous people.
    Raises ValueError where it is larger, TypeError where it is no JSON.
    """
    content = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    if len(content.encode()) > LARGEST:
        raise ValueError(f"a message of {len(content)} characters is too large")
    connection.execute(
        insert_once(connection, OutboxMessage, "dedupe_key"),
        {
            "topic": topic,
            "payload": content,
            "dedupe_key": dedupe_key,
            "due_at": due_at,
            "handed_at": None,
        },
    )


def send_due(
    senders: Sequence[Sender], now: Callable[[], datetime], chance: Callable[[], float]
) -> tuple[int, int]:
    """Hand out what is due and try what is due again; how many were delivered, and how many were not.

    Nothing is held while a receiver is waited for. An attempt is written down before it is made: a worker may
    die at any point, and another one tries again after the lease, with the same key. Nothing is given up.
    `chance` gives numbers from 0 up to 1, so that many messages do not come back in one moment.
    """
    _hand_out(senders, now())
    delivered = failed = 0
    for sender in senders:
        began = now()
        for message_id in _due(sender.name, began):
            message = _taken(message_id, sender.name, now()) if now() - began < TURN else None
            if message is None:
                continue
            try:
                sender.send(message, now())
            except NotDelivered as fault:
                failed += 1
                _note_failure(message_id, sender.name, fault, now(), chance())
                if fault.silent:
                    break
            else:
                delivered += 1
                _note_delivered(message_id, sender.name, now())
    return delivered, failed


def pause_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after failed attempts: 10 s, doubling, up to six hours; half of it left to chance."""
    whole = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return whole * (0.5 + chance / 2)


def waiting(session: Session, now: datetime) -> Sequence[Waiting]:
    """What is due and not delivered, by receiver ('' where it was not even handed out); for health pages."""
    unhanded = select(func.count(), func.min(OutboxMessage.due_at)).where(
        OutboxMessage.handed_at.is_(None), OutboxMessage.due_at <= now
    )
    undelivered = (
        select(Delivery.receiver, func.count(), func.min(OutboxMessage.due_at))
        .join(OutboxMessage, OutboxMessage.id == Delivery.message_id)
        .where(Delivery.sent_at.is_(None))
        .group_by(Delivery.receiver)
        .order_by(Delivery.receiver)
    )
    rows = [("", *session.execute(unhanded).one()), *session.execute(undelivered)]
    return [Waiting(name, n, since) for name, n, since in rows if n]


def forget_delivered(session: Session, now: datetime) -> None:
    """Empty what was delivered everywhere 30 days ago; the keys stay, so that no repeat is taken for new."""
    open_still = exists().where(Delivery.message_id == OutboxMessage.id, Delivery.sent_at.is_(None))
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.handed_at < now - KEPT, OutboxMessage.payload != "{}", ~open_still)
        .values(payload="{}")
        .execution_options(synchronize_session=False)
    )


_CONTENT = (OutboxMessage.topic, OutboxMessage.payload, OutboxMessage.dedupe_key, OutboxMessage.due_at)


def _message(row: Any) -> Message:
    return Message(row.topic, json.loads(row.payload), row.dedupe_key, row.due_at)


def _hand_out(senders: Sequence[Sender], now: datetime) -> None:
    """Make a delivery of each due message for every receiver that takes it; those of none are done."""
    due = (
        select(OutboxMessage.id, *_CONTENT)
        .where(OutboxMessage.handed_at.is_(None), OutboxMessage.due_at <= now)
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(AT_ONCE)
    )
    with db.engine.connect() as connection:
        rows = connection.execute(due).all()
    if not rows:
        return
    taken = [
        {"message_id": row.id, "receiver": sender.name, "next_at": now}
        for row in rows
        for sender in senders
        if sender.takes(_message(row))
    ]
    with transaction() as session:
        connection = session.connection()
        if taken:
            connection.execute(insert_once(connection, Delivery), taken)
        done = update(OutboxMessage).where(OutboxMessage.id.in_([row.id for row in rows]))
        connection.execute(done.values(handed_at=now))


def _due(receiver: str, now: datetime) -> Sequence[int]:
    """The messages a receiver is to be tried with, in the order in which they fell due."""
    wanted = (
        select(Delivery.message_id)
        .join(OutboxMessage, OutboxMessage.id == Delivery.message_id)
        .where(Delivery.receiver == receiver, Delivery.sent_at.is_(None), Delivery.next_at <= now)
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(AT_ONCE)
    )
    with db.engine.connect() as connection:
        return connection.execute(wanted).scalars().all()


def _taken(message_id: int, receiver: str, now: datetime) -> Message | None:
    """A message that is now ours to try, for the length of the lease; None where another worker has it."""
    one = (Delivery.message_id == message_id, Delivery.receiver == receiver, Delivery.sent_at.is_(None))
    with transaction() as session:
        connection = session.connection()
        attempts = Delivery.attempts + 1
        taking = update(Delivery).where(*one, Delivery.next_at <= now)
        taken = connection.execute(taking.values(attempts=attempts, next_at=now + LEASE))
        if taken.rowcount != 1:
            return None
        return _message(connection.execute(select(*_CONTENT).where(OutboxMessage.id == message_id)).one())


def _note_delivered(message_id: int, receiver: str, now: datetime) -> None:
    _note(message_id, receiver, sent_at=now, error=None)


def _note_failure(message_id: int, receiver: str, fault: NotDelivered, now: datetime, chance: float) -> None:
    this = (Delivery.message_id == message_id, Delivery.receiver == receiver)
    with db.engine.connect() as connection:
        attempts = connection.execute(select(Delivery.attempts).where(*this)).scalar_one()
    _note(message_id, receiver, next_at=now + pause_after(attempts, chance), error=fault.reason[:200])


def _note(message_id: int, receiver: str, **what: object) -> None:
    this = (Delivery.message_id == message_id, Delivery.receiver == receiver)
    with transaction() as session:
        session.connection().execute(update(Delivery).where(*this, Delivery.sent_at.is_(None)).values(**what))
