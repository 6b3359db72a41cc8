"""The writer: what waits together is committed together, and nobody pays for another's fault."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from evalsys import wiring
from evalsys.evaluation.actions.ratings import Recorded, record_rating
from evalsys.evaluation.models import Rating, Submission
from evalsys.evaluation.rules import Answer, Visit
from evalsys.kernel import batches, clock, reactions, writer
from evalsys.kernel.batches import Unsure
from evalsys.kernel.database import write_connection, writing_engine
from evalsys.kernel.models import SiteFact
from evalsys.kernel.refusals import Refused
from evalsys.kernel.writer import Busy, writer_of
from evalsys.scoring.models import DailySum
from evalsys.scoring.queries import checks
from tests.builders import BuiltWindow, a_rating, a_window, code_of
from tests.conftest import Inside
from tests.pages import PageClient

LONG = 60  # seconds; no test waits as long unless something is broken


@pytest.fixture(autouse=True)
def never_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine divides a batch that takes too long; here commits are counted."""
    monkeypatch.setattr(batches, "TOO_LONG", 3600.0)


@dataclass(frozen=True)
class Poison:
    """An event whose reaction fails when all are told together."""


class Elsewhere:
    """Citizens: each asks the writer on a thread of their own."""

    def __init__(self, app: Flask, pool: ThreadPoolExecutor) -> None:
        self._app = app
        self._pool = pool

    def ask(self, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        def run() -> Any:
            with self._app.test_request_context("/", method="POST"):
                return writer.run(action, *args, **kwargs)

        return self._pool.submit(run)


@pytest.fixture
def citizens(app: Flask) -> Iterator[Elsewhere]:
    with ThreadPoolExecutor(40) as pool:
        yield Elsewhere(app, pool)


@pytest.fixture
def window(committed: Inside) -> BuiltWindow:
    built = committed(a_window)
    assert isinstance(built, BuiltWindow)
    return built


def until(seen: Callable[[], bool]) -> None:
    patience_ends = time.monotonic() + LONG
    while not seen():
        assert time.monotonic() < patience_ends
        time.sleep(0.01)


@contextmanager
def writer_held_up(app: Flask, citizens: Elsewhere) -> Iterator[Future[Any]]:
    """While inside, the writer is busy with one action, and all others wait."""
    begun, go_on = Event(), Event()

    def stay(_connection: Connection) -> None:
        begun.set()
        assert go_on.wait(LONG)

    staying = citizens.ask(stay)
    assert begun.wait(LONG)
    try:
        yield staying
    finally:
        go_on.set()


def asked_together(
    app: Flask, citizens: Elsewhere, actions: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]]
) -> list[Future[Any]]:
    """Ask for several actions so that the writer finds them all waiting at once."""
    with writer_held_up(app, citizens):
        asked = [citizens.ask(action, *args) for action, args in actions]
        until(lambda: len(writer_of(app)) == len(actions))
    return asked


def given(window: BuiltWindow, key: str) -> tuple[Visit, Answer, str]:
    """What `record_rating` takes: ratings asked for in this way are stored at once."""
    now = clock.now()
    place = (window.window_id, window.hall_id, window.unit_id)
    return Visit(*place, "window-code", "on-the-go", opened_at=now, received_at=now), Answer(2, key), key


def rate(connection: Connection, window: BuiltWindow, key: str) -> Recorded:
    return a_rating(connection, window, 2, key=key, receipt_hash=key)


def rate_and_fail(connection: Connection, window: BuiltWindow, failure: BaseException) -> None:
    a_rating(connection, window, 1)
    raise failure


def note(connection: Connection, name: str) -> None:
    connection.execute(insert(SiteFact).values(name=name, value=""))


def stored(session: Session) -> tuple[int, int, int]:
    """Ratings, and what the sums say of the levels two and one; rows and sums agree."""
    assert not checks.differences(session).differences
    n2, n1 = session.execute(
        select(func.coalesce(func.sum(DailySum.n2), 0), func.coalesce(func.sum(DailySum.n1), 0))
    ).one()
    return session.scalar(select(func.count()).select_from(Rating)) or 0, n2, n1


@contextmanager
def commits_counted(app: Flask) -> Iterator[list[Connection]]:
    counted: list[Connection] = []
    with app.app_context():
        event.listen(writing_engine(), "commit", counted.append)
    yield counted


def test_what_waits_together_is_committed_together(
    app: Flask, citizens: Elsewhere, window: BuiltWindow, committed: Inside
) -> None:
    with commits_counted(app) as commits:
        keys = [f"key-of-one-citizen-{number:02}" for number in range(20)]
        asked = asked_together(app, citizens, [(rate, (window, key)) for key in keys])
        assert all(answer.result().is_new for answer in asked)
    assert len(commits) == 2
    assert committed(stored) == (20, 20, 0)


