"""Actions committed together: each in a savepoint of its own, all in one durable transaction."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from evalsys.kernel.database import write_connection
from evalsys.kernel.reactions import forget_since, gathered_so_far, gathering
from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

log = logging.getLogger("evalsys")

T = TypeVar("T")
Several = Callable[[Connection, Sequence[Any]], Sequence[Any]]

TOO_LONG = 1.0  # seconds after which a transaction takes no further actions
_DEADLOCK = "40P01"  # as PostgreSQL names it
NOT_KNOWN = N_("还不能确定是否已保存。请稍等再提交一次,不会重复计算。")


class Unsure(Refused):
    """Nobody can say yet whether it was saved; sending the same once more is safe, and will tell."""

    status = 503


def together(several: Several) -> Callable[[T], T]:
    """Name beside an action the function that does many of its kind at once.

    It takes the connection and the positional arguments of each, and returns for each its answer, or the
    Refused it is to be told. Where it fails, each is tried by itself.
    """

    def named(action: T) -> T:
        cast(Any, action).several = several
        return action

    return named


class Asked:
    """One action, who waits for it, and what becomes of it."""

    __slots__ = ("action", "answer", "args", "done", "failure", "kwargs", "taken")

    def __init__(self, action: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.action, self.args, self.kwargs = action, args, kwargs
        self.answer: Any = None
        self.failure: BaseException | None = None
        self.taken = False
        self.done = threading.Lock()
        self.done.acquire()


# What does several of a kind at once, where there is such a thing, and those of that kind.
_Kind = tuple[Several | None, list[Asked]]


class _Kept:
    """Keeps what fails inside its block, for those who are to be told."""

    failure: BaseException | None = None

    def __enter__(self) -> "_Kept":
        return self

    def __exit__(self, _kind: object, failure: BaseException | None, _trace: TracebackType | None) -> bool:
        self.failure = failure
        return True


def commit(batch: Sequence[Asked]) -> list[Asked]:
    """Run actions in one transaction and commit it; returns those that are to wait for the next one.

    What failed by itself has been taken back by itself. Where all fails, and not because the database is
    away or locked, each is tried by itself, so that only the one that is at fault fails.
    """
    transaction = _Transaction(batch)
    failure = transaction.attempt()
    if _may_go_well_again(failure) and not transaction.is_committing:
        failure = transaction.attempt()
    if failure is None:
        return transaction.left
    is_away = _is_away(failure)
    if transaction.is_committing and (is_away or not isinstance(failure, DBAPIError)):
        # It may have been committed: whatever went wrong after that must not have it run once more.
        log.error("a commit was cut off: %s", type(failure).__name__, exc_info=failure)
        _tell(batch, Unsure(NOT_KNOWN))
    elif is_away or len(batch) == 1:
        _tell(batch, failure)
    else:
        _try_each(batch)
    return []


def _may_go_well_again(failure: BaseException | None) -> bool:
    """Whether the server was away since the last time, or ended a deadlock at our cost."""
    return isinstance(failure, DBAPIError) and (failure.connection_invalidated or _is_deadlock(failure))


def _is_away(failure: BaseException) -> bool:
    """Whether the database itself could not be had; the driver calls a deadlock's victim by the same name."""
    return isinstance(failure, OperationalError) and not _is_deadlock(failure)


def _is_deadlock(failure: BaseException | None) -> bool:
    return isinstance(failure, DBAPIError) and getattr(failure.orig, "sqlstate", "") == _DEADLOCK


def _try_each(batch: Sequence[Asked]) -> None:
    """Commit each by itself; once the database is away, the rest need not find that out one by one."""
    for place, asked in enumerate(batch):
        commit([asked])
        if asked.failure is not None and _is_away(asked.failure):
            _tell(batch[place + 1 :], asked.failure)
            return


def _tell(batch: Sequence[Asked], failure: BaseException) -> None:
    for asked in batch:
        asked.failure = failure


class _Transaction:
    """One attempt to run and commit a batch."""

    def __init__(self, batch: Sequence[Asked]) -> None:
        self._batch = batch
        self.left: list[Asked] = []
        self.is_committing = False

    def attempt(self) -> BaseException | None:
        """Run and commit; returns what made all of it fail."""
        self.is_committing = False
        with _Kept() as kept, write_connection() as connection:
            with gathering(connection):
                self._run(connection)
            self.is_committing = True
        return kept.failure

    def _run(self, connection: Connection) -> None:
        """Run what waits; what is all there is needs no savepoint: the transaction is one."""
        kinds = _of_a_kind(self._batch)
        several, kind = kinds[0]
        if len(self._batch) == 1:
            (asked,) = self._batch
            asked.failure, asked.answer = None, asked.action(connection, *asked.args, **asked.kwargs)
        elif len(kinds) == 1 and several is not None:
            _run_at_once(connection, several, kind)
        else:
            self._run_saved(connection, kinds)

    def _run_saved(self, connection: Connection, kinds: Sequence[_Kind]) -> None:
        """Run those of a kind together, each kind in a savepoint; after TOO_LONG the rest is left over."""
        until, self.left = time.monotonic() + TOO_LONG, []
        for number, (several, kind) in enumerate(kinds):
            if number and time.monotonic() > until:
                self.left += kind
            elif several is None or not _run_several(connection, several, kind):
                for place, asked in enumerate(kind):
                    if place and time.monotonic() > until:
                        self.left += kind[place:]
                        break
                    _run_saved(connection, asked)
                    if _is_deadlock(asked.failure):
                        # Two writers wanted the same rows crosswise: once the other has them it goes well.
                        self.left.append(asked)


def _of_a_kind(batch: Sequence[Asked]) -> list[_Kind]:
    """The batch, those together that one function can do at once."""
    kinds: dict[Any, list[Asked]] = {}
    for asked in batch:
        several = getattr(asked.action, "several", None)
        kinds.setdefault(None if several is None or asked.kwargs else several, []).append(asked)
    return list(kinds.items())


@contextmanager
def _savepoint(connection: Connection) -> Iterator[_Kept]:
    """A part of the transaction that is taken back by itself where it fails; the failure is kept."""
    so_far = gathered_so_far(connection)
    connection.exec_driver_sql("SAVEPOINT one")
    with _Kept() as kept:
        yield kept
    if kept.failure is not None:
        if connection.invalidated:
            # The server has gone, and with it the savepoint and all of the transaction.
            raise kept.failure
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
        forget_since(connection, so_far)
    connection.exec_driver_sql("RELEASE SAVEPOINT one")


def _run_saved(connection: Connection, asked: Asked) -> None:
    with _savepoint(connection) as kept:
        asked.answer = asked.action(connection, *asked.args, **asked.kwargs)
    asked.failure = kept.failure


def _run_several(connection: Connection, several: Several, kind: Sequence[Asked]) -> bool:
    """Run actions of a kind at once; False where that failed and each is to be tried by itself."""
    with _savepoint(connection) as kept:
        _run_at_once(connection, several, kind)
    return kept.failure is None


def _run_at_once(connection: Connection, several: Several, kind: Sequence[Asked]) -> None:
    for asked, answer in zip(kind, several(connection, [asked.args for asked in kind]), strict=True):
        refused = isinstance(answer, Refused)
        asked.answer, asked.failure = (None, answer) if refused else (answer, None)
