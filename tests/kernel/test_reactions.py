"""Reactions: in order, in the same transaction, and some of them once for many events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, create_engine

from evalsys import wiring
from evalsys.kernel import reactions
from evalsys.kernel.reactions import Together, forget_since, gathered_so_far, gathering, publish


@dataclass(frozen=True)
class Rung:
    """A bell has rung."""

    times: int


heard: list[str] = []


def at_once(_connection: Connection, event: Rung) -> None:
    heard.append(f"one {event.times}")


def together(_connection: Connection, events: Sequence[Rung]) -> None:
    heard.append(f"all {[event.times for event in events]}")


@pytest.fixture
def connection() -> Iterator[Connection]:
    heard.clear()
    reactions.follow({Rung: (Together(together), at_once)})
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    reactions.follow(wiring.REACTIONS)


def test_without_gathering_each_event_is_told_in_order(connection: Connection) -> None:
    publish(connection, Rung(1))
    publish(connection, Rung(2))
    assert heard == ["all [1]", "one 1", "all [2]", "one 2"]


def test_gathered_events_are_told_once_at_the_end_and_others_at_once(connection: Connection) -> None:
    with gathering(connection):
        publish(connection, Rung(1))
        with gathering(connection):
            publish(connection, Rung(2))
        assert heard == ["one 1", "one 2"]
    assert heard == ["one 1", "one 2", "all [1, 2]"]


def test_what_was_taken_back_is_not_told(connection: Connection) -> None:
    with gathering(connection):
        publish(connection, Rung(1))
        before = gathered_so_far(connection)
        publish(connection, Rung(2))
        forget_since(connection, before)
        publish(connection, Rung(3))
    assert heard[-1] == "all [1, 3]"


def test_a_block_that_fails_tells_nothing_and_leaves_nothing_waiting(connection: Connection) -> None:
    def ring_and_fail() -> None:
        with gathering(connection):
            publish(connection, Rung(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ring_and_fail()
    assert heard == ["one 1"]
    with gathering(connection):
        publish(connection, Rung(2))
    assert heard[-1] == "all [2]"


def test_what_breaks_the_connection_is_what_is_told(connection: Connection) -> None:
    def breaks() -> None:
        connection.invalidate()
        raise ConnectionResetError

    connection.begin()
    with pytest.raises(ConnectionResetError), gathering(connection):
        breaks()
