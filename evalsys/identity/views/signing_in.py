"""Signing in and out, the own password, the own sign-ins."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from evalsys.identity import passwords
from evalsys.identity.actions import accounts as actions
from evalsys.identity.actions import renewing
from evalsys.identity.forms import PasswordForm, PlainForm, SignInForm
from evalsys.identity.queries import accounts as queries
from evalsys.identity.queries import second_step as steps
from evalsys.identity.rules import OWN_ACCOUNT, CannotSignIn, UnfitPassword, check_pace, home_of
from evalsys.identity.views.blueprint import COOKIE, HALF, bp, check_own_password, half_of, next_page
from evalsys.kernel import clock, database
from evalsys.kernel.access import Actor, current_actor, known_actor, public, requires
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
    """Sign in by name and password; who has set up a second step is asked for it next."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            known = _recognised(form.name.data or "", form.password.data or "", clock.now())
        except CannotSignIn as refusal:
            form.form_errors.append(say(refusal))
        else:
            return redirect(_begun(known, clock.now()))
    return render_template("identity/sign_in.html", form=form), 422 if form.errors else 200


def _recognised(name: str, password: str, now: datetime) -> queries.Known:
    """Whose name and password these are; raises CannotSignIn, and keeps count of what failed."""
    attempt = passwords.attempt_hash(name, request.remote_addr or "")
    known = queries.known_of(db.session(), name, attempt)
    # Verifying is slow on purpose: nobody's rating waits for it.
    database.let_go()
    check_pace(known.failures, known.failed_at, now, asked=queries.asked_here())
    if not passwords.fits(password, known.password_hash) or known.account_id is None:
        actions.note_failure(db.session(), attempt, now)
        database.keep()
        raise CannotSignIn("账号或密码不对。")
    actions.forget_failures(db.session(), attempt)
    return known


def _begun(known: queries.Known, now: datetime) -> str:
    """Begin a sign-in, or the half of it that a code completes; the page that comes next."""
    session.clear()
    account_id = known.account_id or 0
    if known.is_enrolled:
        session[HALF] = [account_id, int(now.timestamp()), half_of(known.password_hash or "")]
        return url_for(".code", next=request.args.get("next"))
    session[COOKIE] = actions.begin_sign_in(db.session(), account_id, request.user_agent.string, now)
    return next_page()


@bp.post("/sign-out")
@requires(OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End the present sign-in."""
    actor = current_actor()
    if actor.session_id is not None:
        actions.end_session(db.session(), actor.account_id, actor.session_id, clock.now())
    session.clear()
    return redirect(url_for(".sign_in"))


@bp.post("/sign-out/everywhere")
@requires(OWN_ACCOUNT)
def sign_out_everywhere() -> ResponseReturnValue:
    """End every sign-in of the own account, this one too."""
    actions.end_sessions(db.session(), current_actor().account_id, clock.now())
    session.clear()
    flash(_("所有地方的登录都已退出。"))
    return redirect(url_for(".sign_in"))


@bp.route("/password", methods=["GET", "POST"])
@requires(OWN_ACCOUNT)
def password() -> ResponseReturnValue:
    """Change the own password; every sign-in ends and a new one begins."""
    form = PasswordForm()
    actor = current_actor()
    if form.validate_on_submit():
        try:
            check_own_password(actor, form.old.data or "")
            _change_password(actor, form)
        except (CannotSignIn, UnfitPassword) as refusal:
            form.form_errors.append(say(refusal))
        else:
            flash(_("密码已改好。其他地方的登录都已退出。"))
            return redirect(url_for(".home"))
    return render_template("identity/password.html", form=form), 422 if form.errors else 200


def _change_password(actor: Actor, form: PasswordForm) -> None:
    """Change it, and let the sign-in go on as another one; a code given before stays given."""
    account = queries.account_by_id(db.session(), actor.account_id) or abort(404)
    stepped_at = queries.stepped_at(db.session(), actor.session_id)
    new, old, now = form.new.data or "", form.old.data or "", clock.now()
    renewing.change_password(db.session(), account, old, new, by=actor, now=now)
    agent = request.user_agent.string
    session[COOKIE] = actions.begin_sign_in(db.session(), account.id, agent, now, stepped_at=stepped_at)


@bp.get("/account")
@requires(OWN_ACCOUNT)
def own_account() -> ResponseReturnValue:
    """The own account: roles, and where it is signed in."""
    actor = current_actor()
    sessions = queries.open_sessions(db.session(), actor.account_id, clock.now())
    step = steps.second_step(db.session(), actor.account_id)
    return render_template("identity/own_account.html", sessions=sessions, step=step, form=PlainForm())


@bp.post("/account/sessions/<int:session_id>/end")
@requires(OWN_ACCOUNT)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of the own sign-ins."""
    actions.end_session(db.session(), current_actor().account_id, session_id, clock.now())
    flash(_("那次登录已经退出。"))
    return redirect(url_for(".own_account"))