def test_a_lone_action_is_committed_at_once(app: Flask, citizens: Elsewhere, window: BuiltWindow) -> None:
    with commits_counted(app) as commits:
        for number in range(3):
            citizens.ask(rate, window, f"key-of-a-lone-citizen-{number}").result()
    assert len(commits) == 3


@pytest.mark.parametrize("failure", [Refused("不行。"), RuntimeError("a bug")])
def test_one_that_fails_half_way_leaves_nothing_and_its_neighbours_stand(
    app: Flask, citizens: Elsewhere, window: BuiltWindow, committed: Inside, failure: Exception
) -> None:
    actions: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (rate, (window, f"key-of-one-citizen-{number}")) for number in range(6)
    ]
    actions.insert(3, (rate_and_fail, (window, failure)))
    with commits_counted(app) as commits:
        asked = asked_together(app, citizens, actions)
        with pytest.raises(type(failure)):
            asked[3].result()
        assert all(answer.result().is_new for place, answer in enumerate(asked) if place != 3)
    assert len(commits) == 2
    assert committed(stored) == (6, 6, 0)


def test_one_row_that_the_database_refuses_fails_alone_among_ratings_stored_at_once(
    app: Flask, citizens: Elsewhere, window: BuiltWindow, committed: Inside
) -> None:
    nowhere = BuiltWindow(999_999, window.hall_id, window.unit_id)
    places = [window, window, nowhere, window]
    asked = asked_together(
        app,
        citizens,
        [(record_rating, given(place, f"key-of-one-citizen-{n}")) for n, place in enumerate(places)],
    )
    with pytest.raises(IntegrityError):
        asked[2].result()
    assert [asked[place].result().is_new for place in (0, 1, 3)] == [True] * 3
    assert committed(stored) == (3, 3, 0)


def test_where_the_commit_itself_fails_only_the_one_at_fault_is_told(
    app: Flask, citizens: Elsewhere, window: BuiltWindow, committed: Inside
) -> None:
    def claim_for_no_rating(connection: Connection) -> None:
        # This foreign key is looked at when the transaction is committed.
        row = {"key": "a-key", "content_hash": "x", "receipt_hash": None, "rating_id": 4711}
        connection.execute(insert(Submission), row)

    asked = asked_together(
        app, citizens, [(rate, (window, "key-of-one-citizen-1")), (claim_for_no_rating, ())]
    )
    with pytest.raises(IntegrityError):
        asked[1].result()
    assert asked[0].result().is_new
    assert committed(stored) == (1, 1, 0)


@pytest.mark.parametrize("several", [1, 3])
def test_what_goes_wrong_after_the_commit_has_nothing_run_once_more(
    app: Flask, citizens: Elsewhere, committed: Inside, monkeypatch: pytest.MonkeyPatch, several: int
) -> None:
    run: list[str] = []

    @contextmanager
    def failing_afterwards() -> Iterator[Connection]:
        with write_connection() as connection:
            yield connection
        if run:
            raise OSError

    def count(connection: Connection, name: str) -> None:
        run.append(name)
        note(connection, name)

    monkeypatch.setattr(batches, "write_connection", failing_afterwards)
    names = [f"name {number}" for number in range(several)]
    for answer in asked_together(app, citizens, [(count, (name,)) for name in names]):
        with pytest.raises(Unsure):
            answer.result()
    assert sorted(run) == names
    found = committed(lambda session: set(session.scalars(select(SiteFact.name))))
    assert isinstance(found, set)
    assert set(names) <= found


def test_once_the_database_is_away_the_rest_is_told_so_without_a_try(
    app: Flask, citizens: Elsewhere, committed: Inside
) -> None:
    tried: list[int] = []

    def fail(_connection: Connection, _events: Sequence[Poison]) -> None:
        raise OperationalError("SELECT", None, Exception("gone")) if tried else RuntimeError("poison")

    def poison(connection: Connection, number: int) -> None:
        if number in begun:
            tried.append(number)
        begun.add(number)
        reactions.publish(connection, Poison())

    begun: set[int] = set()
    reactions.follow({**wiring.REACTIONS, Poison: (reactions.Together(fail),)})
    try:
        for answer in asked_together(app, citizens, [(poison, (number,)) for number in range(4)]):
            with pytest.raises(OperationalError):
                answer.result()
    finally:
        reactions.follow(wiring.REACTIONS)
    assert len(tried) == 1


