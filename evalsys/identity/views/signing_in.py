"""Signing in and out, the own password, the own sign-ins."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from evalsys.identity import passwords
from evalsys.identity.actions import accounts as actions
from evalsys.identity.forms import PasswordForm, PlainForm, SignInForm
from evalsys.identity.queries import accounts as queries
from evalsys.identity.rules import OWN_ACCOUNT, CannotSignIn, UnfitPassword, check_pace, home_of
from evalsys.identity.views.blueprint import COOKIE, bp
from evalsys.kernel import clock, database
from evalsys.kernel.access import current_actor, known_actor, public, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """Send everybody to where their work begins."""
    actor = known_actor()
    return redirect(url_for(home_of(actor.roles)) if actor else url_for(".sign_in"))


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Sign in by name and password."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            token = _begun(form.name.data or "", form.password.data or "", clock.now())
        except CannotSignIn as refusal:
            form.form_errors.append(say(refusal))
        else:
            session.clear()
            session[COOKIE] = token
            return redirect(_next_page())
    return render_template("identity/sign_in.html", form=form), 422 if form.errors else 200


def _begun(name: str, password: str, now: datetime) -> str:
    """The token of a sign-in that begins; raises CannotSignIn, and keeps count of what failed."""
    attempt = passwords.attempt_hash(name, request.remote_addr or "")
    known = queries.known_of(db.session(), name, attempt)
    # Verifying is slow on purpose: nobody's rating waits for it.
    database.let_go()
    check_pace(known.failures, known.failed_at, now)
    if not passwords.fits(password, known.password_hash) or known.account_id is None:
        actions.note_failure(db.session(), attempt, now)
        database.keep()
        raise CannotSignIn("账号或密码不对。")
    actions.forget_failures(db.session(), attempt)
    return actions.begin_sign_in(db.session(), known.account_id, request.user_agent.string, now)


def _next_page() -> str:
    """The page asked for before signing in, as long as it is one of ours."""
    wanted = request.args.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours else url_for(".home")


@bp.post("/sign-out")
@requires(OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End the present sign-in."""
    actor = current_actor()
    if actor.session_id is not None:
        actions.end_session(db.session(), actor.account_id, actor.session_id, clock.now())
    session.clear()
    return redirect(url_for(".sign_in"))


@bp.route("/password", methods=["GET", "POST"])
@requires(OWN_ACCOUNT)
def password() -> ResponseReturnValue:
    """Change the own password; every sign-in ends and a new one begins."""
    form = PasswordForm()
    actor = current_actor()
    account = queries.account_by_id(db.session(), actor.account_id) or abort(404)
    if form.validate_on_submit():
        try:
            new = form.new.data or ""
            old = form.old.data or ""
            actions.change_password(db.session(), account, old, new, by=actor, now=clock.now())
        except UnfitPassword as refusal:
            form.form_errors.append(say(refusal))
        else:
            agent = request.user_agent.string
            session[COOKIE] = actions.begin_sign_in(db.session(), actor.account_id, agent, clock.now())
            flash(_("密码已改好。其他地方的登录都已退出。"))
            return redirect(url_for(".home"))
    return render_template("identity/password.html", form=form), 422 if form.errors else 200


@bp.get("/account")
@requires(OWN_ACCOUNT)
def own_account() -> ResponseReturnValue:
    """The own account: roles, and where it is signed in."""
    actor = current_actor()
    sessions = queries.open_sessions(db.session(), actor.account_id, clock.now())
    return render_template("identity/own_account.html", sessions=sessions, form=PlainForm())


@bp.post("/account/sessions/<int:session_id>/end")
@requires(OWN_ACCOUNT)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of the own sign-ins."""
    actions.end_session(db.session(), current_actor().account_id, session_id, clock.now())
    flash(_("那次登录已经退出。"))
    return redirect(url_for(".own_account"))
