"""The system administrator's pages: accounts, roles, first passwords, tokens."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.identity import passwords
from evalsys.identity.actions import accounts as actions
from evalsys.identity.actions import renewing, second_step
from evalsys.identity.forms import AccountForm, RolesForm, TokenForm, role_choices
from evalsys.identity.queries import accounts as queries
from evalsys.identity.rules import MANAGE_ACCOUNTS, ROLES
from evalsys.identity.views.blueprint import bp
from evalsys.kernel import clock, paging
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.kernel.refusals import Refused
from evalsys.organisation.queries import units


@bp.get("/admin/accounts")
@requires(MANAGE_ACCOUNTS)
def accounts() -> ResponseReturnValue:
    """All accounts, by name, 50 a page."""
    page = paging.page_asked()
    wanted = request.args.get("q", "").strip()
    rows, total = queries.accounts(db.session(), clock.today(), wanted, page)
    pages = max(1, -(-total // queries.PAGE))
    return render_template(
        "identity/accounts.html", rows=rows, total=total, page=page, pages=pages, wanted=wanted, words=ROLES
    )


@bp.route("/admin/accounts/new", methods=["GET", "POST"])
@requires(MANAGE_ACCOUNTS)
def new_account() -> ResponseReturnValue:
    """Make an account and show its first password, this once, as a slip to print."""
    form = AccountForm()
    form.offer(units.unit_names(db.session(), clock.today()))
    if form.validate_on_submit():
        new = actions.NewAccount(
            name=form.name.data or "",
            display_name=form.display_name.data or "",
            unit_id=form.unit.data,
            roles=frozenset(form.roles.data or ()),
        )
        try:
            password = actions.create_account(db.session(), new, current_actor())
        except Refused as refusal:
            form.form_errors.append(say(refusal))
        else:
            return render_template("identity/slips.html", slips=[(new.name, new.display_name, password)])
    return render_template("identity/new_account.html", form=form), 422 if form.errors else 200


@bp.get("/admin/accounts/<int:account_id>")
@requires(MANAGE_ACCOUNTS)
def account(account_id: int) -> ResponseReturnValue:
    """One account: its roles, its sign-ins and tokens, and what can be done with it."""
    return _show(account_id, RolesForm())


def _show(account_id: int, form: RolesForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    shown = queries.account_by_id(session, account_id) or abort(404)
    form.roles.choices = role_choices()
    if not form.is_submitted():
        form.roles.data = sorted(queries.roles_of(session, shown.id))
    page = render_template(
        "identity/account.html",
        account=shown,
        unit=units.unit_names(session, clock.today()).get(shown.unit_id, ""),
        sessions=queries.open_sessions(session, shown.id, clock.now()),
        tokens=queries.tokens_of(session, shown.id),
        form=form,
        token_form=TokenForm(formdata=None),
    )
    return page, status


@bp.post("/admin/accounts/<int:account_id>/roles")
@requires(MANAGE_ACCOUNTS)
def set_roles(account_id: int) -> ResponseReturnValue:
    """Change the roles of an account; its sign-ins end."""
    changed = queries.account_by_id(db.session(), account_id) or abort(404)
    form = RolesForm()
    form.roles.choices = role_choices()
    if form.validate_on_submit():
        try:
            roles = frozenset(form.roles.data or ())
            actions.set_roles(db.session(), changed, roles, current_actor(), clock.now())
        except Refused as refusal:
            form.form_errors.append(say(refusal))
        else:
            flash(_("角色已改。这个账号要重新登录。"))
            return redirect(url_for(".account", account_id=account_id))
    return _show(account_id, form, 422)


@bp.post("/admin/accounts/<int:account_id>/reset")
@requires(MANAGE_ACCOUNTS)
def reset(account_id: int) -> ResponseReturnValue:
    """Give a new first password and show it, this once, as a slip to print."""
    first = passwords.first()
    changed = queries.account_by_id(db.session(), account_id) or abort(404)
    renewing.reset_password(db.session(), changed, first, current_actor(), clock.now())
    return render_template("identity/slips.html", slips=[(changed.name, changed.display_name, first.words)])


@bp.post("/admin/accounts/<int:account_id>/second-step/drop")
@requires(MANAGE_ACCOUNTS)
def drop_second_step(account_id: int) -> ResponseReturnValue:
    """Take the second step away from an account whose telephone is lost."""
    changed = queries.account_by_id(db.session(), account_id) or abort(404)
    second_step.drop(db.session(), changed, current_actor(), clock.now())
    flash(_("动态码已取消,登录都已退出。请本人重新设置。"))
    return redirect(url_for(".account", account_id=account_id))


@bp.post("/admin/accounts/slips")
@requires(MANAGE_ACCOUNTS)
def slips() -> ResponseReturnValue:
    """Give new first passwords to several accounts and show them as slips to print."""
    wanted = request.form.getlist("account", type=int)[: queries.PAGE]
    # A page of them takes seconds to hash: nobody's rating waits for it.
    firsts = [passwords.first() for _ in wanted]
    chosen = queries.accounts_by_id(db.session(), wanted)
    if not chosen:
        raise Refused("请先勾选要打印密码条的账号。")
    printed = []
    for one, first in zip(chosen, firsts, strict=False):
        renewing.reset_password(db.session(), one, first, current_actor(), clock.now())
        printed.append((one.name, one.display_name, first.words))
    return render_template("identity/slips.html", slips=printed)


@bp.post("/admin/accounts/<int:account_id>/<any(disable, enable):verb>")
@requires(MANAGE_ACCOUNTS)
def set_disabled(account_id: int, verb: str) -> ResponseReturnValue:
    """Disable an account, or let it in again."""
    changed = queries.account_by_id(db.session(), account_id) or abort(404)
    actions.set_disabled(
        db.session(), changed, disabled=verb == "disable", by=current_actor(), now=clock.now()
    )
    flash(_("账号已停用。") if verb == "disable" else _("账号已恢复。"))
    return redirect(url_for(".account", account_id=account_id))


@bp.post("/admin/accounts/<int:account_id>/sessions/<int:session_id>/end")
@requires(MANAGE_ACCOUNTS)
def end_session_of(account_id: int, session_id: int) -> ResponseReturnValue:
    """End one sign-in of an account."""
    actions.end_session(db.session(), account_id, session_id, clock.now())
    return redirect(url_for(".account", account_id=account_id))


@bp.post("/admin/accounts/<int:account_id>/tokens")
@requires(MANAGE_ACCOUNTS)
def new_token(account_id: int) -> ResponseReturnValue:
    """Make a bearer token and show it, this once."""
    owner = queries.account_by_id(db.session(), account_id) or abort(404)
    form = TokenForm()
    if not form.validate_on_submit():
        raise Refused("请写明令牌用在哪个系统。")
    token = actions.create_token(db.session(), owner, form.label.data or "", current_actor(), clock.now())
    return render_template("identity/token.html", account=owner, token=token)


@bp.post("/admin/accounts/<int:account_id>/tokens/<int:token_id>/revoke")
@requires(MANAGE_ACCOUNTS)
def revoke_token(account_id: int, token_id: int) -> ResponseReturnValue:
    """Revoke a bearer token."""
    actions.revoke_token(db.session(), account_id, token_id, current_actor(), clock.now())
    flash(_("令牌已作废。"))
    return redirect(url_for(".account", account_id=account_id))