def test_people_are_answered_while_as_many_as_may_wait_are_being_written(
    app: Flask,
    client: PageClient,
    citizens: Elsewhere,
    committed: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = committed(lambda session: code_of(session, a_window(session)))
    monkeypatch.setattr(writer, "WAITING", 1)
    monkeypatch.setattr(writer, "PATIENCE", LONG)
    with writer_held_up(app, citizens) as staying:
        assert client.post(f"/q/{code}", data={"level": "5", "key": "k" * 24}).status_code == 503
        assert client.get(f"/q/{code}").status_code == 200
        assert not staying.done()
    staying.result()
    until(lambda: client.post(f"/q/{code}", data={"level": "5", "key": "k" * 24}).status_code == 303)


def test_where_a_reaction_to_all_fails_only_the_one_at_fault_is_told(
    app: Flask, citizens: Elsewhere, window: BuiltWindow, committed: Inside
) -> None:
    def fail(_connection: Connection, _events: Sequence[Poison]) -> None:
        raise RuntimeError("poison")

    def poison(connection: Connection) -> None:
        a_rating(connection, window, 1)
        reactions.publish(connection, Poison())

    reactions.follow({**wiring.REACTIONS, Poison: (reactions.Together(fail),)})
    try:
        asked = asked_together(app, citizens, [(rate, (window, "key-of-one-citizen-1")), (poison, ())])
        with pytest.raises(RuntimeError, match="poison"):
            asked[1].result()
        assert asked[0].result().is_new
    finally:
        reactions.follow(wiring.REACTIONS)
    assert committed(stored) == (1, 1, 0)


def test_fifty_with_one_key_in_one_batch_are_one_rating(
    app: Flask, citizens: Elsewhere, window: BuiltWindow, committed: Inside
) -> None:
    asked = asked_together(app, citizens, [(record_rating, given(window, "one-key-for-all"))] * 30)
    answers = [answer.result() for answer in asked]
    assert len({answer.root for answer in answers}) == 1
    assert sum(answer.is_new for answer in answers) == 1
    assert committed(stored) == (1, 1, 0)


def test_a_full_queue_refuses_at_once_and_says_when_to_come_again(
    app: Flask,
    client: PageClient,
    citizens: Elsewhere,
    committed: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = committed(lambda session: code_of(session, a_window(session)))
    form = {"level": "5", "key": "key-of-the-one-too-many"}
    monkeypatch.setattr(writer, "WAITING", 3)  # one of them is being written
    with writer_held_up(app, citizens):
        waiting = [citizens.ask(note, name) for name in ("first", "second")]
        until(lambda: len(writer_of(app)) == 2)
        answer = client.post(f"/q/{code}", data=form)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert form["key"] in answer.get_data(as_text=True)
        assert len(writer_of(app)) == 2
    for asked in waiting:
        asked.result()
    assert committed(stored) == (0, 0, 0)
    assert client.post(f"/q/{code}", data=form).status_code == 303


def test_what_nobody_waits_for_any_more_is_never_committed(
    app: Flask,
    citizens: Elsewhere,
    window: BuiltWindow,
    committed: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with writer_held_up(app, citizens) as staying:
        monkeypatch.setattr(writer, "PATIENCE", 0.05)
        with pytest.raises(Busy):
            citizens.ask(rate, window, "key-of-one-citizen-1").result()
        assert len(writer_of(app)) == 0
        monkeypatch.undo()
    staying.result()
    citizens.ask(note, "afterwards").result()
    assert committed(stored) == (0, 0, 0)


def test_what_may_yet_be_committed_is_said_to_be_unsure_and_may_be_sent_again(
    app: Flask,
    citizens: Elsewhere,
    window: BuiltWindow,
    committed: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = Event()

    def rate_and_stay(connection: Connection) -> None:
        rate(connection, window, "key-of-one-citizen-1")
        assert go_on.wait(LONG)

    monkeypatch.setattr(writer, "PATIENCE", 0.5)
    monkeypatch.setattr(writer, "GRACE", 0.05)
    with pytest.raises(Unsure):
        citizens.ask(rate_and_stay).result()
    monkeypatch.undo()
    go_on.set()
    again = citizens.ask(rate, window, "key-of-one-citizen-1").result()
    assert not again.is_new
    assert committed(stored) == (1, 1, 0)


def test_a_batch_that_takes_long_leaves_the_rest_to_the_next_commit(
    app: Flask,
    citizens: Elsewhere,
    window: BuiltWindow,
    committed: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "TOO_LONG", -1.0)
    keys = [f"key-of-one-citizen-{number}" for number in range(4)]
    with commits_counted(app) as commits:
        asked = asked_together(app, citizens, [(note, (key,)) for key in keys])
        for answer in asked:
            answer.result()
    assert len(commits) == 1 + len(keys)


def test_a_writer_that_was_stopped_starts_again(app: Flask, citizens: Elsewhere, committed: Inside) -> None:
    citizens.ask(note, "before").result()
    writer_of(app).stop()
    citizens.ask(note, "after").result()
    names = committed(lambda session: set(session.scalars(select(SiteFact.name))))
    assert isinstance(names, set)
    assert {"before", "after"} <= names
