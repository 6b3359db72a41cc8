"""Walks the demo's cases through their histories, each move by the account of somebody who may make it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.demo import appeals, fates
from evalsys.demo.callers import caller
from evalsys.demo.hands import Act, Hands, walk
from evalsys.rectification.actions.contacts import give_contact
from evalsys.rectification.queries import facts
from evalsys.rectification.queries.waiting import Waiting
from evalsys.rectification.rules.states import State

_LEAVES_A_NUMBER = 0.45
_SOON = timedelta(minutes=3)


def work_off(session: Session, hands: Hands, cases: Sequence[Waiting], seed: int, now: datetime) -> None:
    """Walk cases through their histories up to now; the latest ones stop in every open state in turn."""
    # The longest ways first: those who have come far began earlier.
    ways = sorted(fates.WAYS.values(), key=len, reverse=True)
    stops = [way for way in ways for _ in range(fates.EACH)]
    begun_at = len(cases) - len(stops)
    by_appeal = appeals.appealed(session, hands, cases, now)
    for number, case in enumerate(cases):
        draw = Random(f"{seed}:case:{case.no}")
        stop = stops[number - begun_at] if number >= begun_at else None
        acts = _acts(draw, hands, case, stop)
        walk(session.connection(), (*acts, *by_appeal.get(case.case_id, ())), now)


def _acts(draw: Random, hands: Hands, case: Waiting, stop: tuple[State, ...] | None) -> Iterator[Act]:
    """A case's moves; some raters leave a number first, all whose case stops on its way do."""
    way: tuple[State, ...]
    if stop is None and case.says_nothing:
        is_reachable, way = False, fates.SAYS_NOTHING
    elif stop is None:
        is_reachable = draw.random() < _LEAVES_A_NUMBER
        way = fates.way_of(draw, is_reachable=is_reachable)
    else:
        is_reachable, way = State.UNREACHABLE not in stop, stop
    if is_reachable:
        yield Act(case.opened_at + _SOON, _leaving_a_number(draw, case))
    moves = fates.fate(draw, case.opened_at, way, case.unit_id, is_reachable=is_reachable)
    yield from hands.moves(case.case_id, case.unit_id, moves)


def _leaving_a_number(draw: Random, case: Waiting) -> Callable[[Connection], bool]:
    given = caller(draw)

    def leave(connection: Connection) -> bool:
        root = facts.roots_of(connection, case.case_id)[0]
        give_contact(connection, root, given, case.opened_at + _SOON)
        return True

    return leave
