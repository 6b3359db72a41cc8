"""The feature's blueprint, and how a request finds its actor."""

from flask import Blueprint, Flask, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from evalsys.identity import passwords
from evalsys.identity.actions import accounts as actions
from evalsys.identity.queries import accounts as queries
from evalsys.identity.rules import SEEN_EVERY
from evalsys.kernel import clock, writer
from evalsys.kernel.access import Actor
from evalsys.kernel.database import db

bp = Blueprint("identity", __name__)

COOKIE = "sign_in"
# What somebody with a first password may still reach.
_BEFORE_CHANGE = frozenset({"identity.password", "identity.sign_out", "identity.sign_in"})


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
    return None


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
