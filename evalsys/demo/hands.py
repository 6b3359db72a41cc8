"""The people of the demo who work on cases, and what they do to one, in the order of time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from evalsys.demo import accounts
from evalsys.demo.fates import Fate
from evalsys.identity.queries import accounts as identities
from evalsys.kernel.access import Actor
from evalsys.rectification.actions.moving import move_case
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


@dataclass(frozen=True)
class Act:
    """Something done to a case at its time; `do` says whether the case goes on afterwards."""

    at: datetime
    do: Callable[[Connection], bool]


class Hands:
    """The people of the demo who work on cases, by role and unit."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Actor] = {}

    def of(self, role: str, unit_id: int) -> Actor:
        """The demo's person of a role; owner and head are the unit's own."""
        in_unit = role in _OF_THE_UNIT
        return self.named(accounts.name_in_unit(self._session, role, unit_id) if in_unit else role)

    def named(self, name: str) -> Actor:
        """The person whose account bears a name."""
        if name not in self._known:
            actor = identities.actor_named(self._session, name)
            if actor is None:
                raise LookupError(f"the demo has no account {name}")
            self._known[name] = actor
        return self._known[name]

    def moves(self, case_id: int, unit_id: int, fates: Iterable[Fate]) -> Iterable[Act]:
        """The moves of a case, each by somebody who may make it."""
        for step in fates:
            yield Act(step.at, self._moving(case_id, unit_id, step))

    def _moving(self, case_id: int, unit_id: int, step: Fate) -> Callable[[Connection], bool]:
        closes_at_once = step.target is State.CLOSED and "reached" not in step.given
        role = "supervisor" if closes_at_once else _ROLES[step.target]

        def move(connection: Connection) -> bool:
            move_case(connection, case_id, step.target, self.of(role, unit_id), step.given, now=step.at)
            return True

        return move


def walk(connection: Connection, acts: Iterable[Act], now: datetime) -> None:
    """Do to a case what is done to it up to now, in the order of time, while it goes on."""
    for act in sorted(acts, key=lambda act: act.at):
        if act.at > now or not act.do(connection):
            return
