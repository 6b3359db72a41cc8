"""Walks the demo's cases through their histories, each move by the account of somebody who may make it."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.demo import accounts, fates
from evalsys.demo.fates import Fate
from evalsys.identity.queries import accounts as identities
from evalsys.kernel.access import Actor
from evalsys.rectification.actions.moving import move_case
from evalsys.rectification.queries.waiting import Waiting
from evalsys.rectification.rules.states import State

_ROLES = {
    State.TRIAGED: "supervisor",
    State.DISPATCHED: "dispatcher",
    State.ACCEPTED: "owner",
    State.CONTACTED: "owner",
    State.UNREACHABLE: "owner",
    State.RECTIFYING: "owner",
    State.RETURN_REQUESTED: "owner",
    State.EXTENSION_REQUESTED: "owner",
    State.SUBMITTED: "owner",
    State.ACCEPTANCE: "head",
    State.CALLBACK: "supervisor",
    State.SUSPENDED: "leadership",
    State.REDO: "callback-officer",
    State.CLOSED: "callback-officer",
}
_OF_THE_UNIT = frozenset(accounts.IN_EACH_DEPARTMENT)


class Hands:
    """The people of the demo who work on cases, by role and unit."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Actor] = {}

    def of(self, role: str, unit_id: int) -> Actor:
        """The demo's person of a role; owner and head are the unit's own."""
        name = accounts.name_in_unit(self._session, role, unit_id) if role in _OF_THE_UNIT else role
        if name not in self._known:
            actor = identities.actor_named(self._session, name)
            if actor is None:
                raise LookupError(f"the demo has no account {name}")
            self._known[name] = actor
        return self._known[name]


def work_off(session: Session, hands: Hands, cases: Sequence[Waiting], seed: int, now: datetime) -> None:
    """Walk cases through their histories up to now; the latest ones stop in every open state in turn."""
    # The longest ways first: those who have come far began earlier.
    ways = sorted(fates.WAYS.values(), key=len, reverse=True)
    stops = [way for way in ways for _ in range(fates.EACH)]
    begun_at = len(cases) - len(stops)
    for number, case in enumerate(cases):
        draw = Random(f"{seed}:case:{case.no}")
        way = stops[number - begun_at] if number >= begun_at else fates.way_of(draw)
        if case.says_nothing and number < begun_at:
            way = fates.SAYS_NOTHING
        for step in fates.fate(draw, case.opened_at, way, case.unit_id):
            if step.at > now:
                break
            _move(session.connection(), hands, case, step)


def _move(connection: Connection, hands: Hands, case: Waiting, step: Fate) -> None:
    closes_at_once = step.target is State.CLOSED and "reached" not in step.given
    role = "supervisor" if closes_at_once else _ROLES[step.target]
    actor = hands.of(role, case.unit_id)
    move_case(connection, case.case_id, step.target, actor, step.given, now=step.at)
