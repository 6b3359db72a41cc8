"""Refusals noted at windows: the desk makes a report of each, or drops it with a reason."""

import secrets as chance

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evalsys.desk.actions import refusals as actions
from evalsys.desk.forms import ReportForm
from evalsys.desk.queries import refusals
from evalsys.desk.queries.refusals import Draft
from evalsys.desk.rules.refusals import NoReason, NotTheirs
from evalsys.desk.rules.reports import WORK_REPORTS
from evalsys.desk.views.blueprint import bp
from evalsys.desk.views.reports import grouped, hall_asked, report_form
from evalsys.evaluation.rules import plain_text
from evalsys.kernel import clock
from evalsys.kernel.access import current_actor, requires
from evalsys.kernel.database import db
from evalsys.kernel.language import gettext as _
from evalsys.kernel.language import say
from evalsys.organisation.queries import directory
from evalsys.organisation.queries.halls import HallFound


@bp.get("/desk/<hall>/drafts/<int:draft_id>")
@requires(WORK_REPORTS)
def draft(hall: str, draft_id: int) -> ResponseReturnValue:
    """Show a refusal as it was noted, with the report it may become filled in."""
    found = hall_asked(hall)
    noted, form = _draft(found, draft_id), report_form(found)
    form.text.data, form.matter.data, form.window.data = noted.words, noted.matter, str(noted.window_id)
    return _page(found, noted, form)


@bp.post("/desk/<hall>/drafts/<int:draft_id>")
@requires(WORK_REPORTS)
def report_draft(hall: str, draft_id: int) -> ResponseReturnValue:
    """Make a report of a noted refusal."""
    found = hall_asked(hall)
    form = report_form(found)
    if not form.validate():
        return _page(found, _draft(found, draft_id), form), 422
    # Also where it was dealt with: the same form again is given its receipt again.
    connection, actor = db.session().connection(), current_actor()
    receipt = actions.report_draft(connection, draft_id, form.report(found.id), actor, now=clock.now())
    flash(_("已记下。请把查询号给本人:%(receipt)s", receipt=grouped(receipt)))
    return redirect(url_for(".waiting_reports", hall=hall), 303)


@bp.post("/desk/<hall>/drafts/<int:draft_id>/drop")
@requires(WORK_REPORTS)
def drop_draft(hall: str, draft_id: int) -> ResponseReturnValue:
    """Drop a noted refusal, with the reason."""
    found = hall_asked(hall)
    noted, reason = _draft(found, draft_id), plain_text(request.form.get("reason", ""))
    try:
        actions.drop_draft(db.session().connection(), noted, reason, current_actor(), now=clock.now())
    except (NoReason, NotTheirs) as refusal:
        return _page(found, noted, report_form(found), say(refusal)), refusal.status
    flash(_("这一条不办,理由已记下。"))
    return redirect(url_for(".waiting_reports", hall=hall), 303)


def _draft(hall: HallFound, draft_id: int) -> Draft:
    return refusals.draft_by_id(db.session(), hall.id, draft_id) or abort(404)


def _page(hall: HallFound, noted: Draft, form: ReportForm, error: str | None = None) -> str:
    return render_template(
        "desk/draft.html",
        hall=hall,
        draft=noted,
        form=form,
        error=error,
        reason=request.form.get("reason", ""),
        key=form.key.data or chance.token_urlsafe(24),
        windows=directory.windows_on(db.session(), clock.today()),
    )
