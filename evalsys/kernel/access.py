"""Who asks, what they may, and how far they see: deny by default."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import abort, g
from sqlalchemy import ColumnElement, Select, false
from werkzeug.exceptions import Forbidden

P = ParamSpec("P")
R = TypeVar("R")


class SecondStepNeeded(Forbidden):
    """The person may, once the second step has been taken."""


@dataclass(frozen=True)
class Permission:
    """Something a person may do, and the roles that may do it; some things only with a code given lately."""

    name: str
    roles: frozenset[str]
    second_step: bool = False


@dataclass(frozen=True)
class Scope:
    """The units whose rows an actor sees: all of them, or a subtree."""

    everything: bool = False
    units: frozenset[int] = frozenset()

    def covers(self, unit_id: int | None) -> bool:
        """Whether rows of a unit lie inside."""
        return self.everything or unit_id in self.units


EVERYTHING = Scope(everything=True)
NOTHING = Scope()


@dataclass(frozen=True)
class Actor:
    """The person or system a request comes from."""

    account_id: int
    name: str
    display_name: str
    roles: frozenset[str]
    unit_id: int
    staff_id: int | None = None
    scope: Scope = field(default=NOTHING)
    must_change: bool = False
    by_token: bool = False
    session_id: int | None = None
    # Whether a code was given lately, or is not asked of this account; a token gives none.
    has_second_step: bool = False
    must_enrol: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles carries the permission."""
        return bool(self.roles & permission.roles)


def within(statement: Select[Any], column: ColumnElement[int] | Any, scope: Scope) -> Select[Any]:
    """The statement limited to the units of a scope; an empty scope finds nothing."""
    if scope.everything:
        return statement
    return statement.where(column.in_(sorted(scope.units)) if scope.units else false())


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that anybody may see."""
    cast(Any, view).access = "public"
    return view


def citizen(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view for citizens: public and without cookies, so that no session's form token is asked for."""
    cast(Any, view).access = "citizen"
    return view


def device(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view of paired devices: no sign-in and no session's form token, but scripts of ours run.

    Who holds the device's own cookie is asked by the view; the cookie is SameSite, so that no other site's
    form carries it.
    """
    cast(Any, view).access = "device"
    return view


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Guard a view: unknown people are asked to sign in, others without the permission are refused.

    Where the permission wants it, a code is asked for that was not given lately.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = current_actor()
            if not actor.may(permission):
                abort(403)
            if permission.second_step and not actor.has_second_step:
                raise SecondStepNeeded
            return view(*args, **kwargs)

        cast(Any, guarded).access = permission
        return guarded

    return guard


def known_actor() -> Actor | None:
    """The actor of this request, if there is one."""
    actor: Actor | None = g.get("actor")
    return actor


def current_actor() -> Actor:
    """The actor of this request; a request without one ends with 401."""
    return known_actor() or abort(401)


def access_of(view: Callable[..., object]) -> str | Permission | None:
    """What guards a view: 'public', 'citizen', 'device', a permission, or nothing (a fault)."""
    access: str | Permission | None = getattr(view, "access", None)
    return access


def has_no_sign_in(view: Callable[..., object] | None) -> bool:
    """Whether a view is for citizens or devices: what it takes is small and written by the writer alone."""
    return view is not None and access_of(view) in ("citizen", "device")
