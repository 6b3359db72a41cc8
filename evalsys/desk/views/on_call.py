"""The on-call list for urgent orders."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evalsys.desk.actions import on_call as actions
from evalsys.desk.forms import OnCallForm
from evalsys.desk.queries import on_call as turns
from evalsys.desk.rules.on_call import KEEP_ON_CALL, UnfitOnCall
from evalsys.desk.views.blueprint import bp
from evalsys.identity.queries import accounts
from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.organisation.queries import directory


@bp.get("/on-call")
@requires(KEEP_ON_CALL)
def on_call() -> ResponseReturnValue:
    """Show who is on call from now on, and a form for another turn."""
    return _page(OnCallForm())


@bp.post("/on-call")
@requires(KEEP_ON_CALL)
def put_on_call() -> ResponseReturnValue:
    """Write a turn into the list."""
    form, session = OnCallForm(), db.session()
    if not form.validate_on_submit():
        return _page(form), 422
    account = accounts.account_by_name(session, str(form.account.data))
    if account is None or account.disabled_at is not None:
        form.account.errors = [_("没有这个账号")]
        return _page(form), 422
    turn = form.turn(account.unit_id, account.id)
    try:
        actions.put_on_call(session, turn, accounts.roles_of(session, account.id), current_actor())
    except UnfitOnCall as refusal:
        form.account.errors = [say(refusal)]
        return _page(form), 422
    flash(_("已加入值班表。"))
    return redirect(url_for(".on_call"), 303)


@bp.post("/on-call/<int:turn_id>/off")
@requires(KEEP_ON_CALL)
def take_off_call(turn_id: int) -> ResponseReturnValue:
    """Take a turn out of the list."""
    actions.take_off_call(db.session(), turn_id, current_actor())
    flash(_("已从值班表去掉。"))
    return redirect(url_for(".on_call"), 303)


def _page(form: OnCallForm) -> str:
    session, now = db.session(), clock.now()
    found = turns.turns_from(session, now)
    people = accounts.accounts_by_id(session, [turn.account_id for turn in found])
    return render_template(
        "desk/on_call.html",
        form=form,
        turns=found,
        names={one.id: one.display_name for one in people},
        units=directory.units_on(session, clock.day_of(now)),
        now=now,
    )
