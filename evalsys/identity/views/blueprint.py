"""The feature's blueprint, and how a request finds its actor."""

from flask import Blueprint, Flask, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from evalsys.identity import passwords
from evalsys.identity.actions import accounts as actions
from evalsys.identity.queries import accounts as queries
from evalsys.identity.rules import SEEN_EVERY, CannotSignIn, check_pace
from evalsys.kernel import clock, database, writer
from evalsys.kernel.access import Actor
from evalsys.kernel.database import db

bp = Blueprint("identity", __name__)

COOKIE = "sign_in"
HALF = "half_sign_in"  # the password was right, the code is still to come
# What somebody with a first password, or without the second step a site asks of everybody, may still reach.
_BEFORE_CHANGE = frozenset({"identity.password", "identity.sign_out", "identity.sign_in"})
_BEFORE_ENROLLING = _BEFORE_CHANGE | {"identity.own_second_step"}


def install(app: Flask) -> None:
    """Find the actor of each request from its bearer token or its session cookie."""
    app.before_request(_find_actor)


def _find_actor() -> ResponseReturnValue | None:
    g.actor = None
    authorization = request.authorization
    if authorization is not None and authorization.type == "bearer" and request.path.startswith("/api/"):
        g.actor = queries.actor_of_token(db.session(), passwords.token_hash(authorization.token or ""))
        return None if g.actor else abort(401)
    token = session.get(COOKIE) if request.cookies else None
    if token:
        g.actor = _signed_in(token)
    if g.actor and g.actor.must_change and request.endpoint not in _BEFORE_CHANGE:
        return redirect(url_for("identity.password"))
    if g.actor and g.actor.must_enrol and request.endpoint not in _BEFORE_ENROLLING:
        return redirect(url_for("identity.own_second_step"))
    return None


def next_page() -> str:
    """The page asked for before, as long as it is one of ours; else where the work begins."""
    wanted = request.args.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours else url_for("identity.home")


def half_of(password_hash: str) -> str:
    """What ties half a sign-in to the password it was begun with; says nothing about it."""
    return passwords.token_hash(f"half a sign-in {password_hash}")[:16]


def check_own_password(actor: Actor, password: str) -> None:
    """Ask for the password once more; raises CannotSignIn, and slows down who guesses in somebody's place."""
    now, attempt = clock.now(), passwords.own_attempt(actor.session_id or 0)
    failures, failed_at = queries.failures_of(db.session(), attempt)
    account = queries.account_by_id(db.session(), actor.account_id)
    password_hash = account.password_hash if account else None
    database.let_go()
    check_pace(failures, failed_at, now)
    if not passwords.fits(password, password_hash):
        actions.note_failure(db.session(), attempt, now)
        database.keep()
        raise CannotSignIn("密码不对。")
    actions.forget_failures(db.session(), attempt)


def _signed_in(token: str) -> Actor | None:
    now = clock.now()
    found = queries.actor_of_session(db.session(), passwords.token_hash(token), now)
    if found is None:
        session.pop(COOKIE, None)
        return None
    actor, seen_at = found
    if actor.session_id is not None and now >= seen_at + SEEN_EVERY:
        writer.run(actions.note_use, actor.session_id, now)
    return actor
