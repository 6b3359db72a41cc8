"""Messages to others are part of what happened: never lost, known by their key, and nobody waits for them."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel import clock, outbox, writer
from evalsys.kernel.database import db, transaction
from evalsys.kernel.models import Delivery, OutboxMessage
from evalsys.kernel.outbox import LEASE, LONGEST_PAUSE, Message, NotDelivered, Sender, pause_after
from evalsys.kernel.settings import Settings
from tests.conftest import Inside

CHECKOUT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 1, tzinfo=clock.UTC)


class Receiver:
    """Somebody who notes what arrives, and takes only what it is willing to."""

    def __init__(self, name: str = "one", topic: str = "*", wants: frozenset[str] = frozenset()) -> None:
        self.keys: list[str] = []
        self.refuses: set[str] = set()
        self.silent = False
        self.sender = Sender(name, topic, self.receive, wants)

    def receive(self, message: Message, _now: datetime) -> None:
        if self.silent:
            raise NotDelivered("nobody there", silent=True)
        if message.dedupe_key in self.refuses:
            raise NotDelivered("HTTP 422")
        self.keys.append(message.dedupe_key)


def put(app: Flask, *keys: str, topic: str = "cases.opened", due_at: datetime = NOW, **payload: Any) -> None:
    with app.app_context():
        for key in keys:
            writer.run(outbox.put, topic, payload, key, due_at)


def send(app: Flask, *receivers: Receiver, at: datetime = NOW) -> tuple[int, int]:
    with app.app_context():
        return outbox.send_due([receiver.sender for receiver in receivers], lambda: at, lambda: 0.5)


def deliveries(committed: Inside) -> list[Any]:
    columns = (Delivery.receiver, Delivery.attempts, Delivery.next_at, Delivery.sent_at, Delivery.error)
    wanted = select(*columns).order_by(Delivery.message_id, Delivery.receiver)
    return committed(lambda session: session.execute(wanted).all())


def test_a_message_is_delivered_once_and_its_key_taken_once(app: Flask) -> None:
    one = Receiver()
    put(app, "a", "b", "a")
    assert send(app, one) == (2, 0)
    assert send(app, one, at=NOW + timedelta(days=1)) == (0, 0)
    assert one.keys == ["a", "b"]


def test_what_is_taken_back_sends_no_message(app: Flask) -> None:
    def fail(connection: Any) -> None:
        outbox.put(connection, "cases.opened", {}, "a", NOW)
        raise LookupError

    one = Receiver()
    with app.app_context(), pytest.raises(LookupError):
        writer.run(fail)
    assert send(app, one) == (0, 0)


def test_a_message_waits_until_it_is_due(app: Flask) -> None:
    one = Receiver()
    put(app, "later", due_at=NOW + timedelta(minutes=1))
    assert send(app, one) == (0, 0)
    assert send(app, one, at=NOW + timedelta(minutes=1)) == (1, 0)


def test_messages_go_out_in_the_order_in_which_they_fell_due(app: Flask) -> None:
    one = Receiver()
    put(app, "third", due_at=NOW)
    put(app, "first", due_at=NOW - timedelta(days=3))
    put(app, "second", due_at=NOW - timedelta(days=2))
    send(app, one)
    assert one.keys == ["first", "second", "third"]


def test_each_receiver_gets_its_topics_and_the_fields_it_wants(app: Flask) -> None:
    everything, cases, letters = (
        Receiver("all"),
        Receiver("cases", "cases"),
        Receiver("mail", "*", frozenset("s")),
    )
    put(app, "1", topic="cases")
    put(app, "2", topic="cases.overdue", s="x")
    put(app, "3", topic="casesandmore")
    send(app, everything, cases, letters)
    assert (everything.keys, cases.keys, letters.keys) == (["1", "2", "3"], ["1", "2"], ["2"])


def test_what_one_receiver_refuses_keeps_neither_others_nor_the_next_message(
    app: Flask, committed: Inside
) -> None:
    one, other = Receiver("one"), Receiver("other")
    one.refuses.add("a")
    put(app, "a", "b")
    assert send(app, one, other) == (3, 1)
    assert (one.keys, other.keys) == (["b"], ["a", "b"])
    refused = deliveries(committed)[0]
    assert (refused.attempts, refused.sent_at, refused.error) == (1, None, "HTTP 422")
    assert refused.next_at == NOW + pause_after(1, 0.5)
    one.refuses.clear()
    assert send(app, one, other, at=refused.next_at - timedelta(seconds=1)) == (0, 0)
    assert send(app, one, other, at=refused.next_at) == (1, 0)
    assert (one.keys, other.keys) == (["b", "a"], ["a", "b"])
    assert [delivery.error for delivery in deliveries(committed)] == [None] * 4


def test_a_receiver_that_is_gone_is_asked_once_a_round_and_nothing_is_given_up(app: Flask) -> None:
    gone, there = Receiver("gone"), Receiver("there")
    gone.silent = True
    put(app, *"abc")
    assert send(app, gone, there) == (3, 1)
    at = NOW
    for _ in range(30):
        at += LONGEST_PAUSE
        assert send(app, gone, there, at=at)[0] == 0
    gone.silent = False
    assert send(app, gone, there, at=at + LONGEST_PAUSE) == (3, 0)
    assert (sorted(gone.keys), there.keys) == (["a", "b", "c"], ["a", "b", "c"])


def test_many_messages_for_one_who_is_gone_leave_room_for_the_others(app: Flask) -> None:
    gone, there = Receiver("gone", "old"), Receiver("there", "new")
    gone.silent = True
    with app.app_context(), transaction() as session:
        for number in range(outbox.AT_ONCE):
            outbox.put(session.connection(), "old", {}, f"old {number}", NOW - timedelta(days=1))
    send(app, gone, there)
    send(app, gone, there)
    put(app, "new", topic="new")
    assert send(app, gone, there) == (1, 1)
    assert there.keys == ["new"]


def test_a_slow_receiver_leaves_the_others_their_turn(app: Flask) -> None:
    slow, quick = Receiver("slow"), Receiver("quick")
    hours = [NOW]

    def take_long(message: Message, now: datetime) -> None:
        hours[0] += outbox.TURN
        slow.receive(message, now)

    put(app, *"abc")
    with app.app_context():
        outbox.send_due([Sender("slow", "*", take_long), quick.sender], lambda: hours[0], lambda: 0.5)
    assert (slow.keys, quick.keys) == (["a"], ["a", "b", "c"])


def test_pauses_double_up_to_six_hours_and_half_of_each_is_chance() -> None:
    assert pause_after(1, 0.0) == timedelta(seconds=5)
    assert pause_after(1, 1.0) == timedelta(seconds=10)
    assert [pause_after(n, 1.0).total_seconds() for n in (2, 3, 4)] == [20, 40, 80]
    assert pause_after(10_000, 1.0) == LONGEST_PAUSE
    assert pause_after(10_000, 0.0) == LONGEST_PAUSE / 2


def test_two_workers_at_once_send_a_message_once(app: Flask) -> None:
    keys, rounds, both = list("abcdefgh"), 4, Barrier(2)
    one = Receiver()
    put(app, *keys)

    def work() -> None:
        both.wait()
        for _ in range(rounds):
            send(app, one)

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(one.keys) == keys


def test_what_a_dead_worker_had_taken_is_tried_again_after_the_lease(app: Flask) -> None:
    class Died(BaseException):
        pass

    def die(_message: Message, _now: datetime) -> None:
        raise Died

    one = Receiver()
    put(app, "a")
    with app.app_context(), pytest.raises(Died):
        outbox.send_due([Sender("one", "*", die)], lambda: NOW, lambda: 0.5)
    assert send(app, one, at=NOW + LEASE / 2) == (0, 0)
    assert send(app, one, at=NOW + LEASE) == (1, 0)


def test_what_waits_is_told_by_receiver_with_its_age(app: Flask, committed: Inside) -> None:
    gone = Receiver("gone")
    gone.silent = True
    put(app, "old", due_at=NOW - timedelta(hours=2))
    send(app, gone)
    put(app, "new")
    put(app, "later", due_at=NOW + timedelta(hours=1))
    told = committed(lambda session: outbox.waiting(session, NOW))
    assert told == [outbox.Waiting("", 1, NOW), outbox.Waiting("gone", 1, NOW - timedelta(hours=2))]


def test_a_message_nobody_wants_does_not_wait(app: Flask, committed: Inside) -> None:
    put(app, "a")
    send(app)
    assert committed(lambda session: outbox.waiting(session, NOW)) == []


def test_delivered_content_is_forgotten_and_its_key_is_not(app: Flask, committed: Inside) -> None:
    one, gone = Receiver(), Receiver("gone", "other")
    gone.silent = True
    put(app, "a", no="1")
    put(app, "b", topic="other", no="2")
    send(app, one, gone)
    later = NOW + outbox.KEPT + timedelta(days=1)
    committed(lambda session: outbox.forget_delivered(session, later))

    def contents(session: Session) -> dict[str, str]:
        kept = select(OutboxMessage.dedupe_key, OutboxMessage.payload)
        return {key: payload for key, payload in session.execute(kept)}

    assert committed(contents) == {"a": "{}", "b": '{"no": "2"}'}
    put(app, "a", no="1")
    assert send(app, one, at=later) == (0, 0)


def test_what_is_no_message_is_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="too large"):
        put(app, "a", words="长" * 30_000)
    with pytest.raises(TypeError):
        put(app, "a", at=NOW)


# Again and again a child puts a message, sends it, and is killed at its nth line inside the outbox; another
# then does what a worker that was started again does, after the lease. Prints how many kills there were.
KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from evalsys.app import assemble
from evalsys.kernel import clock, outbox, settings, spool, writer
from evalsys.kernel.database import db
from evalsys.kernel.receivers import Receiver
from evalsys.kernel.settings import Settings

instance, url, folder, step = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
app = assemble(Settings(instance=instance, database_url=url, secret_key="x" * 32,
                        webhooks=(Receiver("*", "file://" + folder),)))
start = clock.now()
ways = spool.senders(app.extensions["evalsys.settings"])

def send(at):
    outbox.send_due(ways, lambda: at, lambda: 0.5)

def killed_at(n):
    left = n
    def look(frame, event, _):
        nonlocal left
        if not frame.f_code.co_filename.endswith(("outbox.py", "spool.py", "database.py")):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return look
    return look

def child(work):
    pid = os.fork()
    if pid == 0:
        with app.app_context():
            work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

n, kills = 1, 0
while True:
    at = start + timedelta(hours=n)
    def dying():
        writer.run(outbox.put, "t", {}, f"key {n}", at)
        sys.settrace(killed_at(n))
        send(at)
    ended = child(dying)
    child(lambda: send(at + outbox.LEASE))
    if ended == 0:
        break
    assert ended == -signal.SIGKILL, ended
    n, kills = n + step, kills + 1
print(kills, n)
"""


def test_killed_anywhere_a_worker_loses_nothing(
    app: Flask, site_settings: Settings, tmp_path: Path, committed: Inside
) -> None:
    with app.app_context():
        db.engine.dispose()
    folder = tmp_path / "spool"
    arguments = [str(site_settings.instance), site_settings.database_url, str(folder), "3"]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kills, last = (int(word) for word in done.stdout.split())
    assert kills > 20
    lines = [json.loads(line) for file in folder.iterdir() for line in file.read_text().splitlines()]
    assert {line["key"] for line in lines} == {f"key {n}" for n in range(1, last + 1, 3)}
    assert committed(lambda session: outbox.waiting(session, NOW + timedelta(days=9999))) == []
