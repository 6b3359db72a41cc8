"""The second step: asked after the password, asked again before a contact is opened, set up by its owner."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from evalsys.identity import codes, passwords
from evalsys.identity.actions import accounts, second_step
from evalsys.identity.forms import CodeForm, EnrolForm
from evalsys.identity.queries import accounts as queries
from evalsys.identity.queries import second_step as steps
from evalsys.identity.rules import (
    FREE_FAILURES_OF_ACCOUNT,
    HALF_LASTS,
    OWN_ACCOUNT,
    CannotSignIn,
    WrongCode,
    check_pace,
)
from evalsys.identity.views.blueprint import COOKIE, HALF, bp, check_own_password, half_of, next_page
from evalsys.kernel import clock, database, qr
from evalsys.kernel.access import current_actor, public, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused

CANDIDATE = "new_second_step"


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    """Take the second step of a sign-in whose password was right."""
    now = clock.now()
    account_id = _half_signed_in()
    if account_id is None:
        flash(_("输入动态码要在5分钟以内。请重新登录。"), "caution")
        return redirect(url_for(".sign_in", next=request.args.get("next")))
    form = CodeForm()
    if form.validate_on_submit() and _taken(form, account_id):
        agent = request.user_agent.string
        token = accounts.begin_sign_in(db.session(), account_id, agent, now, stepped_at=now)
        session.clear()
        session[COOKIE] = token
        return redirect(next_page())
    return render_template("identity/code.html", form=form), 422 if form.errors else 200


def _half_signed_in() -> int | None:
    """The account whose password was given right before; None where that is over or it has changed."""
    account_id, given_at, mark = (*session.get(HALF, ()), 0, 0, "")[:3]
    account = queries.account_by_id(db.session(), account_id) if account_id else None
    if account is None or account.disabled_at is not None or mark != half_of(account.password_hash):
        return None
    return account.id if clock.now().timestamp() - given_at < HALF_LASTS / timedelta(seconds=1) else None


def _taken(form: CodeForm, account_id: int) -> bool:
    """Whether the code of a form is right; a wrong one is counted, and the form says what to do."""
    now, asked = clock.now(), queries.asked_here()
    here, anywhere = (passwords.code_attempt(account_id, place) for place in (request.remote_addr or "", ""))
    try:
        check_pace(*queries.failures_of(db.session(), here), now, asked=asked)
        check_pace(*queries.failures_of(db.session(), anywhere), now, free=FREE_FAILURES_OF_ACCOUNT)
        second_step.take_code(db.session(), account_id, form.code.data or "", now)
    except WrongCode as refusal:
        form.form_errors.append(say(refusal))
        for attempt in (here, anywhere):
            accounts.note_failure(db.session(), attempt, now)
        database.keep()
        return False
    except CannotSignIn as refusal:
        form.form_errors.append(say(refusal))
        return False
    for attempt in (here, anywhere):
        accounts.forget_failures(db.session(), attempt)
    return True


@bp.route("/second-step", methods=["GET", "POST"])
@requires(OWN_ACCOUNT)
def step_up() -> ResponseReturnValue:
    """Ask for a code before what wants one given lately; who has none sets it up first."""
    actor = current_actor()
    if not steps.second_step(db.session(), actor.account_id).is_enrolled:
        flash(_("看群众的联系方式,要先设置动态码。"))
        return redirect(url_for(".own_second_step", next=request.args.get("next")))
    form = CodeForm()
    if actor.session_id and form.validate_on_submit() and _taken(form, actor.account_id):
        second_step.note_step(db.session(), actor.session_id, clock.now())
        return redirect(next_page())
    return render_template("identity/code.html", form=form, again=True), 422 if form.errors else 200


@bp.route("/account/second-step", methods=["GET", "POST"])
@requires(OWN_ACCOUNT)
def own_second_step() -> ResponseReturnValue:
    """Set up the own second step, or, with a code of the present one, set it up anew."""
    actor = current_actor()
    standing = steps.second_step(db.session(), actor.account_id)
    if standing.is_enrolled and not actor.has_second_step:
        return redirect(url_for(".step_up", next=url_for(".own_second_step")))
    secret, form = _candidate(actor.account_id), EnrolForm()
    if form.validate_on_submit():
        made = _enrolled(form, secret)
        if made:
            session.pop(CANDIDATE, None)
            return render_template("identity/recovery_codes.html", codes=made, next_url=next_page())
    address = codes.address(secret, actor.name, f"好差评 {request.host}")
    shown = {"form": form, "standing": standing, "secret": secret, "picture": qr.svg(address)}
    return render_template("identity/second_step.html", **shown), 422 if form.errors else 200


def _candidate(account_id: int) -> str:
    """The secret this browser was shown already, or a new one; kept sealed until it is the account's."""
    try:
        return second_step.opened_candidate(session[CANDIDATE], account_id)
    except (KeyError, ValueError, Refused):
        session[CANDIDATE] = second_step.sealed_candidate(account_id)
    return second_step.opened_candidate(session[CANDIDATE], account_id)


def _enrolled(form: EnrolForm, secret: str) -> list[str]:
    """The recovery codes of a second step set up; none where the form now says what is wrong."""
    actor = current_actor()
    try:
        check_own_password(actor, form.password.data or "")
        account = queries.account_by_id(db.session(), actor.account_id)
        if account is None:
            raise CannotSignIn("账号或密码不对。")
        return second_step.enrol(
            db.session(), account, secret, form.code.data or "", by=actor, now=clock.now()
        )
    except Refused as refusal:
        form.form_errors.append(say(refusal))
        return []
